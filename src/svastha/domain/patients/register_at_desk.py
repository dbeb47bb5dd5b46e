from uuid import UUID

from svastha.domain import accounts, audit
from svastha.domain.accounts import Actor
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.ids import uuid7
from svastha.kit.names import is_name
from svastha.kit.refusals import FieldError, Invalid, NotFound


async def register_at_desk(tx: ClinicTx, actor: Actor, *, name: str, phone: str) -> UUID:
    """Who stands at the desk, by name and telephone number: whom the clinic knows by both already, else somebody new,
    without an account. The number may be left out; then she is always new. Raises Invalid."""
    if not actor.runs_desk_of(tx.clinic.id):
        raise NotFound
    name, number = " ".join(name.split()), ""
    errors = []
    if not is_name(name):
        errors.append(FieldError("name", N_("Please give the name, at most 120 characters.")))
    if phone.strip():
        try:
            address = accounts.address_of(phone, field="phone")
        except Invalid:
            address = None
        if address is None or address.kind != "phone":
            errors.append(FieldError("phone", N_("This is not a telephone number.")))
        else:
            number = address.value
    if errors:
        raise Invalid(*errors)
    if number:
        # Of one number one after the other, so that a form sent twice registers once.
        await tx.run("SELECT pg_advisory_xact_lock(hashtextextended(:number, 1))", number=number)
        known: UUID | None = await tx.value(
            "SELECT id FROM patients WHERE reverse(phone) LIKE reverse(:number) AND phone <> ''"
            " AND lower(name) = lower(:name) ORDER BY account_id NULLS LAST, made_at LIMIT 1",
            number=number,
            name=name,
        )
        if known:
            return known
    id = uuid7()
    await tx.run(
        "INSERT INTO patients (id, account_id, name, email, phone, zone) VALUES (:id, NULL, :name, '', :phone, :zone)",
        id=id,
        name=name,
        phone=number,
        zone=tx.clinic.zone,
    )
    audit.note(tx, actor.account_id, "register", "patient", id, whose=id)
    return id
