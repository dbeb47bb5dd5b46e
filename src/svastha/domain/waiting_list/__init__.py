"""Who waits for a time: for a doctor, a specialty or anybody here. Time that frees up is offered to the first in line
alone, for a while, then to the next.

Owns: waiting_list, waiting_list_offers.
Announces: Look, Offered, WaitEnds.
"""

from svastha.domain.waiting_list.access import seen_by
from svastha.domain.waiting_list.answer import accept, decline, leave
from svastha.domain.waiting_list.join import join
from svastha.domain.waiting_list.model import (
    MOST,
    PARTS,
    WEEK,
    Entry,
    Look,
    Offer,
    Offered,
    OfferOver,
    Part,
    WaitEnds,
    Wish,
)
from svastha.domain.waiting_list.offer import offer_free
from svastha.domain.waiting_list.read import Choices, choices, everybody, of_account
from svastha.domain.waiting_list.settle import end_wait, follow_booking, settle
from svastha.domain.waiting_list.tell import tell_offered

__all__ = [
    "MOST",
    "PARTS",
    "WEEK",
    "Choices",
    "Entry",
    "Look",
    "Offer",
    "OfferOver",
    "Offered",
    "Part",
    "WaitEnds",
    "Wish",
    "accept",
    "choices",
    "decline",
    "end_wait",
    "everybody",
    "follow_booking",
    "join",
    "leave",
    "of_account",
    "offer_free",
    "seen_by",
    "settle",
    "tell_offered",
]
