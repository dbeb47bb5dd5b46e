from datetime import UTC, date, datetime, time, tzinfo
from uuid import UUID

from svastha.domain.accounts import Actor
from svastha.domain.patients.guardianship import ActsAlready, GuardianshipBegan, GuardianshipLapses, GuardsHerself
from svastha.kit.db import ClinicTx
from svastha.kit.ids import uuid7
from svastha.kit.outbox import announce, later

OF_AGE = 18  # years, by the law of India


async def begin(
    tx: ClinicTx,
    actor: Actor,
    patient_id: UUID,
    *,
    relation: str,
    basis: str,
    until: datetime | None,
    granted_by: UUID,
) -> UUID:
    """The actor acts for this patient from now on. Raises GuardsHerself, ActsAlready."""
    id = uuid7()
    async with tx.refusing(nobody_guards_herself=GuardsHerself, one_guardianship_at_a_time=ActsAlready):
        await tx.run(
            """
            INSERT INTO guardianships (id, patient_id, account_id, name, email, phone, locale, zone, relation, basis,
                valid_until, granted_by)
            VALUES (:id, :patient_id, :account_id, :name, :email, :phone, :locale, :zone, :relation, :basis, :until,
                :granted_by)
            """,
            id=id,
            patient_id=patient_id,
            account_id=actor.account_id,
            name=actor.name,
            email=actor.email,
            phone=actor.phone,
            locale=actor.locale,
            zone=actor.zone,
            relation=relation,
            basis=basis,
            until=until,
            granted_by=granted_by,
        )
    announce(tx, GuardianshipBegan(id))
    if until:
        later(tx, GuardianshipLapses(id), run_at=until)
    return id


def of_age_at(birth_date: date, where: tzinfo) -> datetime:
    """The first moment of the day she is of age. Who was born on 29 February is so on 1 March."""
    try:
        day = birth_date.replace(year=birth_date.year + OF_AGE)
    except ValueError:
        day = date(birth_date.year + OF_AGE, 3, 1)
    return datetime.combine(day, time(), where).astimezone(UTC)
