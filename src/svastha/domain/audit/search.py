from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from svastha.domain.audit.model import COLUMNS, Entry
from svastha.domain.audit.note import note
from svastha.kit.db import ControlTx, Tx

SLACK = timedelta(hours=1)  # an identifier is made by the program's clock, ``at`` by the database's
# Looking at a record, as opposed to changing it.
LOOKS = ("read", "export", "break_glass", "break_glass_opened", "open_record")


class Wish(msgspec.Struct, frozen=True):
    """What to look for; None: anything. ``people``: any of these as the one whose record it is."""

    who: list[UUID] | None = None
    people: list[UUID] | None = None
    action: str | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None


async def search(
    tx: Tx, reader: UUID, wish: Wish, *, after: UUID | None = None, limit: int, kind: str = "audit"
) -> list[Entry]:
    """Latest first; ``after`` is the last of the page before. Looking into the audit is noted in it."""
    found = await tx.all(
        Entry,
        f"""
        SELECT {COLUMNS} FROM audit_entries e
        WHERE (:who::uuid[] IS NULL OR e.account_id = ANY(:who))
            AND (:people::uuid[] IS NULL OR e.whose = ANY(:people) OR e.people && :people)
            AND (:action::text IS NULL OR e.action = :action)
            AND (:from_at::timestamptz IS NULL OR e.at >= :from_at) AND e.id >= :from_id
            AND (:to_at::timestamptz IS NULL OR e.at < :to_at) AND e.id < :to_id
        ORDER BY e.id DESC LIMIT :limit
        """,
        who=wish.who,
        people=wish.people,
        action=wish.action,
        from_at=wish.from_at,
        to_at=wish.to_at,
        from_id=_id_of(wish.from_at, -SLACK) if wish.from_at else UUID(int=0),
        to_id=min(after or LAST, _id_of(wish.to_at, SLACK) if wish.to_at else LAST),
        limit=limit,
    )
    note(tx, reader, "export" if kind == "export" else "read", "audit", kind, people=wish.people or ())
    return found


async def seen(tx: Tx, account_id: UUID, mine: list[UUID], *, before: UUID | None, limit: int) -> list[Entry]:
    """Who looked at the record of these patients of this clinic, latest first; the looks of the one who asks are left
    out."""
    return await tx.all(
        Entry,
        f"""
        SELECT {COLUMNS} FROM audit_entries e
        WHERE (e.whose = ANY(:mine) OR e.people && :mine) AND e.action = ANY(:looks)
            AND e.account_id <> :account_id AND e.id < :before
        ORDER BY e.id DESC LIMIT :limit
        """,
        mine=mine,
        looks=list(LOOKS),
        account_id=account_id,
        before=before or LAST,
        limit=limit,
    )


class Person(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    roles: list[str]


async def staff(tx: ControlTx, ids: Iterable[UUID | None], clinic_id: UUID | None) -> dict[UUID, Person]:
    """Names of accounts, with the roles they hold or held at this clinic; and of the keys of other systems."""
    found = await tx.all(
        Person,
        """
        SELECT a.id, a.name, coalesce(array_agg(DISTINCT g.role) FILTER (WHERE g.role IS NOT NULL), '{}') AS roles
        FROM accounts a LEFT JOIN grants g
            ON g.account_id = a.id AND (g.clinic_id = :clinic_id OR g.clinic_id IS NULL)
        WHERE a.id = ANY(:ids::uuid[]) GROUP BY a.id
        UNION ALL SELECT id, name, '{api_key}' FROM api_keys WHERE id = ANY(:ids::uuid[])
        """,
        ids=[id for id in set(ids) if id],
        clinic_id=clinic_id,
    )
    return {one.id: one for one in found}


class _Named(msgspec.Struct, frozen=True):
    id: UUID
    name: str


async def patients_named(tx: Tx, ids: Iterable[UUID | None]) -> dict[UUID, str]:
    rows = await tx.all(
        _Named, "SELECT id, name FROM patients WHERE id = ANY(:ids::uuid[])", ids=[id for id in set(ids) if id]
    )
    return {row.id: row.name for row in rows}


async def patients_like(tx: Tx, text: str) -> list[UUID]:
    """At most 50, by a part of the name."""
    found: list[UUID] | None = await tx.value(
        "SELECT array_agg(id) FROM (SELECT id FROM patients WHERE strpos(lower(name), lower(:text)) > 0 LIMIT 50) p",
        text=text,
    )
    return found or []


async def staff_like(tx: ControlTx, text: str, clinic_id: UUID | None) -> list[UUID]:
    """At most 50 who hold or held a role at this clinic, or anywhere, by a part of the name; so for its keys."""
    found: list[UUID] | None = await tx.value(
        """
        SELECT array_agg(id) FROM (
            SELECT id FROM accounts a WHERE strpos(lower(name), lower(:text)) > 0 AND (:clinic_id::uuid IS NULL
                OR EXISTS (SELECT FROM grants g WHERE g.account_id = a.id AND g.clinic_id = :clinic_id))
            UNION ALL SELECT id FROM api_keys WHERE strpos(lower(name), lower(:text)) > 0
                AND (:clinic_id::uuid IS NULL OR clinic_id = :clinic_id)
            LIMIT 50) p
        """,
        text=text,
        clinic_id=clinic_id,
    )
    return found or []


LAST = UUID(int=2**128 - 1)


def _id_of(at: datetime, slack: timedelta) -> UUID:
    """The least identifier made at this time, or by so much apart."""
    try:
        at += slack
    except OverflowError:
        pass
    return UUID(int=max(0, int(at.timestamp() * 1000)) << 80)
