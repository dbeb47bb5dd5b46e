from collections.abc import Iterator
from datetime import timedelta

import msgspec

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.schedule.model import HouseRules
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.refusals import FieldError, Invalid

RULES = """booking, answer_within, late_after, late_rule, late_places, remind_before, quiet_from, quiet_until,
    offer_minutes"""
MOST_REMINDERS = 5
SOONEST, LATEST = timedelta(minutes=5), timedelta(days=14)


async def house_rules(tx: ClinicTx) -> HouseRules:
    """How this clinic goes about time."""
    return await tx.one(HouseRules, f"SELECT {RULES} FROM house_rules")


async def set_house_rules(tx: ClinicTx, actor: Actor, rules: HouseRules) -> HouseRules:
    """From now on; what was booked, asked or offered before goes by what was said then."""
    wrong = list(_wrong(rules))
    if wrong:
        raise Invalid(*wrong)
    await tx.run(
        """
        UPDATE house_rules SET booking = :booking, answer_within = :answer_within, late_after = :late_after,
            late_rule = :late_rule, late_places = :late_places, remind_before = :remind_before,
            quiet_from = :quiet_from, quiet_until = :quiet_until, offer_minutes = :offer_minutes
        """,
        **msgspec.structs.asdict(rules) | {"remind_before": sorted(set(rules.remind_before), reverse=True)},
    )
    audit.note(tx, actor.account_id, "change", "house_rules", tx.clinic.slug)
    return await house_rules(tx)


def _wrong(rules: HouseRules) -> Iterator[FieldError]:
    if not timedelta(minutes=15) <= rules.answer_within <= timedelta(days=7):
        yield FieldError("answer_within", N_("From 15 minutes to 7 days."))
    if not timedelta(0) <= rules.late_after <= timedelta(hours=2):
        yield FieldError("late_after", N_("From 0 to 120 minutes."))
    if not 0 <= rules.late_places <= 20:
        yield FieldError("late_places", N_("From 0 to 20 places."))
    if len(rules.remind_before) > MOST_REMINDERS:
        yield FieldError("remind_before", N_("At most five reminders."))
    elif not all(SOONEST <= before <= LATEST for before in rules.remind_before):
        yield FieldError("remind_before", N_("From 5 minutes to 14 days before."))
    for field, at in (("quiet_from", rules.quiet_from), ("quiet_until", rules.quiet_until)):
        if at.second or at.microsecond or at.tzinfo:
            yield FieldError(field, N_("Clock times have hours and minutes alone."))
    if not 5 <= rules.offer_minutes <= 720:
        yield FieldError("offer_minutes", N_("From 5 to 720 minutes."))
