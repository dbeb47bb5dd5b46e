from functools import cache
from zoneinfo import available_timezones


@cache
def zones() -> frozenset[str]:
    """The places one can live at, by their IANA names."""
    return frozenset(available_timezones() - {"Factory", "localtime"})
