from uuid import UUID

import msgspec

from svastha.domain import notifications
from svastha.domain.patients.guardianship import (
    ACTIVE,
    GuardianDeclined,
    GuardianInvited,
    GuardianshipBegan,
    GuardianshipEnded,
    GuardianshipLapses,
)
from svastha.domain.patients.read_family import OPEN
from svastha.kit.db import ClinicTx


class Told(msgspec.Struct, frozen=True):
    """Somebody who is told about the visits of a patient: herself, or who acts for her."""

    account_id: UUID | None
    name: str
    email: str
    phone: str
    locale: str
    zone: str
    guardian: bool

    patient_id: UUID

    @property
    def key(self) -> UUID:
        """Who this is with this patient, whatever becomes of accounts: a guardian, or the patient herself."""
        return self.account_id if self.guardian and self.account_id else self.patient_id

    @property
    def recipient(self) -> notifications.Recipient:
        return notifications.Recipient(self.account_id, self.locale, self.email, self.phone)


async def told_about(tx: ClinicTx, patient_id: UUID) -> list[Told]:
    """The patient; if she has neither account nor address, her guardians. Only who can be reached."""
    return await tx.all(Told, told_of(":id"), id=patient_id)


def told_of(patient: str) -> str:
    """The query for it. ``patient``: how the id is put there."""
    return f"""
        SELECT account_id, name, email, phone, locale, zone, false AS guardian, id AS patient_id FROM patients
        WHERE id = {patient} AND (email <> '' OR phone <> '')
        UNION ALL
        SELECT g.account_id, g.name, g.email, g.phone, g.locale, g.zone, true, g.patient_id
        FROM guardianships g JOIN patients p ON p.id = g.patient_id
        WHERE p.id = {patient} AND p.account_id IS NULL AND p.email = '' AND p.phone = '' AND {ACTIVE}
            AND (g.email <> '' OR g.phone <> '')
    """


class _Invitation(msgspec.Struct, frozen=True):
    kind: str
    sealed: bytes
    inviter_name: str
    locale: str


async def send_guardian_invitation(tx: ClinicTx, event: GuardianInvited, *, site: str) -> None:
    """Silent when it was taken back meanwhile. The link is good for whoever has verified this address."""
    row = await tx.maybe(
        _Invitation,
        f"SELECT i.kind, i.sealed, i.inviter_name, i.locale FROM guardian_invitations i WHERE i.id = :id AND {OPEN}",
        id=event.invitation_id,
    )
    if row is None:
        return
    address = tx.vault.open("guardian_invitations", "sealed", event.invitation_id, row.sealed).decode()
    await notifications.send(
        tx,
        notifications.Recipient.at(None, row.locale, {row.kind: address}),
        "guardian_invitation",
        by=row.inviter_name,
        clinic=tx.clinic.name,
        url=f"{site}/c/{tx.clinic.slug}/guardian-invitations/{event.invitation_id}",
    )


async def tell_declined(tx: ClinicTx, event: GuardianDeclined, *, site: str) -> None:
    """To whoever sent the invitation."""
    patient: str = await tx.value(
        "SELECT p.name FROM guardian_invitations i JOIN patients p ON p.id = i.patient_id WHERE i.id = :id",
        id=event.invitation_id,
    )
    people = await tx.all(
        Told,
        """
        SELECT p.account_id, p.name, p.email, p.phone, p.locale, p.zone, false AS guardian, p.id AS patient_id
        FROM guardian_invitations i JOIN patients p ON (p.id, p.account_id) = (i.patient_id, i.invited_by)
        WHERE i.id = :id
        UNION
        SELECT g.account_id, g.name, g.email, g.phone, g.locale, g.zone, true, g.patient_id
        FROM guardian_invitations i JOIN guardianships g ON (g.patient_id, g.account_id) = (i.patient_id, i.invited_by)
        WHERE i.id = :id
        """,
        id=event.invitation_id,
    )
    for one in people[:1]:
        await notifications.send(
            tx,
            one.recipient,
            "guardian_declined",
            name=one.name,
            patient=patient,
            clinic=tx.clinic.name,
            url=f"{site}/family",
        )


class _Changed(msgspec.Struct, frozen=True):
    patient_id: UUID
    patient_name: str
    guardian_name: str
    active: bool
    ended: bool  # by somebody
    why: str


async def tell_began(tx: ClinicTx, event: GuardianshipBegan, *, site: str) -> None:
    changed = await _changed(tx, event.guardianship_id)
    if changed.active:
        await _tell(tx, event.guardianship_id, changed, "guardianship_began", site=site)


async def tell_ended(tx: ClinicTx, event: GuardianshipEnded, *, site: str) -> None:
    changed = await _changed(tx, event.guardianship_id)
    template = "guardianship_ended_by_clinic" if changed.why else "guardianship_ended"
    await _tell(tx, event.guardianship_id, changed, template, site=site)


async def tell_lapsed(tx: ClinicTx, event: GuardianshipLapses, *, site: str) -> None:
    """Silent when somebody ended it before: that was told then."""
    changed = await _changed(tx, event.guardianship_id)
    if not changed.active and not changed.ended:
        await _tell(tx, event.guardianship_id, changed, "guardianship_lapsed", site=site)


async def _changed(tx: ClinicTx, guardianship_id: UUID) -> _Changed:
    return await tx.one(
        _Changed,
        f"""
        SELECT g.patient_id, p.name AS patient_name, g.name AS guardian_name, {ACTIVE} AS active,
            g.ended_by IS NOT NULL AS ended, coalesce(g.ended_why, '') AS why
        FROM guardianships g JOIN patients p ON p.id = g.patient_id WHERE g.id = :id
        """,
        id=guardianship_id,
    )


async def _tell(tx: ClinicTx, guardianship_id: UUID, changed: _Changed, template: str, *, site: str) -> None:
    """The patient, the guardian, and of a patient without an account everybody else who acts for her."""
    people = await tx.all(
        Told,
        f"""
        SELECT account_id, name, email, phone, locale, zone, false AS guardian, id AS patient_id FROM patients
        WHERE id = :patient_id AND (email <> '' OR phone <> '')
        UNION ALL
        SELECT g.account_id, g.name, g.email, g.phone, g.locale, g.zone, true, g.patient_id
        FROM guardianships g JOIN patients p ON p.id = g.patient_id
        WHERE p.id = :patient_id AND (g.id = :id OR (p.account_id IS NULL AND {ACTIVE}))
            AND (g.email <> '' OR g.phone <> '')
        """,
        patient_id=changed.patient_id,
        id=guardianship_id,
    )
    for one in people:
        await notifications.send(
            tx,
            one.recipient,
            template,
            name=one.name,
            guardian=changed.guardian_name,
            patient=changed.patient_name,
            clinic=tx.clinic.name,
            why=changed.why,
            url=f"{site}/family",
        )
