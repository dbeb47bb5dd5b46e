"""A queue as it is now, with what each of those who wait is told."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from svastha.domain import schedule
from svastha.domain.queue import causes, days
from svastha.domain.queue.access import this_day
from svastha.domain.queue.days import Day
from svastha.domain.queue.model import Shown, Turn, Wait
from svastha.domain.queue.order import in_order
from svastha.domain.queue.pace import paces
from svastha.domain.queue.wait import Pace, waits
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx

BEFORE_OPENING = timedelta(hours=1)  # what began so long before belongs to the session


class Seen(msgspec.Struct, frozen=True):
    """``turns``: of the whole day, those in the queue first, in order. ``waits``: of those who are in it today, whether
    or not they have arrived. ``reasons``: sealed."""

    day: Day
    turns: list[Turn]
    waits: Mapping[UUID, Wait]
    reasons: Mapping[UUID, bytes]


class _Told(msgspec.Struct, frozen=True):
    line: list[Turn]
    waits: dict[UUID, Wait]
    changed: dict[UUID, Shown]


async def look(tx: ClinicTx, doctors: Sequence[UUID], day: date) -> list[Seen]:
    """Of each doctor one, by name. What somebody is told is remembered, so that a later change can be explained."""
    known = await days.days(tx, doctors, day)
    found: dict[UUID, list[Turn]] = {one.doctor_id: [] for one in known}
    reasons: dict[UUID, bytes] = {}
    for turn, why in await days.turns_with_reasons(tx, doctors, day):
        found[turn.doctor_id].append(turn)
        if why:
            reasons[turn.appointment_id] = why
    told = await _tell(tx, known, found) if day == this_day(tx) else {}
    await _remember(tx, {id: shown for one in told.values() for id, shown in one.changed.items()})
    seen = []
    for one in known:
        its = told.get(one.doctor_id) or _Told([], {}, {})
        rest = [turn for turn in in_order(found[one.doctor_id]) if turn not in its.line]
        seen.append(Seen(one, [*its.line, *rest], its.waits, reasons))
    return seen


async def _tell(tx: ClinicTx, known: Sequence[Day], found: Mapping[UUID, Sequence[Turn]]) -> dict[UUID, _Told]:
    at, late_after = now(), (await schedule.house_rules(tx)).late_after
    lines = {id: [turn for turn in in_order(turns) if _to_come(turn, at, late_after)] for id, turns in found.items()}
    busy = [id for id, line in lines.items() if line]
    if not busy:
        return {}
    pace, opens = await paces(tx, {id: found[id] for id in busy}), await _opens(tx, busy, at)
    return {
        one.doctor_id: _told(
            lines[one.doctor_id],
            found[one.doctor_id],
            one,
            pace[one.doctor_id],
            opens.get(one.doctor_id),
            at=at,
            late_after=late_after,
        )
        for one in known
        if one.doctor_id in busy
    }


def _to_come(turn: Turn, at: datetime, late_after: timedelta) -> bool:
    if turn.waiting or turn.status == "in_progress":
        return True
    late = late_after + timedelta(minutes=turn.says_late or 0)
    return turn.status in ("confirmed", "checked_in") and turn.starts_at + late > at


async def _opens(tx: ClinicTx, doctors: Sequence[UUID], at: datetime) -> dict[UUID, datetime]:
    """When the hours begin that each is in, or the next ones of the day."""
    from_at, _ = days.bounds(tx, this_day(tx))
    opens: dict[UUID, datetime] = {}
    for piece in await schedule.open_pieces(tx, doctors, from_at=from_at, to_at=at + timedelta(days=1)):
        if piece.ends_at > at:
            opens.setdefault(piece.doctor_id, piece.starts_at)
    return opens


def _told(
    line: list[Turn],
    turns: Sequence[Turn],
    day: Day,
    pace: Pace,
    opens: datetime | None,
    *,
    at: datetime,
    late_after: timedelta,
) -> _Told:
    begun = any(one.began_at and (opens is None or one.began_at > opens - BEFORE_OPENING) for one in turns)
    booked = [one.starts_at for one in line if one.placed != "walk_in"]
    resumes = _resumes(day, turns, at)
    found = waits(
        line,
        pace,
        at=at,
        late_after=late_after,
        begun=begun,
        opens_at=min([*booked, *([opens] if opens else [])], default=None),
        resumes_at=resumes,
    )
    told = _Told(line, {}, {})
    everybody = {turn.appointment_id: turn for turn in turns}
    for turn, wait in zip(line, found, strict=True):
        told.waits[turn.appointment_id] = wait
        if turn.waiting:
            shown = causes.shown(turn, wait, line, everybody, at=at, begun=begun, late=resumes is not None)
            told.waits[turn.appointment_id] = Wait(wait.low, wait.high, causes.recent(shown, at))
            if shown is not turn.shown:
                told.changed[turn.appointment_id] = shown
    return told


def _resumes(day: Day, turns: Sequence[Turn], at: datetime) -> datetime | None:
    """As she said, if that is still to come, and nobody came in since."""
    if day.resumes_at is None or day.late_said_at is None or day.resumes_at <= at:
        return None
    since = day.late_said_at
    came = any(turn.status == "in_progress" or (turn.began_at and turn.began_at > since) for turn in turns)
    return None if came else day.resumes_at


async def _remember(tx: ClinicTx, changed: Mapping[UUID, Shown]) -> None:
    """Nobody waits for it: of two who look at once, one writes."""
    if changed:
        await tx.run(
            """
            UPDATE queue_entries SET shown = r.shown FROM jsonb_to_recordset(:rows) AS r(id uuid, shown jsonb)
            WHERE appointment_id = r.id AND appointment_id IN (SELECT appointment_id FROM queue_entries
                WHERE appointment_id = ANY(:ids::uuid[]) FOR UPDATE SKIP LOCKED)
            """,
            rows=[{"id": str(id), "shown": msgspec.to_builtins(shown)} for id, shown in changed.items()],
            ids=list(changed),
        )
