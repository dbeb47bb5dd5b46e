from uuid import UUID

from svastha.domain import audit
from svastha.kit.connections import split
from svastha.kit.db import ControlTx


async def move(tx: ControlTx, clinic_id: UUID, *, was: str, now: str) -> None:
    """From this commit on its database lies elsewhere. Raises LookupError if it was not where it is thought to be."""
    (name, server), (before, at) = split(now), split(was)
    moved = await tx.run(
        "UPDATE clinics SET database = :name, server = :server WHERE id = :id AND database = :before AND server = :at",
        id=clinic_id,
        name=name,
        server=server,
        before=before,
        at=at,
    )
    if not moved:
        raise LookupError(f"{clinic_id} is not at {was}")
    audit.note(tx, None, "move", "clinic", clinic_id, why=f"from {at or 'main'} to {server or 'main'}")
