from uuid import UUID

from svastha.domain import accounts, clinics, doctors, factors
from svastha.doors import visit
from svastha.doors.visit import House
from svastha.kit.db import ControlTx
from svastha.kit.ids import uuid7

from . import work
from .people import APPLICANTS, CLINICS, PASSWORD, PATIENTS, PATIENTS_OF, PLATFORM, STAFF, address
from .physicians import PHYSICIANS
from .weeks import POSTS

Ids = dict[str, UUID]  # of accounts, by sign-in: ``patient1``
ENROLLED = ("platform", "support", "admin", "auditor", "doctor")  # with an authenticator app


async def found(house: House) -> Ids:
    """All that belongs into the control database, in one transaction; nothing where it was done before."""
    async with visit.to_control(house) as tx:
        if known := await _known(tx):
            return known
        ids = await _invite(tx)
        places = {place.slug: await _provision(tx, house, *place) for place in CLINICS}
        for sign_in, _, role, slug in STAFF:
            await accounts.grant(tx, ids[sign_in], role, clinic_id=places[slug] if slug else None, by=None)
        for post in POSTS:
            await accounts.grant(tx, ids[f"doctor{post.doctor}"], "doctor", clinic_id=places[post.clinic], by=None)
        for number, physician in enumerate(PHYSICIANS, 1):
            doctor = physician.as_doctor(ids[f"doctor{number}"])
            await doctors.register(tx, doctor)
            await doctors.verify(tx, doctor.id)
        for sign_in, id in ids.items():  # their codes are in the development mailbox
            if sign_in.startswith(ENROLLED):
                await factors.enrol_totp(tx, id)
        for slug, numbers in PATIENTS_OF.items():
            for number in numbers:
                await accounts.known_at(tx, actor(ids, number), places[slug])
        await work.for_the_platform(tx, ids)
        await work.for_a_clinic(tx, ids, places["asha"], "admin1")
        await work.calendar_feeds(tx, ids, places["asha"])
    return ids


async def _known(tx: ControlTx) -> Ids:
    """Nobody, or everybody: they were founded in one transaction."""
    found = {}
    for sign_in, _, _ in _everybody():
        if not (id := await accounts.owner_of(tx, accounts.Address("email", address(sign_in)))):
            break
        found[sign_in] = id
    return found


def _everybody() -> list[tuple[str, str, str]]:
    """Sign-in, name, language. Who runs the platform comes first."""
    people = [(PLATFORM[0], PLATFORM[1], "en")]
    people += [(f"patient{number}", person.name, person.locale) for number, person in enumerate(PATIENTS, 1)]
    people += [(f"doctor{number}", physician.name, "en") for number, physician in enumerate(PHYSICIANS, 1)]
    people += [(f"applicant{number}", one.name, "en") for number, one in enumerate(APPLICANTS, 1)]
    people += dict.fromkeys((sign_in, name, "en") for sign_in, name, *_ in STAFF)
    return people


async def _invite(tx: ControlTx) -> Ids:
    password_hash = await accounts.hash_password(PASSWORD)  # slow on purpose, so once for all
    people = _everybody()
    ids = {sign_in: uuid7() for sign_in, _, _ in people}
    for sign_in, name, locale in people:
        await accounts.register_verified(
            tx,
            account_id=ids[sign_in],
            email=address(sign_in),
            name=name,
            password_hash=password_hash,
            locale=locale,
        )
    return ids


async def _provision(
    tx: ControlTx, house: House, slug: str, name: str, address: str, city: str, state: str, phone: str
) -> UUID:
    clinic_id = await clinics.provision(
        tx,
        slug=slug,
        name=name,
        address=address,
        city=city,
        state=state,
        phone=phone,
        zone="Asia/Kolkata",
        database=database_of(house, slug),
        locksmith=house.routing.locksmith,
    )
    await clinics.open_doors(tx, clinic_id)
    return clinic_id


def database_of(house: House, slug: str) -> str:
    return f"{house.settings.database_prefix}_clinic_{slug}"


def actor(ids: Ids, patient: int) -> accounts.Actor:
    """As if she had signed in."""
    sign_in, person = f"patient{patient}", PATIENTS[patient - 1]
    return accounts.Actor(ids[sign_in], uuid7(), address(sign_in), person.name, person.locale, "Asia/Kolkata")
