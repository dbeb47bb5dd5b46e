import msgspec

from svastha.domain import audit
from svastha.domain.accounts import Actor, forget
from svastha.domain.doctors.application import mine
from svastha.domain.doctors.application import seen_by as _seen_by
from svastha.domain.doctors.check import checked
from svastha.domain.doctors.claim import claim
from svastha.domain.doctors.model import Application, Changes, Degree, DoctorChanged
from svastha.domain.doctors.refusals import NotNow, RegistrationTaken
from svastha.domain.doctors.step import step
from svastha.kit import clock
from svastha.kit.db import ControlTx
from svastha.kit.outbox import announce

# What somebody has verified. The rest she may change freely.
FACTS = ("name", "council_code", "registration_no", "registered_on", "valid_to", "degrees")


async def save(tx: ControlTx, actor: Actor, changes: Changes) -> Application:
    """Begin an application, or change it. To change what was verified is to be unverified until it is again.

    Raises Invalid for what cannot be right; what is missing matters only to ``submit``. A refused application, and the
    registration of somebody suspended, stay as they are.
    """
    await tx.run(
        "INSERT INTO doctors (id, name, qualifications, council, registration_no, practising_since, languages,"
        " specialties) VALUES (:id, :name, '', '', '', :year, '{}', '{}') ON CONFLICT (id) DO NOTHING",
        id=actor.account_id,
        name=actor.name,
        year=clock.now().year,
    )
    before = await _seen_by(tx, actor, actor.account_id, lock=True)
    after = await checked(tx, before, changes)
    new = any(getattr(before, name) != getattr(after, name) for name in FACTS)
    if before.state == "refused" or (before.state == "suspended" and new):
        raise NotNow
    async with tx.refusing(one_doctor_per_registration=RegistrationTaken):
        await tx.run(
            """
            UPDATE doctors SET name = :name, gender = :gender, council_code = :council_code, council = :council,
                registration_no = :registration_no, registered_on = :registered_on, valid_to = :valid_to,
                degrees = :degrees, qualifications = CASE WHEN :degrees::jsonb = '[]' THEN qualifications
                    ELSE :qualifications END,
                practising_since = coalesce(extract(year FROM :registered_on::date)::int, practising_since),
                languages = :languages, specialties = :specialties, about = :about,
                version = version + CASE WHEN :new THEN 1 ELSE 0 END
            WHERE id = :id
            """,
            id=actor.account_id,
            name=after.name,
            gender=after.gender,
            council_code=after.council_code,
            council=after.council,
            registration_no=after.registration_no,
            registered_on=after.registered_on,
            valid_to=after.valid_to,
            degrees=msgspec.to_builtins(after.degrees),
            qualifications=qualifications(after.degrees),
            languages=after.languages,
            specialties=after.specialties,
            about=after.about,
            new=new,
        )
    if new and before.state not in ("draft", "suspended"):
        await claim(tx, actor.account_id)
    if new and before.state == "verified":
        await tx.run(
            "UPDATE doctors SET state = 'submitted', state_since = now(), verified_at = NULL WHERE id = :id",
            id=actor.account_id,
        )
        await step(tx, actor.account_id, "change", actor.account_id)
        forget(tx, actor.account_id)
    audit.note(tx, actor.account_id, "change", "doctor", actor.account_id, whose=actor.account_id)
    if before.state != "draft":
        announce(tx, DoctorChanged(actor.account_id))
    return await mine(tx, actor)


def qualifications(degrees: list[Degree]) -> str:
    """As it is printed: ``BAMS, MD (Kayachikitsa)``."""
    return ", ".join(f"{one.degree} ({one.subject})" if one.subject else one.degree for one in degrees)
