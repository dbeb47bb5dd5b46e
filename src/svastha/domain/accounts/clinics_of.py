from uuid import UUID

from svastha.domain.accounts.actor import Actor
from svastha.kit.db import ControlTx, Tx


async def known_at(tx: ControlTx, actor: Actor, clinic_id: UUID) -> None:
    """Remember that this person is, or is about to be, a patient there. Without it her visits would have to be looked
    for in the database of every clinic."""
    await tx.run(
        "INSERT INTO account_clinics (account_id, clinic_id) VALUES (:account_id, :clinic_id) ON CONFLICT DO NOTHING",
        account_id=actor.account_id,
        clinic_id=clinic_id,
    )


# Slugs of the clinics where ``:account_id`` is known as a patient, to stand in larger queries.
CLINICS_OF = """ARRAY(SELECT c.slug FROM account_clinics a JOIN clinics c ON c.id = a.clinic_id
    WHERE a.account_id = :account_id AND c.open_since IS NOT NULL ORDER BY c.slug)"""


async def clinics_of(tx: Tx, actor: Actor) -> list[str]:
    """Slugs of the clinics where the actor is known as a patient."""
    slugs: list[str] = await tx.value(f"SELECT {CLINICS_OF}", account_id=actor.account_id)
    return slugs
