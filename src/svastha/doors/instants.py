from datetime import date, datetime, time, timedelta, tzinfo

from svastha.kit.i18n import N_
from svastha.kit.refusals import FieldError, Invalid


def instant(field: str, text: str, where: tzinfo, *, days: int = 0) -> datetime:
    """An instant as it was given; a day is its beginning in the clinic's zone, or that of ``days`` later."""
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text) + timedelta(days=days), time(), where)
        found = datetime.fromisoformat(text.replace(" ", "+"))  # a plus that came unescaped
    except (ValueError, OverflowError):
        raise Invalid(FieldError(field, N_("Give a day, or an instant such as 2026-11-21T09:30:00+05:30."))) from None
    if found.tzinfo is None:
        raise Invalid(FieldError(field, N_("Give the offset, as in 2026-11-21T09:30:00+05:30.")))
    return found
