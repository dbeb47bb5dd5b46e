from uuid import UUID

from svastha.domain import audit
from svastha.kit.db import ControlTx
from svastha.kit.ids import uuid7


async def grant(tx: ControlTx, account_id: UUID, role: str, *, clinic_id: UUID | None, by: UUID | None) -> None:
    """Give a role, once. ``by`` is nobody only where the house itself grants, such as at its founding."""
    await tx.run(
        "INSERT INTO grants (id, account_id, role, clinic_id, granted_by)"
        " VALUES (:id, :account_id, :role, :clinic_id, :by)"
        " ON CONFLICT ON CONSTRAINT one_grant_per_role DO NOTHING",
        id=uuid7(),
        account_id=account_id,
        role=role,
        clinic_id=clinic_id,
        by=by,
    )
    audit.note(tx, by, f"grant {role}", "account", account_id)
