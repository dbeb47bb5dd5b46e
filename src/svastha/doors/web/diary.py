"""One day after the other, as the pages of doctors and the desk walk through them."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

import msgspec

from svastha.kit import clock
from svastha.kit.i18n import day_words


class Day(msgspec.Struct, frozen=True):
    """A day of a clinic's zone."""

    date: date
    today: bool

    @property
    def previous(self) -> str:
        return (self.date - timedelta(days=1)).isoformat()

    @property
    def next(self) -> str:
        return (self.date + timedelta(days=1)).isoformat()

    def bounds(self, where: tzinfo) -> tuple[datetime, datetime]:
        """From its midnight to the next, however long it is."""
        first = datetime.combine(self.date, time(), where)
        return first.astimezone(UTC), datetime.combine(self.date + timedelta(days=1), time(), where).astimezone(UTC)

    def words(self, lang: str) -> str:
        return day_words(datetime.combine(self.date, time(12), UTC), lang)


def day_of(asked: str, where: tzinfo) -> Day:
    """The day that was asked for as ``2026-11-21``; today for anything else."""
    today = clock.today(where)
    try:
        found = date.fromisoformat(asked)
    except ValueError:
        found = today
    if not today.year - 20 <= found.year <= today.year + 2:
        found = today
    return Day(found, found == today)
