"""Why a wait is not what it was a moment ago. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from svastha.domain.queue.model import Cause, Shown, Turn, Wait

LEAST, SHARE = 5.0, 0.25  # a change below both, in minutes and of the wait, is no jump
REMEMBERED = timedelta(minutes=10)

Change = Literal["none", "narrower", "later", "earlier"]


def change(before: Shown, wait: Wait, at: datetime) -> Change:
    """From what she was told to what is known now, beyond the time that went by. That a range grows narrower within
    itself is what was promised; that it reaches beyond itself is a jump."""
    passed = (at - before.at).total_seconds() / 60
    low, high = wait.low - max(0.0, before.low - passed), wait.high - max(0.0, before.high - passed)
    most = max(LEAST, SHARE * before.high)
    if high > most or low < -most:
        return "later" if low + high > 0 else "earlier"
    return "narrower" if high < -most or low > most else "none"


def shown(
    turn: Turn, wait: Wait, line: Sequence[Turn], others: Mapping[UUID, Turn], *, at: datetime, begun: bool, late: bool
) -> Shown:
    """What she is told now: what she was told before, for as long as it holds, or the new range with its cause.
    ``line``: who is in the queue, in order. ``others``: all of the day with this doctor. ``late``: said by the doctor
    herself, and still so."""
    before = turn.shown
    changed: Change = change(before, wait, at) if before else "none"
    if before and changed == "none":
        return before
    ahead = _ahead(turn, line)
    now = Shown(wait.low, wait.high, at, tuple(one.appointment_id for one in ahead), begun)
    if not before:
        return now
    if changed == "narrower":
        return msgspec.structs.replace(now, cause=before.cause, cause_at=before.cause_at)
    cause = _why(turn, before, changed == "later", ahead, others, begun=begun, late=late)
    return msgspec.structs.replace(now, cause=cause, cause_at=at)


def recent(shown: Shown, at: datetime) -> Cause | None:
    """Why it is not what she was told a moment ago."""
    return shown.cause if shown.cause_at and at - shown.cause_at < REMEMBERED else None


def _ahead(turn: Turn, line: Sequence[Turn]) -> list[Turn]:
    return list(line[: next(k for k, one in enumerate(line) if one.appointment_id == turn.appointment_id)])


def _why(
    turn: Turn,
    before: Shown,
    later: bool,
    ahead: Sequence[Turn],
    others: Mapping[UUID, Turn],
    *,
    begun: bool,
    late: bool,
) -> Cause:
    now = {one.appointment_id for one in ahead}
    came = [one for one in ahead if one.appointment_id not in before.ahead]
    # With the doctor, or done: it was their turn. Anybody else who is no longer before her has gone.
    went = [id for id in before.ahead if id not in now and not _had_turn(others.get(id))]
    current = [one for one in ahead if one.status == "in_progress"]
    if later:
        return _later(turn, before, came, current, begun=begun, late=late)
    if any(others[id].waiting for id in went if id in others) and not turn.skipped_at and _put_forward(turn, before):
        return "moved_up"
    if any(id not in others or others[id].status != "confirmed" for id in went):
        return "somebody_left"
    if went or any(not one.waiting and one.status != "in_progress" and one.starts_at < before.at for one in ahead):
        return "not_come"
    if begun and not before.begun:
        return "doctor_began"
    return "visit_shorter"


def _later(
    turn: Turn, before: Shown, came: Sequence[Turn], current: Sequence[Turn], *, begun: bool, late: bool
) -> Cause:
    if turn.skipped_at and turn.skipped_at > before.at:
        return "moved_back"
    if any(one.priority != "none" for one in came):
        return "priority"
    if came:
        return "came_ahead"
    if late or not begun:
        return "doctor_late"
    return "visit_longer" if current else "doctor_away"


def _had_turn(turn: Turn | None) -> bool:
    return turn is not None and turn.status in ("in_progress", "completed")


def _put_forward(turn: Turn, before: Shown) -> bool:
    return turn.priority != "none" or bool(turn.called_at and turn.called_at > before.at)
