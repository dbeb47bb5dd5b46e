from datetime import date

from svastha.domain import schedule
from svastha.domain.accounts import Actor
from svastha.domain.queue import days
from svastha.domain.queue.board import near
from svastha.domain.queue.model import Turn
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound


async def turns_of(tx: ClinicTx, actor: Actor, day: date | None = None) -> list[Turn]:
    """Of all doctors, for the desk, in no order: who is what in the queues of a day, without what anybody is told to
    wait, which takes ten times as long. The caller leaves a trace."""
    if not actor.runs_desk_of(tx.clinic.id):
        raise NotFound
    doctors = [one.doctor_id for one in await schedule.practitioners(tx)]
    return [turn for turn in await days.turns(tx, doctors, near(tx, day)) if turn.status != "cancelled"]
