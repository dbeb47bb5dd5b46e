"""What the desk types into its forms."""

from datetime import UTC, date, datetime, time, tzinfo

from svastha.kit.i18n import N_
from svastha.kit.refusals import FieldError, Invalid


def moment_of(day: str, at: str, where: tzinfo) -> datetime:
    """A day and a time on the clinic's clock. Raises Invalid."""
    try:
        return datetime.combine(date.fromisoformat(day), time.fromisoformat(at), where).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(FieldError("date", N_("Please give a day and a time."))) from None


def number_of(field: str, text: str, *, least: int, most: int) -> int:
    """Raises Invalid."""
    if text.isascii() and text.isdecimal() and len(text) < 4 and least <= int(text) <= most:
        return int(text)
    raise Invalid(FieldError(field, N_("Please give a number that is possible here.")))
