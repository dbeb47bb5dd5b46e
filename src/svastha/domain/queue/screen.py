from uuid import UUID

import msgspec

from svastha.domain import schedule
from svastha.domain.queue import days
from svastha.domain.queue.access import this_day
from svastha.domain.queue.order import in_order
from svastha.kit.db import ClinicTx

NEXT = 6


class Shown(msgspec.Struct, frozen=True):
    """What a waiting room may see of a doctor's queue: numbers. ``called`` begins with the latest call."""

    doctor_id: UUID
    doctor_name: str
    inside: list[int]
    called: list[int]
    next: list[int]
    late_minutes: int | None


async def screen(tx: ClinicTx) -> list[Shown]:
    """Of every doctor who has somebody today, for anybody."""
    doctors = [one.doctor_id for one in await schedule.practitioners(tx)]
    day = this_day(tx)
    turns = [turn for turn in in_order(await days.turns(tx, doctors, day)) if turn.number]
    found = []
    for one in await days.days(tx, doctors, day):
        hers = [turn for turn in turns if turn.doctor_id == one.doctor_id]
        called = [turn for turn in hers if turn.waiting and turn.called_at]
        shown = Shown(
            one.doctor_id,
            one.doctor_name,
            [turn.number for turn in hers if turn.number and turn.status == "in_progress"],
            [turn.number for turn in reversed(called) if turn.number],
            [turn.number for turn in hers if turn.number and turn.waiting and not turn.called_at][:NEXT],
            one.late_minutes,
        )
        if shown.inside or shown.called or shown.next or shown.late_minutes:
            found.append(shown)
    return found
