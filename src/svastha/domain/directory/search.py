from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from svastha.domain.directory.cards import Row, card, cards_of
from svastha.domain.directory.model import MOST, DoctorCard, Query
from svastha.domain.directory.understand import Understood, plain, understand
from svastha.kit import clock
from svastha.kit.db import ControlTx
from svastha.kit.pages import Page, cursor_at, place_of


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ended. All pages of one search agree with the first on which times have passed."""

    segment: int
    key: str
    doctor_id: UUID
    now: datetime


async def search(tx: ControlTx, query: Query, *, secret: str) -> Page[DoctorCard]:
    """Verified doctors of open clinics who fit everything that was asked.

    ``q`` forgives spelling and understands complaints; each of its words that means anything must fit. Doctors who are
    called exactly that come first, then the rest; inside each, the sort that was asked for, and the id among equals.
    A doctor counts by the best of her visits that fits mode, fee, clinic and day.

    A time that has passed is no time: it is never shown, and whoever has no other comes last with those who have none,
    until the clinic publishes anew: after each booking, and whenever the first free time passes.
    Raises BadCursor for a cursor that does not belong to this very search.
    """
    purpose = _purpose(query)
    after = place_of(query.cursor, Place, secret=secret, purpose=purpose) if query.cursor else None
    limit = max(1, min(query.limit, MOST))
    understood = await understand(tx, query.q)
    if understood.lost:
        return Page([])
    now = clock.now()
    as_of = after.now if after else now
    rows = await tx.all(
        Row,
        cards_of(_page(query, understood, after)),
        now=now,
        as_of=as_of,
        after=after.key if after else None,
        after_id=after.doctor_id if after else None,
        most=limit + 1,
        **_values(query, understood),
    )
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(
        [card(row, query) for row in rows[:limit] if row.verified and row.clinics],
        cursor_at(Place(last.segment, last.key, last.id, as_of), secret=secret, purpose=purpose) if last else None,
    )


async def count(tx: ControlTx, query: Query, *, most: int = 100) -> int:
    """How many doctors fit; ``most + 1`` says that there are more than ``most``."""
    understood = await understand(tx, query.q)
    if understood.lost:
        return 0
    tables, fits = _offers(query, "o")
    found: int = await tx.value(
        f"""
        SELECT count(*) FROM (
            SELECT FROM directory_entries e WHERE {_who(query, understood)}
                AND EXISTS (SELECT FROM {tables} WHERE {fits} AND o.doctor_id = e.doctor_id)
            LIMIT :most) f
        """,
        as_of=clock.now(),
        most=most + 1,
        **_values(query, understood),
    )
    return found


def _purpose(query: Query) -> str:
    return "doctors " + msgspec.json.encode(msgspec.structs.replace(query, cursor=None, limit=1)).decode()


def _values(query: Query, understood: Understood) -> dict[str, Any]:
    filters = {"specialty": query.specialty, "language": query.language, "gender": query.gender}
    return {
        "mode": query.mode,
        "max_fee": query.max_fee,
        "clinic": query.clinic and plain(query.clinic),
        "day": query.day,
        "tags": [plain(f"{kind}:{word}") for kind, word in filters.items() if word],
        "names": understood.names,
        **{f"group{n}": group for n, group in enumerate(understood.groups)},
    }


def _who(query: Query, understood: Understood) -> str:
    wanted = [f"e.tags && :group{n}::text[]" for n, _ in enumerate(understood.groups)]
    if query.specialty or query.language or query.gender:
        wanted.append("e.tags @> :tags::text[]")
    return " AND ".join(wanted) or "true"


def _offers(query: Query, o: str) -> tuple[str, str]:
    """FROM and WHERE of the visits that fit, under the name ``o``; of a day, its times under ``o`` and a t."""
    tables, fits = f"listing_offers {o}", [f"{o}.live"]
    if query.day:
        tables += (
            f" JOIN listing_days {o}t ON {o}t.doctor_id = {o}.doctor_id AND {o}t.clinic_id = {o}.clinic_id"
            f" AND {o}t.mode = {o}.mode AND {o}t.day = :day AND {o}t.first_at > :as_of"
        )
    if query.mode:
        fits.append(f"{o}.mode = :mode")
    if query.max_fee is not None:
        fits.append(f"{o}.fee_paise <= :max_fee")
    if query.clinic:
        fits.append(f"{o}.clinic_id = (SELECT id FROM clinics WHERE slug = :clinic)")
    return tables, " AND ".join(fits)


def _page(query: Query, understood: Understood, after: Place | None) -> str:
    """One walk along an index for each segment; PostgreSQL does not begin the next before it has to."""
    segments = list(_segments(query, understood))
    walks = []
    for number, which in enumerate(segments):
        if after and number < after.segment:
            continue
        beyond = after is not None and number == after.segment
        walks.append(f"({_walk(query, _who(query, understood), which, number, beyond)})")
    return f"SELECT * FROM ({' UNION ALL '.join(walks)}) w LIMIT :most"


def _segments(query: Query, understood: Understood) -> Iterator[str]:
    called = ["e.tags @> :names::text[]", "NOT e.tags @> :names::text[]"] if understood.names else ["true"]
    times = ["o.next_free_at > :as_of", "o.next_free_at <= :as_of"] if _by_next_free(query) else ["true"]
    return (f"{name} AND {time}" for name in called for time in times)


def _by_next_free(query: Query) -> bool:
    return query.sort == "soonest" and not query.day


def _walk(query: Query, who: str, which: str, number: int, beyond: bool) -> str:
    """``beyond``: only what comes after the end of the page before.

    OFFSET 0 keeps the dear question, whether this is the best of her visits, for the few whose tags fit.
    """
    key, kind, order = {
        "soonest": ("ot.first_at" if query.day else "o.next_free_at", "timestamptz", "bt.first_at"),
        "fee": ("o.fee_paise", "bigint", "b.fee_paise"),
        "experience": ("e.practising_since", "int", "b.fee_paise"),
    }[query.sort]
    if _by_next_free(query):
        order = "CASE WHEN b.next_free_at > :as_of THEN b.next_free_at ELSE 'infinity' END"
    start = f"AND ({key}, o.doctor_id) > (:after::text::{kind}, :after_id::uuid)" if beyond else ""
    tables, fits = _offers(query, "o")
    others, fit = _offers(query, "b")
    return f"""
        SELECT {number} AS segment, f.key, f.doctor_id
        FROM (
            SELECT {key} AS key, o.doctor_id, o.clinic_id, o.mode
            FROM {tables} JOIN directory_entries e ON e.doctor_id = o.doctor_id
            WHERE {fits} AND {who} AND {which} {start}
            ORDER BY {key}, o.doctor_id OFFSET 0
        ) f
        WHERE (f.clinic_id, f.mode) = (
            SELECT b.clinic_id, b.mode FROM {others} WHERE {fit} AND b.doctor_id = f.doctor_id
            ORDER BY {order}, b.clinic_id, b.mode LIMIT 1)
        LIMIT :most
    """
