from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.appointments.policy import Policy, policy_in_force
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.refusals import FieldError, Invalid, NotFound

MOST_MINUTES = 14 * 24 * 60


async def set_policy(
    tx: ClinicTx, actor: Actor, *, free_until_minutes: int, late_percent: int, no_show_percent: int
) -> Policy:
    """For visits booked from now on: a new version. What is in force already makes none. Raises Invalid."""
    if not actor.may("clinic.policy", tx.clinic.id):
        raise NotFound
    if not 0 <= free_until_minutes <= MOST_MINUTES:
        raise Invalid(FieldError("free_until_minutes", N_("From no time at all to 14 days, in minutes.")))
    for field, percent in (("late_percent", late_percent), ("no_show_percent", no_show_percent)):
        if not 0 <= percent <= 100:
            raise Invalid(FieldError(field, N_("From 0 to 100 percent.")))
    # Whoever changes it at the same time waits here, and counts on from this version.
    await tx.run("SELECT FROM policies WHERE version = 1 FOR UPDATE")
    was = await policy_in_force(tx)
    if (was.free_until_minutes, was.late_percent, was.no_show_percent) == (
        free_until_minutes,
        late_percent,
        no_show_percent,
    ):
        return was
    await tx.run(
        "INSERT INTO policies (version, free_until, late_percent, no_show_percent, made_by)"
        " VALUES (:version, make_interval(mins => :minutes), :late, :no_show, :by)",
        version=was.version + 1,
        minutes=free_until_minutes,
        late=late_percent,
        no_show=no_show_percent,
        by=actor.account_id,
    )
    audit.note(tx, actor.account_id, "change", "policy", str(was.version + 1))
    return await policy_in_force(tx)
