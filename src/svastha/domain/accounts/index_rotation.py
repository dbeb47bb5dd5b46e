"""What the rotation of keys asks of this room, beside ``reindex``."""

from svastha.kit.db import ControlTx
from svastha.kit.sealed import Sealed

SEALED = (
    Sealed("contacts", "sealed"),
    Sealed("sign_ups", "sealed"),
    Sealed("identities", "sealed"),
    Sealed("contact_changes", "new"),
    Sealed("contact_changes", "old"),
    Sealed("invitations", "sealed"),
)


async def not_indexed(tx: ControlTx, version: int) -> int:
    """How many addresses have no index of this version yet, those in somebody's hands included."""
    count: int = await tx.value(
        "SELECT count(*) FROM contacts c WHERE NOT EXISTS"
        " (SELECT FROM contact_indexes i WHERE i.contact_id = c.id AND i.version = :version)",
        version=version,
    )
    return count


async def drop_indexes(tx: ControlTx, version: int) -> int:
    """Forget the indexes of a version nobody looks up any more. Returns how many."""
    return await tx.run("DELETE FROM contact_indexes WHERE version = :version", version=version)
