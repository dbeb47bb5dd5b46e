"""Wall clocks of the demo: both clinics are in one zone."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Kolkata")
Span = tuple[datetime, datetime]


def between(span: str) -> tuple[time, time]:
    """``09:30-13:00``."""
    opens, _, closes = span.partition("-")
    return time.fromisoformat(opens), time.fromisoformat(closes)


def moment(day: date, wall: time = time(0)) -> datetime:
    return datetime.combine(day, wall, ZONE)


def span_of(day: date, opens: time, closes: time) -> Span:
    """Closing at or before opening: on the next day."""
    return moment(day, opens), moment(day if closes > opens else day + timedelta(days=1), closes)


def common(spans: list[Span], others: list[Span]) -> list[Span]:
    return [(max(a, c), min(b, d)) for a, b in spans for c, d in others if max(a, c) < min(b, d)]


def less(spans: list[Span], others: list[Span]) -> list[Span]:
    for c, d in others:
        spans = [part for a, b in spans for part in ((a, min(b, c)), (max(a, d), b)) if part[0] < part[1]]
    return spans
