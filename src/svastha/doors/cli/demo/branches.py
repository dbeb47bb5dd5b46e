"""Where the invented clinics are, and how they go about time."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec

from svastha.domain import schedule
from svastha.domain.accounts import Actor
from svastha.domain.schedule import BranchHours, ResourceKind
from svastha.kit.db import ClinicTx

from .clock import between

Key = Literal["peth", "river", "banyan"]


class Site(NamedTuple):
    """A branch. ``spans``: its hours on each of ``days``; what lies between two of them is lunch. ``rooms`` by name."""

    clinic: str
    key: Key
    name: str
    address: str
    days: range
    spans: tuple[str, ...]
    rooms: tuple[tuple[str, ResourceKind], ...] = ()


SITES = (
    Site(
        "asha",
        "peth",
        "Sample Peth",
        "7 Neem Lane, Sample Peth, Pune 411000",
        range(1, 8),
        ("08:00-13:30", "14:00-20:00"),
        (("Room 1", "room"), ("Room 2", "room")),
    ),
    Site(
        "asha",
        "river",
        "River Road",
        "3 Ghat Steps, River Road, Pune 411000",
        range(1, 7),
        ("09:00-13:30", "14:30-18:30"),
        (("Therapy room", "therapy_room"),),
    ),
    Site("nadi", "banyan", "Banyan Cross", "21 Banyan Cross, Bengaluru 560000", range(1, 8), ("07:30-20:30",)),
)
HOURS: dict[Key, Site] = {site.key: site for site in SITES}

# Counted from today. The branches are closed; who works by video or at people's homes is not.
HOLIDAY = {"asha": (9, "Local festival")}
# What each clinic has decided otherwise than most.
RULES: dict[str, dict[str, Any]] = {
    "asha": {"offer_minutes": 240},
    "nadi": {"booking": "requested", "answer_within": timedelta(days=2)},
}

Places = dict[str, UUID]  # branches by key, rooms by name


def is_holiday(clinic: str, day: date, today: date) -> bool:
    return clinic in HOLIDAY and day == today + timedelta(HOLIDAY[clinic][0])


async def open_all(tx: ClinicTx, admin: Actor) -> Places:
    """The clinic's branches and rooms, and its rules about time."""
    rules = await schedule.house_rules(tx)
    await schedule.set_house_rules(tx, admin, msgspec.structs.replace(rules, **RULES[tx.clinic.slug]))
    places: Places = {}
    for site in SITES:
        if site.clinic != tx.clinic.slug:
            continue
        opened = await schedule.open_branch(
            tx, admin, name=site.name, address=site.address, hours=list(_hours(site.days, site.spans))
        )
        places[site.key] = opened.id
        for name, kind in site.rooms:
            room = await schedule.add_resource(tx, admin, branch_id=opened.id, kind=kind, name=name)
            places[name] = room.id
    return places


async def close_for_holiday(tx: ClinicTx, admin: Actor, places: Places, today: date) -> None:
    for site in SITES:
        if site.clinic == tx.clinic.slug and site.clinic in HOLIDAY:
            ahead, name = HOLIDAY[site.clinic]
            await schedule.add_holiday(tx, admin, day=today + timedelta(ahead), name=name, branch_id=places[site.key])


def _hours(days: Iterable[int], spans: Iterable[str]) -> Iterable[BranchHours]:
    return [BranchHours(day, *between(span)) for day in days for span in spans]
