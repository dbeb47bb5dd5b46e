"""The codes that authenticator apps would show, so that nobody needs one to develop. Absent in production."""

from svastha.adapters import mailbox
from svastha.domain import accounts, factors
from svastha.doors.second_factors import drift_of
from svastha.doors.visit import House
from svastha.kit import clock
from svastha.kit.refusals import Invalid

MOST = 60


async def current_codes(house: House, to: str) -> list[mailbox.Message]:
    """As if they were messages: of the account that is reached at ``to``, or of everybody's apps."""
    assert not house.settings.production
    async with house.routing.reading_control() as tx:
        if to:
            try:
                owner = await accounts.owner_of(tx, accounts.address_of(to))
            except Invalid:
                owner = None
            whose = [owner] if owner else []
        else:
            whose = await factors.with_totp(tx, most=MOST)
        found = []
        for account_id in whose:
            code = await factors.current_code(tx, account_id, drift=drift_of(house))
            if code:
                person = await accounts.reached(tx, account_id)
                found.append(_message(to or person.email or person.phone, code))
        return found


def _message(to: str, code: str) -> mailbox.Message:
    text = f"Your code for Svastha is {code}"
    return mailbox.Message("authenticator", to, "Current code", text, "", clock.now(), [], f"code-{code}")
