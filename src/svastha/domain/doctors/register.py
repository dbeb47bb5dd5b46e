from svastha.domain.doctors.model import Doctor, DoctorChanged
from svastha.domain.doctors.refusals import RegistrationTaken
from svastha.kit.db import ControlTx
from svastha.kit.outbox import announce


async def register(tx: ControlTx, doctor: Doctor) -> None:
    """A doctor whom the house invents. Not verified yet, whatever the struct says: see ``verify``."""
    async with tx.refusing(one_doctor_per_registration=RegistrationTaken):
        await tx.run(
            """
            INSERT INTO doctors (id, name, gender, qualifications, council, council_code, registration_no,
                practising_since, languages, specialties, about, valid_to, state)
            VALUES (:id, :name, :gender, :qualifications, :council, (SELECT code FROM councils WHERE name = :council),
                :registration_no, :practising_since, :languages, :specialties, :about, :valid_to, 'submitted')
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
            valid_to=doctor.valid_to,
        )
    announce(tx, DoctorChanged(doctor.id))
