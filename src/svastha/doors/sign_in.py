from svastha.domain import accounts
from svastha.domain.accounts import SignedIn
from svastha.doors import visit
from svastha.doors.visit import House


async def sign_in(house: House, *, email: str, password: str, kind: str, user_agent: str = "") -> SignedIn:
    """Read, let the connection go, check the password, then write: the check is slow on purpose."""
    async with house.routing.reading_control() as reading:
        found = await accounts.credentials_of(reading, email)
    proof = await accounts.prove(found, password)
    async with visit.to_control(house) as tx:
        return await accounts.sign_in(tx, proof, kind=kind, user_agent=user_agent)
