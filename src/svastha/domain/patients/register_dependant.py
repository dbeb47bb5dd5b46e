from datetime import date
from uuid import UUID

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.patients.begin import begin, of_age_at
from svastha.domain.patients.guardianship import RELATIONS, SEXES, Dependant, RegisteredAlready, TooManyDependants
from svastha.domain.patients.read_family import dependants
from svastha.kit.clock import now, today, zone
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.ids import uuid7
from svastha.kit.names import is_name
from svastha.kit.refusals import FieldError, Invalid

MOST = 20
OLDEST = 130  # years


async def register_dependant(
    tx: ClinicTx, actor: Actor, *, name: str, birth_date: date, sex: str, relation: str, may_act: bool = False
) -> Dependant:
    """A patient without an account, and the actor as her guardian: of a minor until she is of age; of an adult if the
    actor states that she ``may_act`` for her, which is kept."""
    name = " ".join(name.split())
    _check(tx, name, birth_date, sex, relation)
    until = of_age_at(birth_date, zone(tx.clinic.zone))  # midnight where the clinic is
    minor = until > now()
    if not minor and not may_act:
        raise Invalid(FieldError("may_act", N_("This person is of age: say that you are allowed to act for them.")))
    # Of one person one after the other, so that a form sent twice registers once.
    await tx.run("SELECT pg_advisory_xact_lock(hashtextextended(:me::text, 0))", me=str(actor.account_id))
    mine = await dependants(tx, actor, trace=False)
    if len(mine) >= MOST:
        raise TooManyDependants
    if any((one.name.casefold(), one.birth_date) == (name.casefold(), birth_date) for one in mine):
        raise RegisteredAlready
    patient_id: UUID = uuid7()
    await tx.run(
        "INSERT INTO patients (id, account_id, name, email, locale, zone, birth_date, sex)"
        " VALUES (:id, NULL, :name, '', :locale, :zone, :birth_date, :sex)",
        id=patient_id,
        name=name,
        locale=actor.locale,
        zone=actor.zone,
        birth_date=birth_date,
        sex=sex,
    )
    basis = "minor" if minor else "stated"
    id = await begin(
        tx,
        actor,
        patient_id,
        relation=relation,
        basis=basis,
        until=until if minor else None,
        granted_by=actor.account_id,
    )
    why = "a minor" if minor else "of age; stated that she may act"
    audit.note(tx, actor.account_id, "register", "guardianship", id, whose=patient_id, why=why)
    return Dependant(id, patient_id, name, birth_date, sex, relation, until if minor else None, True)


def _check(tx: ClinicTx, name: str, birth_date: date, sex: str, relation: str) -> None:
    errors = []
    this_day = today(zone(tx.clinic.zone))
    if not is_name(name):
        errors.append(FieldError("name", N_("Please give the name, at most 120 characters.")))
    if birth_date > this_day or birth_date.year < this_day.year - OLDEST:
        errors.append(FieldError("birth_date", N_("Please give the day of birth.")))
    if sex not in SEXES:
        errors.append(FieldError("sex", N_("Choose one of these.")))
    if relation not in RELATIONS:
        errors.append(FieldError("relation", N_("Choose one of these.")))
    if errors:
        raise Invalid(*errors)
