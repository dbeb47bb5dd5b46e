"""What may not be done too often, counted in PostgreSQL, for all processes together.

Every attempt at a secret is counted **before** the secret is looked at, and given back when it was right: however many
come at once, no more than the limit are looked at.

A limit of ``most`` in ``seconds`` lets that many through at once; after that one more every ``seconds / most``. So
nobody is shut out for longer than that: 90 seconds for a pair of network and account, 36 for an account the whole world
tries to get into. Who comes with a device that has signed in to this account before is counted by that device alone, so
that a stranger's attempts do not keep the owner out (OWASP: device cookies); and passwords and codes are counted apart,
so that an attack on one leaves the other open. Links need no limit to guessing.
"""

from math import ceil
from typing import Literal

import msgspec

from svastha.domain.accounts.model import TooManyAttempts
from svastha.domain.accounts.visitor import Visitor
from svastha.kit.db import ControlTx

How = Literal["password", "code"]


class Limit(msgspec.Struct, frozen=True):
    most: int
    seconds: int

    @property
    def step(self) -> float:
        return self.seconds / self.most


LIMITS: dict[str, Limit] = {
    # Wrong passwords and wrong codes, each for itself.
    "pair": Limit(10, 15 * 60),  # one network against one account
    "account": Limit(100, 60 * 60),  # everybody against one account
    "network": Limit(200, 15 * 60),  # one network against all accounts; a mobile network has many people behind one
    "device": Limit(10, 15 * 60),  # a known device against its own account, instead of all three
    # Six digits are few: at most 120 guesses a day, from wherever they come.
    "code account": Limit(30, 6 * 60 * 60),
    # Codes and links that are sent.
    "message": Limit(1, 60),  # to one address for one purpose; more are quietly left out
    "messages": Limit(10, 60 * 60),  # to one address
    "asking": Limit(60, 60 * 60),  # from one network: each SMS costs money
}


class Counted(msgspec.Struct, frozen=True):
    """``what`` names the limit, ``whom`` the one it is for."""

    what: str
    how: str
    whom: str

    @property
    def limit(self) -> Limit:
        return LIMITS.get(f"{self.how} {self.what}") or LIMITS[self.what]


def guesses(how: How, whom: str, visitor: Visitor, *, known_device: bool) -> tuple[Counted, ...]:
    """Where one guess at a secret of ``whom`` (an address or an account's id) is counted."""
    if known_device:
        return (Counted("device", how, f"{whom}\n{visitor.device}"),)
    return (
        Counted("pair", how, f"{whom}\n{visitor.network}"),
        Counted("account", how, whom),
        Counted("network", how, visitor.network),
    )


async def take(tx: ControlTx, *counted: Counted) -> None:
    """Count one attempt everywhere. Raises TooManyAttempts with the seconds after which one would be let through; then
    nothing was counted, for the transaction ends."""
    by_subject = {_subject(tx, one): one for one in counted}
    rows = await tx.all(
        _Row,
        """
        INSERT INTO attempts AS a (subject, free_at)
        SELECT subject, now() + make_interval(secs => step)
        FROM unnest(:subjects::bytea[], :steps::float8[]) AS asked(subject, step) ORDER BY subject
        ON CONFLICT (subject) DO UPDATE SET free_at = greatest(a.free_at, now()) + (excluded.free_at - now())
        RETURNING subject, extract(epoch FROM free_at - now())::float8 AS seconds
        """,
        subjects=list(by_subject),
        steps=[one.limit.step for one in by_subject.values()],
    )
    too_long = max(row.seconds - by_subject[row.subject].limit.seconds for row in rows)
    if too_long > 0.01:
        raise TooManyAttempts(retry_after=ceil(too_long))


class _Row(msgspec.Struct, frozen=True):
    subject: bytes
    seconds: float


async def room_for(tx: ControlTx, counted: Counted) -> bool:
    """The same for one that is quietly left out: counts and says True, or does neither."""
    return bool(
        await tx.run(
            """
            INSERT INTO attempts AS a (subject, free_at) VALUES (:subject, now() + make_interval(secs => :step))
            ON CONFLICT (subject) DO UPDATE SET free_at = greatest(a.free_at, now()) + make_interval(secs => :step)
            WHERE greatest(a.free_at, now()) + make_interval(secs => :step) <= now() + make_interval(secs => :seconds)
            """,
            subject=_subject(tx, counted),
            step=counted.limit.step,
            seconds=counted.limit.seconds + 0.01,
        )
    )


async def forgive(tx: ControlTx, *counted: Counted) -> None:
    """It was right. Where only the owner can have been right, all is forgotten; elsewhere this one attempt, so that an
    account of one's own is no way to try those of others without end."""
    hers = [_subject(tx, one) for one in counted if one.what in ("pair", "device")]
    all_of_us = [one for one in counted if one.what not in ("pair", "device")]
    await tx.run(
        """
        WITH hers AS (DELETE FROM attempts WHERE subject = ANY(:hers::bytea[]))
        UPDATE attempts a SET free_at = free_at - make_interval(secs => step)
        FROM unnest(:subjects::bytea[], :steps::float8[]) AS back(subject, step) WHERE a.subject = back.subject
        """,
        hers=hers,
        subjects=[_subject(tx, one) for one in all_of_us],
        steps=[one.limit.step for one in all_of_us],
    )


def _subject(tx: ControlTx, counted: Counted) -> bytes:
    """Keyed, for the digest of a telephone number or an IP address alone is soon guessed. A new key counts anew."""
    return tx.keys.index((tx.keys.active or (1,))[-1], "attempt", f"{counted.how}\n{counted.what}\n{counted.whom}")
