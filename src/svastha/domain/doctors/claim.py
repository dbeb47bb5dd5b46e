from uuid import UUID

from svastha.domain.doctors.refusals import RegistrationClaimed
from svastha.kit.db import ControlTx
from svastha.kit.ids import uuid7


async def claim(tx: ControlTx, doctor_id: UUID) -> None:
    """Refuses when somebody else has her council and number, and leaves that for the desk to see.

    Whoever comes at the very same moment is stopped by the index ``one_doctor_per_registration``.
    """
    taken = await tx.run(
        """
        WITH other AS (
            SELECT o.id FROM doctors o JOIN doctors d ON d.id = :id AND o.id <> d.id AND o.council = d.council
                AND registration_key(o.registration_no) = registration_key(d.registration_no)
            WHERE o.state NOT IN ('draft', 'refused'))
        INSERT INTO registration_clashes (id, doctor_id, claimed_by) SELECT :clash_id, id, :id FROM other
        ON CONFLICT ON CONSTRAINT one_clash_per_claim DO UPDATE SET at = now()
        """,
        id=doctor_id,
        clash_id=uuid7(),
    )
    if taken:
        raise RegistrationClaimed
