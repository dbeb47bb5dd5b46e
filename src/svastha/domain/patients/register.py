from datetime import date
from typing import Any
from uuid import UUID

from svastha.domain.accounts import Actor
from svastha.domain.patients.model import COLUMNS, Patient
from svastha.kit.db import ClinicTx
from svastha.kit.ids import uuid7


async def own(tx: ClinicTx, actor: Actor) -> Patient:
    """The actor as a patient of this clinic, registered the first time. Name and address follow the account."""
    return await tx.one(
        Patient,
        f"""
        INSERT INTO patients (id, account_id, name, email, phone, locale, zone)
        VALUES (:id, :account_id, :name, :email, :phone, :locale, :zone)
        ON CONFLICT ON CONSTRAINT one_patient_per_account DO UPDATE SET name = excluded.name,
            email = excluded.email, phone = excluded.phone, locale = excluded.locale, zone = excluded.zone
        RETURNING {COLUMNS}, true AS mine
        """,
        id=uuid7(),
        **told_by(actor),
    )


def told_by(actor: Actor) -> dict[str, Any]:
    """What a patient's account says of her."""
    return {
        "account_id": actor.account_id,
        "name": actor.name,
        "email": actor.email,
        "phone": actor.phone,
        "locale": actor.locale,
        "zone": actor.zone,
    }


async def register(
    tx: ClinicTx,
    *,
    account_id: UUID | None,
    name: str,
    email: str,
    locale: str = "en",
    birth_date: date | None = None,
    sex: str | None = None,
    city: str = "",
) -> UUID:
    """A patient whose particulars are known, such as one the desk writes down."""
    patient_id = uuid7()
    await tx.run(
        "INSERT INTO patients (id, account_id, name, email, locale, birth_date, sex, city)"
        " VALUES (:id, :account_id, :name, :email, :locale, :birth_date, :sex, :city)",
        id=patient_id,
        account_id=account_id,
        name=name,
        email=email,
        locale=locale,
        birth_date=birth_date,
        sex=sex,
        city=city,
    )
    return patient_id
