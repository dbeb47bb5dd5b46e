"""When a reminder goes: at its moment, or before the quiet hours that it would fall into."""

from datetime import datetime, time, timedelta, tzinfo

from svastha.domain.notifications import Distance
from svastha.domain.schedule import HouseRules

FINAL = timedelta(minutes=30)  # so close to the visit a reminder goes at any hour
EARLIER = timedelta(minutes=5)  # than the quiet hours, to be sent before they begin
LATE = timedelta(minutes=15)  # a worker may be, without waiting for the morning


def distance(before: timedelta) -> Distance:
    """How people choose among reminders, whatever a clinic's are."""
    if before <= FINAL:
        return "minutes"
    return "hour" if before <= timedelta(hours=6) else "day"


def moment(starts_at: datetime, before: timedelta, rules: HouseRules, where: tzinfo) -> datetime:
    """For somebody in this zone."""
    at = starts_at - before
    begin = quiet_since(at, rules, where) if before > FINAL else None
    return min(at, begin - EARLIER) if begin else at


def quiet_since(at: datetime, rules: HouseRules, where: tzinfo) -> datetime | None:
    """When the quiet hours began that this instant lies in, or None."""
    there = at.astimezone(where)
    over_midnight = rules.quiet_from > rules.quiet_until
    since_today = there.time() >= rules.quiet_from and (over_midnight or there.time() < rules.quiet_until)
    if since_today:
        return _on(there, 0, rules.quiet_from, at)
    if over_midnight and there.time() < rules.quiet_until:
        return _on(there, -1, rules.quiet_from, at)
    return None


def quiet_until(at: datetime, rules: HouseRules, where: tzinfo) -> datetime:
    """When they end, for an instant in them."""
    there = at.astimezone(where)
    tomorrow = rules.quiet_from > rules.quiet_until and there.time() >= rules.quiet_from
    return _on(there, 1 if tomorrow else 0, rules.quiet_until, at)


def _on(there: datetime, days: int, clock: time, like: datetime) -> datetime:
    """As an instant of its own, so that sums with it count real hours."""
    return datetime.combine(there.date() + timedelta(days), clock, there.tzinfo).astimezone(like.tzinfo)
