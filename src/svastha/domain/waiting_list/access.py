from datetime import date, datetime
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.patients import HERS
from svastha.domain.schedule import Mode
from svastha.domain.waiting_list.model import Answer, Entry, Offer, Part, State
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound

LIVE = "w.ended_at IS NULL AND w.last_day >= (now() AT TIME ZONE :zone)::date"

# Of an entry ``w``: whose time it may be.
DOCTORS = """ARRAY(SELECT d.doctor_id FROM practitioners d
    JOIN offers f ON f.doctor_id = d.doctor_id AND f.mode = w.mode
    WHERE d.bookable AND (d.doctor_id = w.doctor_id OR w.specialty = ANY(d.specialties)
        OR (w.doctor_id IS NULL AND w.specialty IS NULL)))"""

# Of an offer ``o`` and its hold ``a``: what is so at this moment, also before it was written down.
ANSWER = """CASE WHEN o.answer IS NOT NULL THEN o.answer
    WHEN a.status = 'held' AND a.hold_expires_at > now() THEN 'open'
    WHEN a.status IN ('held', 'expired') THEN 'lapsed'
    WHEN a.status = 'cancelled' THEN 'declined' ELSE 'taken' END"""

ROWS = f"""
    SELECT w.id, w.patient_id, p.name AS patient_name, w.doctor_id, d.name AS doctor_name, w.specialty, w.mode,
        w.first_day, w.last_day, w.weekdays, w.parts, w.area, w.joined_at, w.ended_at,
        CASE WHEN w.ended IS NOT NULL THEN w.ended WHEN NOT ({LIVE}) THEN 'over'
            WHEN EXISTS (SELECT FROM waiting_list_offers o JOIN appointments a ON a.id = o.appointment_id
                WHERE o.entry_id = w.id AND {ANSWER} = 'open') THEN 'offered'
            ELSE 'waiting' END AS state,
        p.account_id, w.patient_id = ANY({HERS}) AS mine
    FROM waiting_list w JOIN patients p ON p.id = w.patient_id LEFT JOIN practitioners d ON d.doctor_id = w.doctor_id
"""


class Row(msgspec.Struct, frozen=True):
    id: UUID
    patient_id: UUID
    patient_name: str
    doctor_id: UUID | None
    doctor_name: str | None
    specialty: str | None
    mode: Mode
    first_day: date
    last_day: date
    weekdays: list[int]
    parts: list[Part]
    area: str | None
    joined_at: datetime
    ended_at: datetime | None
    state: State
    account_id: UUID | None
    mine: bool


class _Place(msgspec.Struct, frozen=True):
    id: UUID
    place: int
    people: int


class _Offer(msgspec.Struct, frozen=True):
    entry_id: UUID
    id: UUID
    doctor_id: UUID
    doctor_name: str
    starts_at: datetime
    ends_at: datetime
    fee_paise: int
    offered_at: datetime
    expires_at: datetime
    answer: Answer


async def seen_by(tx: ClinicTx, actor: Actor, entry_id: UUID, *, trace: bool = True) -> Entry:
    """The entry, for the patient, who acts for her, or the desk. NotFound for everybody else."""
    row = await tx.maybe(
        Row,
        f"{ROWS} WHERE w.id = :id AND (w.patient_id = ANY({HERS}) OR :desk)",
        id=entry_id,
        me=actor.account_id,
        desk=actor.runs_desk_of(tx.clinic.id),
        zone=tx.clinic.zone,
    )
    if row is None:
        raise NotFound
    if trace:
        audit.note(tx, actor.account_id, "read", "waiting_list_entry", entry_id, whose=row.patient_id)
    return (await shown(tx, actor, [row]))[0]


async def shown(tx: ClinicTx, actor: Actor, rows: list[Row]) -> list[Entry]:
    """With the place in line, and what was offered."""
    ids = [row.id for row in rows]
    places = {one.id: one for one in await tx.all(_Place, _PLACES, ids=ids, zone=tx.clinic.zone)}
    offers: dict[UUID, list[Offer]] = {}
    for one in await tx.all(_Offer, _OFFERS, ids=ids):
        fields = msgspec.structs.asdict(one)
        offers.setdefault(fields.pop("entry_id"), []).append(Offer(**fields))
    return [
        Entry(
            row.id,
            tx.clinic.slug,
            row.patient_id,
            row.patient_name,
            row.doctor_id,
            row.doctor_name,
            row.specialty,
            row.mode,
            row.first_day,
            row.last_day,
            row.weekdays,
            row.parts,
            row.area,
            row.joined_at,
            row.ended_at,
            row.state,
            row.mine and row.account_id != actor.account_id,
            places[row.id].place if row.id in places else None,
            places[row.id].people if row.id in places else None,
            offers.get(row.id, []),
        )
        for row in rows
    ]


# Who waits for the same: times of one kind, on days and with doctors in common. People count, not their entries.
_PLACES = f"""
    WITH live AS MATERIALIZED (
        SELECT w.id, w.turn, w.patient_id, w.mode, daterange(w.first_day, w.last_day, '[]') AS days,
            {DOCTORS} AS doctors
        FROM waiting_list w WHERE {LIVE}
    )
    SELECT m.id,
        (1 + count(DISTINCT o.patient_id) FILTER (WHERE o.turn < m.turn AND o.patient_id <> m.patient_id))::int
            AS place,
        count(DISTINCT o.patient_id)::int AS people
    FROM live m JOIN live o ON o.mode = m.mode AND o.days && m.days AND (o.doctors && m.doctors OR o.id = m.id)
    WHERE m.id = ANY(:ids::uuid[]) GROUP BY m.id
"""

_OFFERS = f"""
    SELECT o.entry_id, a.id, o.doctor_id, d.name AS doctor_name, o.starts_at, a.ends_at, a.fee_paise, o.offered_at,
        o.expires_at, {ANSWER} AS answer
    FROM waiting_list_offers o JOIN appointments a ON a.id = o.appointment_id
    JOIN practitioners d ON d.doctor_id = o.doctor_id
    WHERE o.entry_id = ANY(:ids::uuid[]) ORDER BY o.offered_at DESC, o.appointment_id
"""
