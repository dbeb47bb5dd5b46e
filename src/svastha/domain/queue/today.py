from collections.abc import Collection, Mapping
from uuid import UUID

import msgspec

from svastha.domain.queue.access import this_day
from svastha.domain.queue.board import Board, board_of
from svastha.domain.queue.look import look
from svastha.domain.queue.position import Position, positions_of
from svastha.kit.db import ClinicTx


class Today(msgspec.Struct, frozen=True):
    """A doctor's queue of today and where everybody in it stands."""

    board: Board
    positions: Mapping[UUID, Position]


async def today(tx: ClinicTx, doctors: Collection[UUID]) -> dict[UUID, Today]:
    """By doctor, of those who practise here. For a caller that shows each person what she may see of it alone, and has
    asked what that is. What somebody is told is remembered by a statement of its own."""
    day = this_day(tx)
    return {
        seen.day.doctor_id: Today(board_of(tx, seen, day), positions_of(seen, day))
        for seen in await look(tx, list(doctors), day)
    }
