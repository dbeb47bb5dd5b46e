from uuid import UUID

from svastha.domain import keys
from svastha.domain.accounts.by_code import may_send
from svastha.domain.accounts.contacts import address_of
from svastha.domain.accounts.model import CodeWanted
from svastha.domain.accounts.visitor import Visitor
from svastha.kit.db import ControlTx
from svastha.kit.outbox import announce
from svastha.kit.refusals import Invalid


async def ask_again(tx: ControlTx, *, contact: str, visitor: Visitor, sign_up_id: UUID | None = None) -> None:
    """Another code for this sign-up, or for the latest of the address; at most one message a minute goes there.

    Silent for an address that waits for nothing.
    """
    try:
        address = address_of(contact)
    except Invalid:
        return
    waiting: UUID | None = await tx.value(
        """
        SELECT id FROM sign_ups s
        WHERE index = ANY(:indexes::bytea[]) AND (:sign_up_id::uuid IS NULL OR id = :sign_up_id)
            AND NOT EXISTS (SELECT 1 FROM contact_indexes i WHERE i.index = ANY(:indexes::bytea[]))
        ORDER BY id DESC LIMIT 1
        """,
        indexes=await keys.indexes_for_reading(tx, address.kind, address.value),
        sign_up_id=sign_up_id,
    )
    if waiting and await may_send(tx, "sign_up", address, visitor):
        announce(tx, CodeWanted("sign_up", waiting))
