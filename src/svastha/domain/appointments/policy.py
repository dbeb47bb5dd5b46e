from datetime import datetime, timedelta

import msgspec

from svastha.domain.appointments.model import Appointment
from svastha.kit.db import ClinicTx


class Policy(msgspec.Struct, frozen=True):
    """Until so many minutes before it a visit is cancelled or moved freely; after that ``late_percent`` of its fee are
    owed, and of a visit nobody came to ``no_show_percent``."""

    version: int
    free_until_minutes: int
    late_percent: int
    no_show_percent: int
    made_at: datetime


class Terms(msgspec.Struct, frozen=True):
    """A policy as it binds one visit: before ``free_until`` cancelling and moving are free."""

    free_until: datetime
    late_percent: int
    no_show_percent: int


_POLICIES = """SELECT version, (extract(epoch FROM free_until) / 60)::int AS free_until_minutes, late_percent,
    no_show_percent, made_at FROM policies"""


async def policy_in_force(tx: ClinicTx) -> Policy:
    """What a visit booked now is booked under. For what counts for an earlier one see ``terms_of``."""
    return await tx.one(
        Policy,
        f"{_POLICIES} ORDER BY version DESC LIMIT 1",
    )


async def policy_of(tx: ClinicTx, visit: Appointment) -> Policy:
    """What this visit was booked under, whatever is in force today."""
    return await tx.one(Policy, f"{_POLICIES} WHERE version = :version", version=visit.policy)


def terms(policy: Policy, starts_at: datetime) -> Terms:
    """Of a visit that begins then."""
    free_until = starts_at - timedelta(minutes=policy.free_until_minutes)
    return Terms(free_until, policy.late_percent, policy.no_show_percent)


async def terms_of(tx: ClinicTx, visit: Appointment) -> Terms:
    return terms(await policy_of(tx, visit), visit.starts_at)
