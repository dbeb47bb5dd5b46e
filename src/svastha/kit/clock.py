"""Instants are UTC; days belong to a zone."""

from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def now() -> datetime:
    return datetime.now(UTC)


def zone(name: str, otherwise: str = "Asia/Kolkata") -> tzinfo:
    """The IANA zone of this name; the other one for a name nobody knows (it may come from a cookie)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(otherwise)


def today(where: tzinfo) -> date:
    return now().astimezone(where).date()
