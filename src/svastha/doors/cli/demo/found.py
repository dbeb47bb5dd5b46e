from uuid import UUID

import msgspec

from svastha.domain import accounts, clinics, doctors
from svastha.doors import visit
from svastha.doors.visit import House
from svastha.kit.crypto import key_from
from svastha.kit.db import ControlTx
from svastha.kit.ids import uuid7

from .people import CLINICS, PASSWORD, PATIENTS, PATIENTS_OF, PLATFORM, STAFF, address
from .physicians import PHYSICIANS
from .weeks import POSTS

Ids = dict[str, UUID]  # of accounts, by sign-in: ``patient1``


class _Known(msgspec.Struct, frozen=True):
    sign_in: str
    id: UUID


async def found(house: House) -> Ids:
    """All that belongs into the control database, in one transaction; nothing where it was done before."""
    async with visit.to_control(house) as tx:
        known = await tx.all(
            _Known,
            "SELECT split_part(email::text, '@', 1) AS sign_in, id FROM accounts WHERE email LIKE :ours",
            ours=address("%"),
        )
        if any(one.sign_in == PLATFORM[0] for one in known):
            return {one.sign_in: one.id for one in known}
        ids = await _invite(tx)
        places = {place.slug: await _provision(tx, house, *place) for place in CLINICS}
        for sign_in, _, role, slug in STAFF:
            await accounts.grant(tx, ids[sign_in], role, clinic_id=places[slug], by=None)
        for post in POSTS:
            await accounts.grant(tx, ids[f"doctor{post.doctor}"], "doctor", clinic_id=places[post.clinic], by=None)
        for number, physician in enumerate(PHYSICIANS, 1):
            doctor = physician.as_doctor(ids[f"doctor{number}"])
            await doctors.register(tx, doctor)
            await doctors.verify(tx, None, doctor.id)
        for slug, numbers in PATIENTS_OF.items():
            for number in numbers:
                await accounts.known_at(tx, actor(ids, number), places[slug])
    return ids


async def _invite(tx: ControlTx) -> Ids:
    password_hash = await accounts.hash_password(PASSWORD)  # slow on purpose, so once for all
    people = [(f"patient{number}", person.name, person.locale) for number, person in enumerate(PATIENTS, 1)]
    people += [(f"doctor{number}", physician.name, "en") for number, physician in enumerate(PHYSICIANS, 1)]
    people += [(sign_in, name, "en") for sign_in, name, *_ in (*STAFF, PLATFORM)]
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
        master_key=key_from(house.settings.master_key),
    )
    await clinics.open_doors(tx, clinic_id)
    return clinic_id


def database_of(house: House, slug: str) -> str:
    return f"{house.settings.database_prefix}_clinic_{slug}"


def actor(ids: Ids, patient: int) -> accounts.Actor:
    """As if she had signed in."""
    sign_in, person = f"patient{patient}", PATIENTS[patient - 1]
    return accounts.Actor(ids[sign_in], uuid7(), address(sign_in), person.name, person.locale, "Asia/Kolkata")
