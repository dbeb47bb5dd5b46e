import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from svastha.domain.schedule.model import MODES, Offer, TimesChanged
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.outbox import announce
from svastha.kit.refusals import FieldError, Invalid

OFFER = """mode, minutes, fee_paise, every_minutes, before_minutes, after_minutes, travel_minutes, areas, notice,
    horizon, daily_max"""
AREA = re.compile(r"[1-9][0-9]{0,5}")
MOST_AREAS = 200
DEAREST = 100_000_000  # paise


async def set_offers(tx: ClinicTx, doctor_id: UUID, offers: Sequence[Offer]) -> None:
    """What she offers from now on, in place of what she did. What is booked keeps its length and its fee."""
    wrong = list(_wrong(offers))
    if wrong:
        raise Invalid(*wrong)
    await tx.run("SELECT 1 FROM practitioners WHERE doctor_id = :doctor_id FOR NO KEY UPDATE", doctor_id=doctor_id)
    await tx.run("DELETE FROM offers WHERE doctor_id = :doctor_id", doctor_id=doctor_id)
    await tx.run(
        f"INSERT INTO offers (doctor_id, {OFFER}) SELECT :doctor_id, {OFFER} FROM jsonb_to_recordset(:offers) AS r("
        "mode text, minutes int, fee_paise bigint, every_minutes int, before_minutes int, after_minutes int,"
        " travel_minutes int, areas text[], notice interval, horizon interval, daily_max int)",
        doctor_id=doctor_id,
        offers=msgspec.to_builtins(list(offers)),
    )
    announce(tx, TimesChanged(doctor_id))


async def offers_of(tx: ClinicTx, doctor_id: UUID) -> list[Offer]:
    return await tx.all(
        Offer,
        f"SELECT {OFFER} FROM offers WHERE doctor_id = :doctor_id ORDER BY mode",
        doctor_id=doctor_id,
    )


# What each number may be, if it is given.
LIMITS: tuple[tuple[str, Any, Any, str], ...] = (
    ("minutes", 5, 240, N_("From 5 to 240 minutes.")),
    ("every_minutes", 5, 240, N_("From 5 to 240 minutes.")),
    ("fee_paise", 0, DEAREST, N_("From nothing to ten lakh rupees.")),
    ("before_minutes", 0, 120, N_("From 0 to 120 minutes.")),
    ("after_minutes", 0, 120, N_("From 0 to 120 minutes.")),
    ("travel_minutes", 0, 180, N_("From 0 to 180 minutes.")),
    ("notice", timedelta(0), timedelta(days=30), N_("From nothing to 30 days before.")),
    ("horizon", timedelta(days=1), timedelta(days=365), N_("From 1 to 365 days ahead.")),
    ("daily_max", 1, 500, N_("From 1 to 500 visits.")),
)


def _wrong(offers: Sequence[Offer]) -> Iterator[FieldError]:
    if len({offer.mode for offer in offers}) < len(offers):
        yield FieldError("offers", N_("Each kind of visit once, please."))
    for n, offer in enumerate(offers):
        if offer.mode not in MODES:
            yield FieldError(f"offers.{n}.mode", N_("Choose from the list."))
        for field, least, most, says in LIMITS:
            given = getattr(offer, field)
            if given is not None and not least <= given <= most:
                yield FieldError(f"offers.{n}.{field}", says)
        if offer.mode != "home_visit" and (offer.travel_minutes or offer.areas):
            yield FieldError(f"offers.{n}.travel_minutes", N_("Only home visits have a way and an area."))
        if len(offer.areas) > MOST_AREAS or not all(AREA.fullmatch(area) for area in offer.areas):
            yield FieldError(f"offers.{n}.areas", N_("PIN codes, or their first digits: 200 at most."))
