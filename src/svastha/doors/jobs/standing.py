"""What is left to do, over all clinics together: for the operator's dashboard, without saying whose it is."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from prometheus_client import Gauge

from svastha.kit.clock import now
from svastha.kit.outbox import Waiting

DUE = Gauge("svastha_jobs_due", "Jobs that could be done now, by kind.", ("kind",))
ASIDE = Gauge("svastha_jobs_set_aside", "Jobs that failed too often and wait for a person, by kind.", ("kind",))
OLDEST = Gauge("svastha_jobs_oldest_due_seconds", "For how long the oldest job could have been done.")
UNSEALED = Gauge("svastha_audit_unsealed_seconds", "For how long the audit of some database could not be sealed.")
Place = str | None


class Standing:
    """Of one worker, as it found each database when it last counted there."""

    def __init__(self) -> None:
        self._waiting: dict[Place, Sequence[Waiting]] = {}
        self._unsealed: dict[Place, datetime] = {}
        # asked by another thread, so of a copy
        OLDEST.set_function(lambda: _age([o.since for every in list(self._waiting.values()) for o in every if o.since]))
        UNSEALED.set_function(lambda: _age(list(self._unsealed.values())))

    def note(self, place: Place, waiting: Sequence[Waiting]) -> None:
        for sign, every in ((-1, self._waiting.pop(place, ())), (1, waiting)):
            for one in every:
                DUE.labels(one.kind).inc(sign * one.due)
                ASIDE.labels(one.kind).inc(sign * one.set_aside)
        if waiting:
            self._waiting[place] = waiting

    @contextmanager
    def sealing(self, place: Place) -> Iterator[None]:
        """It is owed from the first time this begins until it ends well."""
        self._unsealed.setdefault(place, now())
        yield
        del self._unsealed[place]

    def forget(self, place: Place) -> None:
        """A clinic that has closed."""
        self.note(place, ())
        self._unsealed.pop(place, None)


def _age(moments: Sequence[datetime]) -> float:
    """Seconds since the first of them."""
    return max(0.0, (now() - min(moments, default=now())).total_seconds())
