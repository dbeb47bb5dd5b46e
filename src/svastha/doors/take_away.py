"""All we know about a person, for herself to take along: JSON for programs, and her signed documents as they are."""

import io
import zipfile
from datetime import datetime

import msgspec

from svastha.domain import accounts, notifications, patients, prescriptions, records
from svastha.domain.accounts import Contact, Identity, Me, SessionSeen, SignInSeen
from svastha.domain.notifications import Preferences
from svastha.domain.records import Record
from svastha.doors import visit
from svastha.doors.visit import Asked
from svastha.kit import clock

README = """What Svastha knows about you, taken on {at}.

account.json        your account: name, addresses, ways in, sessions, recent sign-ins
clinics/<name>.json what each clinic has written down about you: visits, notes and prescriptions that were signed
clinics/<name>-….json  the same about each person you have registered there
clinics/<name>/     the signed prescriptions as PDF
"""


class AccountTaken(msgspec.Struct, frozen=True):
    taken_at: datetime
    me: Me
    contacts: list[Contact]
    identities: list[Identity]
    prefers: Preferences
    sessions: list[SessionSeen]
    sign_ins: list[SignInSeen]


async def take_away(request: Asked) -> bytes:
    """A ZIP archive. Reads one clinic after the other."""
    house, actor, at = visit.house_of(request), await visit.actor_of(request), clock.now()
    async with visit.to_control(house) as control:
        account = AccountTaken(
            at,
            await accounts.me(control, actor),
            await accounts.contacts_of(control, actor.account_id),
            await accounts.identities_of(control, actor.account_id),
            await notifications.preferences_of(control, actor.account_id),
            await accounts.sessions_of(control, actor),
            await accounts.recent_sign_ins(control, actor),
        )
        places = await accounts.clinics_of(control, actor)
        accounts.note_export(control, actor)
    files = {"README.txt": README.format(at=at.isoformat(timespec="minutes")).encode(), "account.json": _json(account)}
    for clinic in places:
        async with visit.to_clinic(house, clinic) as tx:
            for patient_id in (None, *(one.patient_id for one in await patients.dependants(tx, actor, trace=False))):
                record = await records.own_record(tx, actor, patient_id)
                if record is None:
                    continue
                files[f"clinics/{clinic}-{patient_id}.json" if patient_id else f"clinics/{clinic}.json"] = _json(record)
                for entry in record.entries:
                    if entry.prescription:
                        name = f"clinics/{clinic}/prescription-{entry.visit.starts_at:%Y-%m-%d}-{entry.visit.id}.pdf"
                        files[name] = await prescriptions.document(tx, actor, entry.visit.id)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def _json(what: AccountTaken | Record) -> bytes:
    return msgspec.json.format(msgspec.json.encode(what), indent=1)
