"""What lies on the desks of those who run a clinic or the platform, and in a family: something to decide, to answer,
to review."""

from datetime import date
from uuid import UUID

from svastha.domain import accounts, calendars, clinics, doctors, patients, records
from svastha.domain.accounts import Actor, Grant
from svastha.domain.doctors import Changes, Degree
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx, ControlTx
from svastha.kit.ids import uuid7
from svastha.kit.pdf import typeset

from .people import APPLICANTS, CLINICS, PATIENTS, PLATFORM, address

CERTIFICATE = b"""#set page(width: 148mm, height: 105mm)
#set align(center + horizon)
#text(size: 16pt)[Certificate] \\
Invented for the demo of Svastha. It says nothing about anybody."""
LATER = "The photo of your degree certificate is too dark to read. Please scan it again."
EMERGENCY = "Brought in faint by a neighbour; I have to know about medicines and allergies."
COVER = "Asked by telephone about a reaction to a medicine while her doctor is on leave."


async def for_the_platform(tx: ControlTx, ids: dict[str, UUID]) -> None:
    """Doctors who apply: two wait for somebody to look, one for a better photo, one has just begun."""
    paper = typeset(CERTIFICATE, {}, at=now().replace(microsecond=0))
    boss = person(ids, PLATFORM[0], PLATFORM[1], Grant("platform_admin"))
    for number, one in enumerate(APPLICANTS, 1):
        actor = person(ids, f"applicant{number}", one.name)
        await doctors.save(
            tx,
            actor,
            Changes(
                name=one.name,
                gender=one.gender,
                council_code=one.council_code,
                registration_no=one.registration_no,
                registered_on=date(one.since, 7, 14),
                degrees=[Degree("BAMS", one.university, one.since - 1)],
                languages=["en", "hi"],
                specialties=["kayachikitsa"],
            ),
        )
        if one.state == "draft":
            continue
        for kind in doctors.KINDS:
            await doctors.put_document(tx, actor, kind, paper)
        await doctors.submit(tx, actor)
        if one.state == "more_wanted":
            await doctors.decide(tx, boss, actor.account_id, "ask_for_more", reason=LATER)


async def for_a_clinic(tx: ControlTx, ids: dict[str, UUID], clinic_id: UUID, admin: str) -> None:
    """An invitation that nobody has answered, a key for another system, and a rule about second factors."""
    actor = person(ids, admin, "", Grant("clinic_admin", clinic_id))
    await accounts.invite(tx, actor, clinic_id, address("newcomer"), ["receptionist", "therapist"])
    await accounts.make_key(
        tx, actor, clinic_id, name="Appointments on our website", scopes=["visit.read", "people.read"]
    )
    await clinics.require_second_factor(tx, actor, clinic_id, ["auditor"])


async def calendar_feeds(tx: ControlTx, ids: dict[str, UUID], clinic_id: UUID) -> None:
    """Subscribed long ago by two people: to be seen and revoked. Their addresses nobody knows any more."""
    await calendars.make_feed(tx, person(ids, "doctor1", "", Grant("doctor", clinic_id)), "doctor")
    await calendars.make_feed(tx, _patient(ids, 1), "patient")


async def in_a_clinic(tx: ClinicTx, ids: dict[str, UUID], known: dict[int, UUID]) -> None:
    """Families, and records that were opened outside the care relation; one of those was looked at since. ``known``:
    the patients of this clinic, by number."""
    if tx.clinic.slug != CLINICS[0].slug:
        return
    await patients.register_dependant(
        tx, _patient(ids, 1), name="Aarav Deshmukh", birth_date=date(2019, 8, 12), sex="male", relation="father"
    )
    await patients.invite_guardian(tx, _patient(ids, 14), contact=address("patient9"), relation="daughter")
    role = Grant("doctor", tx.clinic.id)
    await records.break_glass(tx, person(ids, "doctor3", "Dr Farah Shaikh", role), known[13], reason=COVER)
    admin = person(ids, "admin1", "Prakash Inamdar", Grant("clinic_admin", tx.clinic.id))
    for opening in await records.openings(tx, admin):
        await records.review(tx, admin, opening.id, verdict="in_order", remark="She told me the same evening.")
    await records.break_glass(tx, person(ids, "doctor2", "Dr Sameer Joshi", role), known[18], reason=EMERGENCY)


def _patient(ids: dict[str, UUID], number: int) -> Actor:
    return person(ids, f"patient{number}", PATIENTS[number - 1].name)


def person(ids: dict[str, UUID], sign_in: str, name: str, *grants: Grant) -> Actor:
    """As if she had signed in."""
    return Actor(
        ids[sign_in], uuid7(), address(sign_in), name, "en", "Asia/Kolkata", grants, proven_at=now(), second_factor=True
    )
