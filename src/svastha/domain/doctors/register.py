from svastha.domain.doctors.model import Doctor, DoctorChanged
from svastha.kit.db import ControlTx
from svastha.kit.i18n import N_
from svastha.kit.outbox import announce
from svastha.kit.refusals import Conflict


class RegistrationTaken(Conflict):
    code = "registration_taken"
    says = N_("This registration number already belongs to somebody.")


async def register(tx: ControlTx, doctor: Doctor) -> None:
    """Not verified yet, whatever the struct says: that is somebody else's to say."""
    async with tx.refusing(one_doctor_per_registration=RegistrationTaken):
        await tx.run(
            """
            INSERT INTO doctors (id, name, gender, qualifications, council, registration_no, practising_since,
                languages, specialties, about)
            VALUES (:id, :name, :gender, :qualifications, :council, :registration_no, :practising_since, :languages,
                :specialties, :about)
            """,
            id=doctor.id,
            name=doctor.name,
            gender=doctor.gender,
            qualifications=doctor.qualifications,
            council=doctor.council,
            registration_no=doctor.registration_no,
            practising_since=doctor.practising_since,
            languages=doctor.languages,
            specialties=doctor.specialties,
            about=doctor.about,
        )
    announce(tx, DoctorChanged(doctor.id))
