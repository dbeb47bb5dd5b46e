"""Who waits for a doctor today: numbers, whose turn it is, and how long it will be.

Owns: queue_days, queue_entries.
Announces: QueueMoved, QueueLate.
"""

from svastha.domain.queue.board import Board, Line, board, whose
from svastha.domain.queue.call_next import call_next
from svastha.domain.queue.check_in import check_in
from svastha.domain.queue.model import (
    CAUSES,
    SEALED,
    Cause,
    How,
    NobodyWaits,
    NotWaiting,
    Priority,
    QueueLate,
    QueueMoved,
    SameDoctor,
    Turn,
    Wait,
)
from svastha.domain.queue.position import Position, position
from svastha.domain.queue.prioritise import prioritise
from svastha.domain.queue.recall import recall
from svastha.domain.queue.say_late import say_late
from svastha.domain.queue.screen import Shown, screen
from svastha.domain.queue.skip import skip
from svastha.domain.queue.standings import Standing, standings
from svastha.domain.queue.tell import tell_late
from svastha.domain.queue.today import Today, today
from svastha.domain.queue.transfer import transfer
from svastha.domain.queue.turns_of import turns_of
from svastha.domain.queue.walk_in import walk_in

__all__ = [
    "CAUSES",
    "SEALED",
    "Board",
    "Cause",
    "How",
    "Line",
    "NobodyWaits",
    "NotWaiting",
    "Position",
    "Priority",
    "QueueLate",
    "QueueMoved",
    "SameDoctor",
    "Shown",
    "Standing",
    "Today",
    "Turn",
    "Wait",
    "board",
    "call_next",
    "check_in",
    "position",
    "prioritise",
    "recall",
    "say_late",
    "screen",
    "skip",
    "standings",
    "tell_late",
    "today",
    "transfer",
    "turns_of",
    "walk_in",
    "whose",
]
