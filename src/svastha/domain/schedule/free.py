"""Free times are computed, never stored: hours of each local day, less what is closed, less what is taken."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from svastha.domain.schedule.model import Mode
from svastha.kit.db import ClinicTx

# Everything that is offered, each time with two marks: the doctor has somebody then, the patient is elsewhere then.
# A hold of the patient's own is hers to use and takes nothing from her; a hold that ran out takes nothing from anybody.
# The day before counts too, for hours that pass midnight.
OFFERED = """
    WITH asked AS (
        SELECT p.doctor_id, p.zone, o.mode, make_interval(mins => o.minutes) AS lasts, o.fee_paise,
            greatest(:from_at::timestamptz, now() + p.notice) AS from_at,
            least(:to_at::timestamptz, now() + p.horizon) AS to_at
        FROM practitioners p JOIN offers o USING (doctor_id)
        WHERE p.doctor_id = ANY(:doctors::uuid[]) AND p.bookable AND (:mode::text IS NULL OR o.mode = :mode)
    ), days AS (
        SELECT a.*, d::date AS day FROM asked a, generate_series(
            (from_at AT TIME ZONE zone)::date - 1, (to_at AT TIME ZONE zone)::date, interval '1 day') d
        WHERE from_at < to_at
    ), hours AS (
        SELECT d.*, h.opens, h.closes FROM days d JOIN weekly_hours h
            ON h.doctor_id = d.doctor_id AND h.weekday = extract(isodow FROM d.day) AND d.mode = ANY(h.modes)
        UNION ALL
        SELECT d.*, e.opens, e.closes FROM days d JOIN exceptions e
            ON e.doctor_id = d.doctor_id AND e.day = d.day AND d.mode = ANY(e.modes) AND NOT e.closed
    ), shut AS (
        SELECT d.doctor_id, d.mode, range_agg(tstzrange(
            instant_of(d.day + coalesce(e.opens, time '00:00'), d.zone),
            CASE WHEN e.closes > e.opens THEN instant_of(d.day + e.closes, d.zone)
                ELSE instant_of(d.day + 1 + coalesce(e.closes, time '00:00'), d.zone) END)) AS times
        FROM days d JOIN exceptions e
            ON e.doctor_id = d.doctor_id AND e.day = d.day AND d.mode = ANY(e.modes) AND e.closed
        GROUP BY d.doctor_id, d.mode
    ), live AS (
        SELECT doctor_id, patient_id, tstzrange(starts_at, ends_at) AS during FROM appointments
        WHERE status IN ('held', 'confirmed', 'checked_in', 'in_progress')
            AND (doctor_id = ANY(:doctors::uuid[]) OR patient_id = :patient::uuid)
            AND tstzrange(starts_at, ends_at) && tstzrange(
                :from_at::timestamptz - interval '1 day', :to_at::timestamptz + interval '1 day')
            AND NOT (status = 'held' AND (hold_expires_at <= now() OR patient_id IS NOT DISTINCT FROM :patient::uuid))
    ), taken AS (
        SELECT doctor_id, range_agg(during) AS times FROM live GROUP BY doctor_id
    ), elsewhere AS (
        SELECT range_agg(during) AS times FROM live WHERE patient_id = :patient::uuid
    )
    SELECT DISTINCT h.doctor_id, h.mode, s AS starts_at, s + h.lasts AS ends_at, h.fee_paise,
        coalesce(t.times && tstzrange(s, s + h.lasts), false) AS taken,
        coalesce(x.times && tstzrange(s, s + h.lasts), false) AS elsewhere
    FROM hours h CROSS JOIN elsewhere x LEFT JOIN taken t ON t.doctor_id = h.doctor_id
        LEFT JOIN shut z ON z.doctor_id = h.doctor_id AND z.mode = h.mode,
    generate_series(
        instant_of(h.day + h.opens, h.zone),
        instant_of(h.day + CASE WHEN h.closes <= h.opens THEN 1 ELSE 0 END + h.closes, h.zone) - h.lasts,
        h.lasts) s
    WHERE s >= h.from_at AND s < h.to_at AND NOT coalesce(z.times && tstzrange(s, s + h.lasts), false)
"""


class FreeTime(msgspec.Struct, frozen=True):
    doctor_id: UUID
    mode: Mode
    starts_at: datetime
    ends_at: datetime
    fee_paise: int


async def free_times(
    tx: ClinicTx,
    doctors: Sequence[UUID],
    *,
    from_at: datetime,
    to_at: datetime,
    mode: Mode | None = None,
    patient: UUID | None = None,
    most: int = 10_000,
) -> list[FreeTime]:
    """In order of time. ``patient`` leaves out when she is elsewhere, so nothing shown would be refused."""
    return await tx.all(
        FreeTime,
        f"SELECT doctor_id, mode, starts_at, ends_at, fee_paise FROM ({OFFERED}) o"
        " WHERE NOT taken AND NOT elsewhere ORDER BY starts_at, mode, doctor_id LIMIT :most",
        doctors=list(doctors),
        from_at=from_at,
        to_at=to_at,
        mode=mode,
        patient=patient,
        most=most,
    )


async def next_free(
    tx: ClinicTx, doctor_id: UUID, mode: Mode, after: datetime, *, patient: UUID | None = None
) -> list[FreeTime]:
    """The next three, to offer in place of one that is gone."""
    return await free_times(
        tx, [doctor_id], from_at=after, to_at=after + timedelta(days=14), mode=mode, patient=patient, most=3
    )
