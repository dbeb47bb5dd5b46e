"""Whoever runs a clinic learns at once that a record was opened outside the care relation."""

from svastha.domain import accounts, notifications, records
from svastha.kit.db import ClinicTx, ControlTx


async def tell_glass_broken(tx: ClinicTx, event: records.GlassBroken, *, control: ControlTx, site: str) -> None:
    who = await accounts.reached(control, event.account_id)
    for admin in await accounts.holders_of(control, tx.clinic.id, ["clinic_admin"]):
        person = await accounts.reached(control, admin)
        await notifications.send(
            tx,
            await notifications.recipient_of(control, admin),
            "glass_broken",
            name=person.name,
            who=who.name,
            clinic=tx.clinic.name,
            url=f"{site}/c/{tx.clinic.slug}/openings",
        )
