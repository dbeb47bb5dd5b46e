"""A chain as a stream of records: what a verifier reads, from the database or from an export, one after the other."""

from collections.abc import AsyncIterator
from datetime import datetime
from operator import attrgetter
from uuid import UUID

import msgspec

from svastha.domain.audit.anchor import Anchor
from svastha.domain.audit.model import COLUMNS, FORMAT, SEAL_COLUMNS, Entry, Seal, chain_of
from svastha.domain.audit.signer import PublicKey
from svastha.kit.db import Tx

PAGE = 4096  # leaves fetched at once


class Head(msgspec.Struct, frozen=True, tag_field="is", tag="head"):
    """``anchor``: how far this chain had come as other databases know it."""

    chain: str
    name: str
    at: datetime
    keys: list[PublicKey]
    anchor: Anchor | None
    format: str = FORMAT


class Leaf(msgspec.Struct, frozen=True, tag_field="is", tag="leaf"):
    """``hash`` was sealed in this place; ``entry`` is what stands there now, if anything."""

    seal: int
    place: int
    id: UUID
    hash: bytes
    entry: Entry | None


class Unsealed(msgspec.Struct, frozen=True, tag_field="is", tag="unsealed"):
    """``passed``: the chain went on without it, so that it cannot have been there at the time."""

    entry: Entry
    passed: bool


class End(msgspec.Struct, frozen=True, tag_field="is", tag="end"):
    entries: int


Record = Head | Seal | Leaf | Unsealed | End


async def records(
    tx: Tx, *, name: str, at: datetime, keys: list[PublicKey], anchor: Anchor | None
) -> AsyncIterator[Record]:
    """Head, then each seal followed by its leaves, what is not sealed, and End. In a transaction that sees one moment
    (``REPEATABLE READ``): what is sealed meanwhile does not show in the middle."""
    yield Head(chain_of(tx), name, at, keys, anchor)
    entries, after, seal = 0, -1, None
    while seals := await tx.all(
        Seal, f"SELECT {SEAL_COLUMNS} FROM audit_seals WHERE number > :after ORDER BY number LIMIT 512", after=after
    ):
        while seals:
            taken, room = 0, PAGE
            while taken < len(seals) and (room > 0 or taken == 0):
                room -= seals[taken].count
                taken += 1
            upto = seals[taken - 1].number
            leaves = await _leaves(tx, after, upto)
            begin = 0
            for seal in seals[:taken]:
                yield seal
                while begin < len(leaves) and leaves[begin].seal <= seal.number:
                    entries += leaves[begin].entry is not None
                    yield leaves[begin]
                    begin += 1
            seals, after = seals[taken:], upto
    for leaf in await _leaves(tx, after, 2**31 - 1):  # of seals that are gone
        entries += leaf.entry is not None
        yield leaf
    async for one in _unsealed(tx, seal):
        entries += 1
        yield one
    yield End(entries)


class _LeafRow(Entry, frozen=True):
    seal: int
    place: int
    entry_id: UUID
    leaf: bytes


class _UnsealedRow(Entry, frozen=True):
    passed: bool


_entry_of = attrgetter(*Entry.__struct_fields__)


async def _leaves(tx: Tx, after: int, upto: int) -> list[Leaf]:
    rows = await tx.all(
        _LeafRow,
        f"""
        SELECT {COLUMNS}, l.seal, l.place, l.entry_id, l.hash AS leaf
        FROM audit_leaves l LEFT JOIN audit_entries e ON e.id = l.entry_id
        WHERE l.seal > :after AND l.seal <= :upto ORDER BY l.seal, l.place, l.entry_id
        """,
        after=after,
        upto=upto,
    )
    return [
        Leaf(row.seal, row.place, row.entry_id, row.leaf, Entry(*_entry_of(row)) if row.id else None) for row in rows
    ]


async def _unsealed(tx: Tx, last: Seal | None) -> AsyncIterator[Unsealed]:
    after = UUID(int=0)
    while rows := await tx.all(
        _UnsealedRow,
        f"""
        SELECT {COLUMNS}, (e.xid, e.id) <= (:xid::text::xid8, :upto::uuid)
            AND :cluster::text = (SELECT system_identifier FROM pg_control_system())::text AS passed
        FROM audit_entries e
        WHERE e.id > :after AND NOT EXISTS (SELECT FROM audit_leaves l WHERE l.entry_id = e.id)
        ORDER BY e.id LIMIT :most
        """,
        after=after,
        xid=last.upto_xid if last else "0",
        upto=last.upto_id if last else UUID(int=0),
        cluster=last.cluster if last else "",
        most=PAGE,
    ):
        for row in rows:
            yield Unsealed(Entry(*_entry_of(row)), row.passed)
        after = rows[-1].id
