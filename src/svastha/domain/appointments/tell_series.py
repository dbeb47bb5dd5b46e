from svastha.domain import patients
from svastha.domain.appointments.access import shown
from svastha.domain.appointments.model import ROWS, Row, SeriesBooked
from svastha.domain.appointments.tell import ANSWERABLE, entry_for, tell_one
from svastha.kit.clock import zone
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import moment_words


async def tell_series(tx: ClinicTx, event: SeriesBooked, *, site: str, sender: str) -> None:
    """One message about all visits of a series, each with its entry for the calendar. What was cancelled meanwhile is
    left out."""
    rows = await tx.all(Row, f"{ROWS} WHERE a.series_id = :id ORDER BY a.starts_at, a.id", id=event.series_id)
    visits = [shown(row, tx.clinic.slug) for row in rows if row.status in ANSWERABLE]
    if not visits:
        return
    for one in await patients.told_about(tx, visits[0].patient_id):
        times = [moment_words(visit.starts_at.astimezone(zone(one.zone)), one.locale) for visit in visits]
        await tell_one(
            tx,
            visits[0],
            "series_confirmed",
            one,
            site=site,
            attachments=[await entry_for(tx, visit, one, site=site, sender=sender) for visit in visits if one.email],
            more={"times": "\n".join(times), "count": str(len(visits))},
        )
