from urllib.parse import urlencode

from svastha.domain import patients
from svastha.domain.appointments.access import for_verification
from svastha.domain.appointments.alternatives import Alternative, alternatives
from svastha.domain.appointments.displaced import away
from svastha.domain.appointments.links import links_for
from svastha.domain.appointments.model import VisitDisplaced, VisitStands
from svastha.domain.appointments.tell import tell, tell_one
from svastha.domain.patients import Told
from svastha.kit.clock import zone
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_, moment_words, translator

NOTHING_FREE = N_("At this moment we know of no other time; the clinic will find one with you.")


async def tell_displaced(tx: ClinicTx, event: VisitDisplaced, *, site: str, secret: str) -> None:
    """The doctor will be away: which times are free instead, each behind a link of its own. Silent when she has
    answered, or the leave was taken back."""
    visit = await for_verification(tx, event.appointment_id)
    if await away(tx, visit.id) is None:
        return
    found = await alternatives(tx, visit)
    for one in await patients.told_about(tx, visit.patient_id):
        tokens = await links_for(tx, visit, one, secret=secret)
        choices = "\n".join(_line(alternative, one, f"{site}/m/{tokens['move']}") for alternative in found)
        await tell_one(
            tx,
            visit,
            "visit_displaced",
            one,
            site=site,
            secret=secret,
            more={
                "choices": choices or translator(one.locale)(NOTHING_FREE),
                "move": f"{site}/m/{tokens['move']}",
                "cancel": f"{site}/m/{tokens['cancel']}",
            },
        )


def _line(alternative: Alternative, one: Told, url: str) -> str:
    at = moment_words(alternative.starts_at.astimezone(zone(one.zone)), one.locale)
    choice = urlencode({"at": alternative.starts_at.isoformat(), "with": str(alternative.doctor_id)})
    return f"{at}, {alternative.doctor_name}: {url}?{choice}"


async def tell_stands(tx: ClinicTx, event: VisitStands, *, site: str, secret: str) -> None:
    """The doctor is there after all. Silent when the visit is no more, or she is away for another reason."""
    visit = await for_verification(tx, event.appointment_id)
    if visit.status in ("requested", "confirmed", "checked_in") and await away(tx, visit.id) is None:
        await tell(tx, visit, "visit_stands", site=site, secret=secret)
