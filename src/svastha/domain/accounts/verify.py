from uuid import UUID

from svastha.domain import audit, keys
from svastha.domain.accounts import attempts, codes
from svastha.domain.accounts.contacts import Address, address_of, owner_of, put_contact
from svastha.domain.accounts.model import WrongCode
from svastha.domain.accounts.visitor import Visitor
from svastha.kit.db import ControlTx
from svastha.kit.refusals import Invalid


async def verify_contact(
    tx: ControlTx, *, contact: str, code: str, visitor: Visitor, sign_up_id: UUID | None = None
) -> UUID:
    """Makes the sign-up this code was sent for an account, with its own name and password; all others end.

    A browser remembers its ``sign_up_id``: then no code but that one's is right, so that nobody confirms for a stranger
    who signed up with her address. The same refusal for a wrong code, an old one, an address nobody has. Returns the
    account's id. Raises WrongCode, TooManyAttempts.
    """
    try:
        address = address_of(contact)
    except Invalid:
        raise WrongCode from None
    counted = attempts.guesses("code", address.value, visitor, known_device=False)
    await attempts.take(tx, *counted)
    indexes = await keys.indexes_for_reading(tx, address.kind, address.value)
    waiting: list[UUID] = await tx.value(
        "SELECT coalesce(array_agg(id), '{}') FROM sign_ups WHERE index = ANY(:indexes::bytea[])", indexes=indexes
    )
    mine = [id for id in waiting if sign_up_id in (None, id)]
    chosen = await codes.spend(tx, "sign_up", mine, codes.typed(code))
    if chosen is None or await owner_of(tx, address):
        raise WrongCode
    await _open(tx, chosen, address)
    await tx.run("DELETE FROM sign_ups WHERE index = ANY(:indexes::bytea[])", indexes=indexes)
    await attempts.forgive(tx, *counted)
    audit.note(tx, chosen, "verify_contact", "account", chosen, whose=chosen)
    return chosen


async def _open(tx: ControlTx, sign_up_id: UUID, address: Address) -> None:
    await tx.run(
        "INSERT INTO accounts (id, name, password_hash, locale, zone, email_verified_at)"
        " SELECT id, name, password_hash, locale, zone, CASE kind WHEN 'email' THEN now() END"
        " FROM sign_ups WHERE id = :id",
        id=sign_up_id,
    )
    await put_contact(tx, sign_up_id, address)
