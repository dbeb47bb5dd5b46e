from typing import Any
from uuid import UUID

import msgspec

from svastha.domain.accounts.contacts import CONTACTS, reachable_at
from svastha.kit.db import ControlTx


class Reached(msgspec.Struct, frozen=True):
    """Who somebody is to a message: empty where she has no such address."""

    account_id: UUID
    name: str
    locale: str
    zone: str
    email: str
    phone: str


class _Row(msgspec.Struct, frozen=True):
    name: str
    locale: str
    zone: str
    contacts: list[dict[str, Any]]


async def reached(tx: ControlTx, account_id: UUID) -> Reached:
    """Where she can be told something, also if her account is suspended."""
    row = await tx.one(
        _Row, f"SELECT a.name, a.locale, a.zone, {CONTACTS} AS contacts FROM accounts a WHERE a.id = :id", id=account_id
    )
    return Reached(
        account_id,
        row.name,
        row.locale,
        row.zone,
        reachable_at(tx, row.contacts, "email"),
        reachable_at(tx, row.contacts, "phone"),
    )
