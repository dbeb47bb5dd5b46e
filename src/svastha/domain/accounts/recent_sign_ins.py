from datetime import datetime

import msgspec

from svastha.domain.accounts.actor import Actor
from svastha.domain.accounts.sessions_list import network_words
from svastha.kit.db import ControlTx
from svastha.kit.user_agent import device_of

MOST = 10


class SignInSeen(msgspec.Struct, frozen=True):
    """``worked`` is false for one that was tried and refused."""

    at: datetime
    worked: bool
    browser: str
    system: str
    network: str


class _Row(msgspec.Struct, frozen=True):
    at: datetime
    worked: bool
    device: str
    came_from: str


async def recent_sign_ins(tx: ControlTx, actor: Actor) -> list[SignInSeen]:
    """The latest ten to her account, also those that failed, newest first."""
    rows = await tx.all(
        _Row,
        "SELECT at, action = 'sign_in' AS worked, coalesce(device, '') AS device, coalesce(came_from, '') AS came_from"
        " FROM audit_entries WHERE account_id = :id AND action IN ('sign_in', 'sign_in_failed')"
        " ORDER BY id DESC LIMIT :most",
        id=actor.account_id,
        most=MOST,
    )
    return [SignInSeen(row.at, row.worked, *device_of(row.device), network_words(row.came_from)) for row in rows]
