"""Free times are computed, never stored: what is open on each local day, less what is closed, less what is taken."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from svastha.domain.schedule.model import Mode
from svastha.kit.db import ClinicTx, zulu
from svastha.kit.refusals import NotFound

BUSY = "busy_range(starts_at, ends_at, before_minutes, after_minutes)"
LIVE = "('held', 'requested', 'confirmed', 'checked_in', 'in_progress')"

# Everything that is offered, each time with marks: the doctor (or the room) has somebody then, her day is full, the
# patient is elsewhere then. A hold of the patient's own is hers to use and takes nothing from her; a hold that ran out
# takes nothing from anybody. Extra hours stand on their own: neither breaks nor the hours of the branch cut them.
#
# Hours, breaks and exceptions are on the doctor's clock, those of a branch and holidays on the clinic's. The days
# before count too, for what passes midnight, and the day after, for visits that do. No visit with all its buffers takes
# a day: what may stand in the way is found by when it starts, by the indexes of doctor and patient, however much there
# was. Of each time is asked first whether there is anything at all, which is quicker than a range that meets nothing;
# and they are sorted by the instant first, which tells nearly all apart.
OFFERED = f"""
    WITH asked AS MATERIALIZED (
        SELECT * FROM (
            SELECT p.doctor_id, p.zone, o.mode, make_interval(mins => o.minutes) AS lasts, o.fee_paise, o.daily_max,
                o.before_minutes + o.travel_minutes AS before_minutes,
                o.after_minutes + o.travel_minutes AS after_minutes,
                make_interval(mins => o.before_minutes + o.travel_minutes) AS before,
                make_interval(mins => o.minutes + o.after_minutes + o.travel_minutes) AS after,
                make_interval(mins => coalesce(o.every_minutes,
                    o.minutes + o.before_minutes + o.after_minutes + 2 * o.travel_minutes)) AS every,
                greatest(:from_at::timestamptz, now() + coalesce(o.notice, p.notice)) AS from_at,
                least(:to_at::timestamptz, now() + coalesce(o.horizon, p.horizon)) AS to_at
            FROM practitioners p JOIN offers o USING (doctor_id)
            WHERE p.doctor_id = ANY(:doctors::uuid[]) AND p.bookable AND (:mode::text IS NULL OR o.mode = :mode)
        ) a WHERE from_at < to_at
    ), days AS MATERIALIZED (
        SELECT doctor_id, zone, day::date, extract(isodow FROM day)::int AS weekday
        FROM (SELECT doctor_id, zone, min(from_at) AS from_at, max(to_at) AS to_at FROM asked GROUP BY 1, 2) a,
            generate_series((from_at AT TIME ZONE zone)::date - 2, (to_at AT TIME ZONE zone)::date + 1,
                interval '1 day') day
    ), pause AS MATERIALIZED (
        SELECT doctor_id, range_agg(wall_range(day, opens, closes, zone)) AS times
        FROM days JOIN (SELECT * FROM weekly_breaks WHERE doctor_id = ANY(:doctors::uuid[])) b
            USING (doctor_id, weekday)
        GROUP BY doctor_id
    ), house AS MATERIALIZED (
        SELECT branch_id, range_agg(wall_range(day::date, opens, closes, :house_zone::text)) AS times
        FROM branch_hours LEFT JOIN generate_series((:from_at::timestamptz AT TIME ZONE :house_zone)::date - 4,
            (:to_at::timestamptz AT TIME ZONE :house_zone)::date + 1, interval '1 day') day
            ON extract(isodow FROM day) = weekday
        GROUP BY branch_id
    ), pieces AS MATERIALIZED (
        SELECT d.doctor_id, h.modes, h.branch_id, h.resources,
            tstzmultirange(wall_range(d.day, h.opens, h.closes, d.zone))
                * coalesce(b.times, tstzmultirange(tstzrange(NULL, NULL))) - coalesce(p.times, '{{}}') AS open
        FROM days d JOIN (SELECT * FROM weekly_hours WHERE doctor_id = ANY(:doctors::uuid[])) h
            USING (doctor_id, weekday)
        LEFT JOIN pause p USING (doctor_id) LEFT JOIN house b USING (branch_id)
        UNION ALL
        SELECT doctor_id, e.modes, e.branch_id, e.resources, tstzmultirange(wall_range(d.day, e.opens, e.closes, zone))
        FROM days d JOIN exceptions e USING (doctor_id)
        WHERE NOT e.closed AND falls_on(d.day, e.day, e.repeats, e.every, e.until)
    ), closed AS (
        SELECT doctor_id, mode, wall_range(d.day, e.opens, e.closes, zone) AS during
        FROM days d JOIN exceptions e USING (doctor_id), unnest(e.modes) mode
        WHERE e.closed AND falls_on(d.day, e.day, e.repeats, e.every, e.until)
        UNION ALL
        SELECT doctor_id, mode, tstzrange(starts_at, ends_at) FROM leaves JOIN asked USING (doctor_id)
        WHERE ended_at IS NULL AND tstzrange(starts_at, ends_at)
            && tstzrange(:from_at::timestamptz, :to_at::timestamptz + interval '1 day')
    ), shut AS MATERIALIZED (
        SELECT doctor_id, mode, range_agg(during) AS times FROM closed GROUP BY doctor_id, mode
    ), holiday AS MATERIALIZED (
        SELECT branch_id, range_agg(wall_range(day, NULL, NULL, :house_zone)) AS times FROM holidays
        WHERE day BETWEEN (:from_at::timestamptz AT TIME ZONE :house_zone)::date
            AND (:to_at::timestamptz AT TIME ZONE :house_zone)::date + 1
        GROUP BY branch_id
    ), ignored AS MATERIALIZED (
        SELECT id FROM appointments WHERE status IN ('held', 'requested')
            AND (hold_expires_at <= now() OR (status = 'held' AND patient_id = :patient::uuid))
        UNION ALL SELECT :but::uuid WHERE :but IS NOT NULL
    ), visits AS MATERIALIZED (
        SELECT v.* FROM unnest(:doctors::uuid[]) doctor, LATERAL (
            SELECT doctor_id, mode, status, starts_at, tstzrange(starts_at - make_interval(mins => before_minutes),
                ends_at + make_interval(mins => after_minutes)) AS busy -- BUSY, without the price of calling it
            FROM appointments WHERE doctor_id = doctor AND (status IN {LIVE} OR status = 'completed')
                AND placed <> 'walk_in' AND starts_at >= :from_at::timestamptz - interval '2 days'
                AND starts_at < :to_at::timestamptz + interval '2 days'
                AND id NOT IN (SELECT id FROM ignored) OFFSET 0) v -- doctor by doctor, not all visits of these days
    ), taken AS MATERIALIZED (
        SELECT doctor_id, range_agg(busy) AS times FROM visits WHERE status <> 'completed' GROUP BY doctor_id
    ), full_days AS MATERIALIZED (
        SELECT doctor_id, mode, array_agg(day) AS days FROM (
            SELECT doctor_id, mode, (v.starts_at AT TIME ZONE zone)::date AS day
            FROM visits v JOIN asked USING (doctor_id, mode) WHERE daily_max IS NOT NULL
            GROUP BY doctor_id, mode, daily_max, 3 HAVING count(*) >= daily_max
        ) f GROUP BY doctor_id, mode
    ), elsewhere AS MATERIALIZED (
        SELECT range_agg(tstzrange(starts_at, ends_at)) AS times FROM appointments
        WHERE patient_id = :patient::uuid AND status IN {LIVE} AND id NOT IN (SELECT id FROM ignored)
            AND starts_at >= :from_at::timestamptz - interval '1 day'
            AND starts_at < :to_at::timestamptz + interval '1 day'
    ), rooms AS MATERIALIZED (
        SELECT resources, range_agg(during) AS times
        FROM (SELECT DISTINCT resources FROM pieces WHERE resources <> '{{}}') p, unnest(resources) room, LATERAL (
            SELECT during FROM reservations WHERE resource_id = room AND live
                AND during && tstzrange(:from_at::timestamptz, :to_at::timestamptz + interval '1 day')
                AND appointment_id NOT IN (SELECT id FROM ignored) OFFSET 0) r -- room by room, not all rooms at once
        GROUP BY resources
    ), people AS MATERIALIZED (
        SELECT a.*, t.times AS taken, e.times AS elsewhere, z.times AS shut, f.days AS full_days
        FROM asked a CROSS JOIN elsewhere e LEFT JOIN taken t USING (doctor_id)
        LEFT JOIN shut z USING (doctor_id, mode) LEFT JOIN full_days f USING (doctor_id, mode)
    ), places AS MATERIALIZED (
        SELECT p.*, r.times AS rooms_taken, everywhere.times AS closed, here.times AS closed_here
        FROM pieces p LEFT JOIN rooms r USING (resources) LEFT JOIN holiday everywhere ON everywhere.branch_id IS NULL
        LEFT JOIN holiday here ON here.branch_id = p.branch_id
    )
    SELECT DISTINCT ON (starts_at, mode, a.doctor_id) a.doctor_id, mode, starts_at, ends_at, fee_paise, before_minutes,
        after_minutes, branch_id, resources,
        (taken IS NOT NULL AND taken && tstzrange(starts_at - before, starts_at + after))
            OR (rooms_taken IS NOT NULL AND rooms_taken && tstzrange(starts_at, ends_at))
            OR (full_days IS NOT NULL AND (starts_at AT TIME ZONE zone)::date = ANY(full_days)) AS taken,
        elsewhere IS NOT NULL AND elsewhere && tstzrange(starts_at, ends_at) AS elsewhere
    FROM people a JOIN places p ON p.doctor_id = a.doctor_id AND mode = ANY(modes), unnest(open) piece,
        generate_series(lower(piece), upper(piece) - lasts, every) starts_at,
        LATERAL (SELECT starts_at + lasts) e(ends_at)
    WHERE piece && tstzrange(from_at, to_at) AND starts_at >= from_at AND starts_at < to_at
        AND (shut IS NULL OR NOT shut && tstzrange(starts_at, ends_at))
        AND (closed IS NULL OR NOT closed && tstzrange(starts_at, ends_at))
        AND (closed_here IS NULL OR NOT closed_here && tstzrange(starts_at, ends_at))
    ORDER BY starts_at, mode, doctor_id, taken, branch_id, resources
"""


# A FreeTime, written out: nothing in it wants escaping, and a general way takes as long as to find the time.
AS_JSON = f"""
    '{{"doctor_id":"' || doctor_id || '","mode":"' || mode || '","starts_at":"' || {zulu("starts_at")}
        || '","ends_at":"' || {zulu("ends_at")} || '","fee_paise":' || fee_paise
        || ',"branch_id":' || coalesce('"' || branch_id || '"', 'null') || '}}'
"""


async def asked(
    tx: ClinicTx,
    doctors: Sequence[UUID],
    *,
    from_at: datetime,
    to_at: datetime,
    mode: Mode | None = None,
    patient: UUID | None = None,
    but: UUID | None = None,
) -> dict[str, Any]:
    """The values of OFFERED, which from here on is planned once: that takes longer than to carry it out."""
    await tx.plan_once()
    return {
        "doctors": list(doctors),
        "house_zone": tx.clinic.zone,
        "from_at": from_at,
        "to_at": to_at,
        "mode": mode,
        "patient": patient,
        "but": but,
    }


class FreeTime(msgspec.Struct, frozen=True):
    """``branch_id``: where, for visits in person at a clinic with branches."""

    doctor_id: UUID
    mode: Mode
    starts_at: datetime
    ends_at: datetime
    fee_paise: int
    branch_id: UUID | None = None


async def free_times(
    tx: ClinicTx,
    doctors: Sequence[UUID],
    *,
    from_at: datetime,
    to_at: datetime,
    mode: Mode | None = None,
    patient: UUID | None = None,
    but: UUID | None = None,
    most: int = 10_000,
) -> list[FreeTime]:
    """In order of time. ``patient`` leaves out when she is elsewhere, so nothing shown would be refused; ``but`` is a
    visit that is to be moved: what it takes now counts as free."""
    return await tx.all(
        FreeTime,
        f"SELECT doctor_id, mode, starts_at, ends_at, fee_paise, branch_id FROM ({OFFERED}) o"
        " WHERE NOT taken AND NOT elsewhere ORDER BY starts_at, mode, doctor_id LIMIT :most",
        **await asked(tx, doctors, from_at=from_at, to_at=to_at, mode=mode, patient=patient, but=but),
        most=most,
    )


async def free_times_told(
    tx: ClinicTx, doctor_id: UUID, *, from_at: datetime, to_at: datetime, mode: Mode | None, patient: UUID | None
) -> str:
    """The same of one doctor, as the JSON of a list of FreeTime. Raises NotFound where she does not practise."""
    told: str | None = await tx.value(
        f"""
        SELECT CASE WHEN EXISTS (SELECT FROM practitioners WHERE doctor_id = ANY(:doctors::uuid[])) THEN (
            SELECT '[' || coalesce(string_agg({AS_JSON}, ',' ORDER BY starts_at, mode), '') || ']'
            FROM ({OFFERED}) o WHERE NOT taken AND NOT elsewhere
        ) END
        """,
        **await asked(tx, [doctor_id], from_at=from_at, to_at=to_at, mode=mode, patient=patient),
    )
    if told is None:
        raise NotFound
    return told


async def next_free(
    tx: ClinicTx,
    doctor_id: UUID,
    mode: Mode,
    after: datetime,
    *,
    patient: UUID | None = None,
    but: UUID | None = None,
) -> list[FreeTime]:
    """The next three within two weeks, to offer in place of one that is gone. Mostly they are near."""
    found: list[FreeTime] = []
    for ahead in (timedelta(days=1), timedelta(days=14)):
        found = await free_times(
            tx, [doctor_id], from_at=after, to_at=after + ahead, mode=mode, patient=patient, but=but, most=3
        )
        if len(found) == 3:
            break
    return found
