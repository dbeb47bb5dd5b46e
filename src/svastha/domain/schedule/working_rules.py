from typing import Any
from uuid import UUID

from svastha.domain.schedule.access import hold
from svastha.domain.schedule.exceptions import LAST_DAY
from svastha.domain.schedule.model import MODES
from svastha.kit.db import ClinicTx


async def working_rules(tx: ClinicTx, doctor_id: UUID) -> tuple[str, list[dict[str, Any]]]:
    """Her zone here, and all that opens and closes her hours, for her other clinics to keep clear of: the week, its
    breaks, and exceptions. Leave and holidays are not in it, nor what a branch closes: what she does not work then is
    not for others to sell. They stay as they are until this transaction ends."""
    zone = await hold(tx, doctor_id)
    rules: list[dict[str, Any]] = await tx.value(
        f"""
        SELECT coalesce(jsonb_agg(rule ORDER BY rule), '[]') FROM (
            SELECT jsonb_build_object('kind', 'weekly', 'weekday', weekday, 'opens', opens, 'closes', closes,
                'modes', modes) AS rule FROM weekly_hours WHERE doctor_id = :doctor_id
            UNION ALL
            SELECT jsonb_build_object('kind', 'break', 'weekday', weekday, 'opens', opens, 'closes', closes,
                'modes', :modes::text[]) FROM weekly_breaks WHERE doctor_id = :doctor_id
            UNION ALL
            SELECT jsonb_build_object('kind', CASE WHEN closed THEN 'closed' ELSE 'extra' END, 'day', day,
                'opens', opens, 'closes', closes, 'modes', modes, 'repeats', repeats, 'every', every, 'until', until)
            FROM exceptions WHERE doctor_id = :doctor_id AND {LAST_DAY} >= current_date - 2
        ) r
        """,
        doctor_id=doctor_id,
        modes=list(MODES),
    )
    return zone, rules
