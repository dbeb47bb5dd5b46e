from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from svastha.domain.directory.cards import Row, cards_of, read
from svastha.domain.directory.model import MOST, DoctorCard, Query
from svastha.domain.directory.understand import Understood, plain, understand
from svastha.kit import clock
from svastha.kit.db import ControlTx
from svastha.kit.pages import Cursors, Page


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ended. All pages of one search agree with the first on which times have passed."""

    segment: int
    key: str
    doctor_id: UUID
    now: datetime


class Found(msgspec.Struct, frozen=True):
    """``cards`` is the JSON of a list of DoctorCard."""

    cards: str
    next_cursor: str | None = None


async def search(tx: ControlTx, query: Query, *, secret: str) -> Page[DoctorCard]:
    """As :func:`found`, to be read here."""
    page = await found(tx, query, secret=secret)
    return Page(read(page.cards), page.next_cursor)


async def found(tx: ControlTx, query: Query, *, secret: str) -> Found:
    """Verified doctors of open clinics who fit everything that was asked.

    ``q`` forgives spelling and understands complaints; each of its words that means anything must fit. Doctors who are
    called exactly that come first, then the rest; inside each, the sort that was asked for, and the id among equals.
    A doctor counts by the best of her visits that fits mode, fee, clinic and day.

    A time that has passed is no time: it is never shown, and whoever has no other comes last with those who have none,
    until the clinic publishes anew: after each booking, and whenever the first free time passes.
    Raises BadCursor for a cursor that does not belong to this very search.
    """
    cursors = Cursors(Place, secret=secret, purpose=_purpose(query))
    after = cursors.place(query.cursor)
    limit = max(1, min(query.limit, MOST))
    await tx.plan_once()
    understood = await understand(tx, query.q, _tags(query), fitting=_fitting(query))
    if understood.lost:
        return Found("[]")
    now = clock.now()
    as_of = after.now if after else now
    row = await tx.one(
        Row,
        cards_of(page_of(query, understood, after)),
        now=now,
        as_of=as_of,
        after_segment=after.segment if after else None,
        after=after.key if after else None,
        after_id=after.doctor_id if after else None,
        most=limit + 1,
        **_values(query, understood),
    )
    if row.segment is None or row.key is None or row.doctor_id is None:
        return Found(row.cards)
    last = Place(row.segment, row.key, UUID(row.doctor_id), as_of)
    return Found(row.cards, cursors.at(last))


async def count(tx: ControlTx, query: Query, *, most: int = 100) -> int:
    """How many doctors fit; ``most + 1`` says that there are more than ``most``."""
    await tx.plan_once()
    understood = await understand(tx, query.q, _tags(query), fitting=_fitting(query))
    if understood.lost:
        return 0
    tables, fits = _offers(query, "o")
    who = _who(query, understood, "e", hidden=not (understood.few or query.clinic))
    many: int = await tx.value(
        f"""
        SELECT count(*) FROM (
            SELECT FROM directory_entries e WHERE {who}
                AND EXISTS (SELECT FROM {tables} WHERE {fits} AND o.doctor_id = e.doctor_id)
            LIMIT :most) f
        """,
        as_of=clock.now(),
        most=most + 1,
        **_values(query, understood),
    )
    return many


def _purpose(query: Query) -> str:
    return "doctors " + msgspec.json.encode(msgspec.structs.replace(query, cursor=None, limit=1)).decode()


def _values(query: Query, understood: Understood) -> dict[str, Any]:
    return {
        "mode": query.mode,
        "max_fee": query.max_fee,
        "clinic": query.clinic and plain(query.clinic),
        "day": query.day,
        "tags": [*_tags(query), *(tags[0] for tags in understood.groups if len(tags) == 1)],
        "names": understood.names,
        "lead": understood.lead,
        **{f"group{n}": group for n, group in enumerate(_choices(understood))},
    }


def _tags(query: Query) -> list[str]:
    filters = {"specialty": query.specialty, "language": query.language, "gender": query.gender}
    return [plain(f"{kind}:{word}") for kind, word in filters.items() if word]


def _fitting(query: Query) -> float:
    """Which share of visits fits what no order is about, by a guess."""
    dear = 0.25 if query.max_fee is not None and query.sort != "fee" else 1.0
    return dear * (0.25 if query.mode and query.sort == "experience" else 1.0)


def _choices(understood: Understood) -> list[list[str]]:
    return [tags for tags in understood.groups if len(tags) != 1]


def _who(query: Query, understood: Understood, o: str, *, hidden: bool) -> str:
    """Who carries the tags."""
    wanted = [f"{o}.tags && :group{n}::text[]" for n, _ in enumerate(_choices(understood))]
    if _tags(query) or len(wanted) < len(understood.groups):
        wanted.append(f"{o}.tags @> :tags::text[]")
    return " AND ".join(_hidden(one) if hidden else one for one in wanted) or "true"


def _hidden(question: str) -> str:
    """From the index that would find all who fit, where they are many and a page of them is met soon."""
    return f"coalesce({question}, false)"


def _soon(query: Query, understood: Understood) -> bool:
    return understood.soon and _by_next_free(query) and not query.clinic


def _few(query: Query, understood: Understood) -> bool:
    return bool(understood.few or query.clinic) and not _soon(query, understood)


HIGHEST = 2**63 - 1


def _offers(query: Query, o: str, *, hidden: bool = False) -> tuple[str, str]:
    """FROM and WHERE of the visits that fit, under the name ``o``; of a day, its times under ``o`` and a t. ``hidden``:
    what many fit is not looked for in an index."""
    tables = f"listing_offers {o}"
    fits = [f"{o}.live", f"{o}.fee_paise <= coalesce(:max_fee::bigint, {HIGHEST})"]
    if query.day:
        tables += (
            f" JOIN listing_days {o}t ON {o}t.doctor_id = {o}.doctor_id AND {o}t.clinic_id = {o}.clinic_id"
            f" AND {o}t.mode = {o}.mode AND {o}t.day = :day AND {o}t.first_at > :as_of"
        )
    if query.mode:
        fits.append(f"{o}.mode = :mode")
    if hidden:
        fits = [_hidden(one) for one in fits]
    if query.clinic:
        fits.append(f"{o}.clinic_id = (SELECT id FROM clinics WHERE slug = :clinic)")
    return tables, " AND ".join(fits)


def _by_next_free(query: Query) -> bool:
    return query.sort == "soonest" and not query.day


def _key(query: Query, o: str) -> tuple[str, str]:
    """What a page is sorted by, and its type."""
    return {
        "soonest": (f"{o}t.first_at" if query.day else f"{o}.next_free_at", "timestamptz"),
        "fee": (f"{o}.fee_paise", "bigint"),
        "experience": (f"{o}.practising_since", "int"),
    }[query.sort]


def page_of(query: Query, understood: Understood, after: Place | None) -> str:
    """Many who fit are met along an index, of few all are looked at, and in between those of the next hours first. All
    come to the same, in the same order."""
    page = _all(query, understood, after) if _few(query, understood) else _walks(query, understood, after)
    return f"SELECT row_number() OVER () AS at, segment, key::text AS key, doctor_id FROM ({page}) w LIMIT :most"


def _all(query: Query, understood: Understood, after: Place | None) -> str:
    tables, fits = _offers(query, "o", hidden=not query.clinic)
    key, kind = _key(query, "o")
    who = _who(query, understood, "o", hidden=False)
    named = "(NOT bool_or(o.tags @> :names::text[]))::int" if understood.names else "0"
    passed, best = "0", f"min({key})"
    if _by_next_free(query):
        free = f"{best} FILTER (WHERE {key} > :as_of)"
        passed, best = f"({free} IS NULL)::int", f"coalesce({free}, {best})"
    beyond = f"WHERE (segment, key, doctor_id) > (:after_segment, :after::text::{kind}, :after_id::uuid)"
    return f"""
        SELECT * FROM (
            SELECT {named} * {1 + _by_next_free(query)} + {passed} AS segment, {best} AS key, o.doctor_id
            FROM {tables} WHERE {fits} AND {who}
            GROUP BY o.doctor_id
        ) f {beyond if after else ""} ORDER BY segment, key, doctor_id LIMIT :most
    """


def _walks(query: Query, understood: Understood, after: Place | None) -> str:
    """One walk along an index for each part of a segment; PostgreSQL does not begin the next before it has to."""
    walks, carrying = [], _who(query, understood, "o", hidden=True)
    for number, table, which in _parts(query, understood):
        if after and number < after.segment:
            continue
        beyond = after is not None and number == after.segment
        walk = _walk(query, f"{carrying} AND {which}", number, beyond)
        walks.append(f"({walk.replace(OFFERS, table, 1)})")
    return " UNION ALL ".join(walks)


OFFERS = "listing_offers o"
# Those few come by their names, whatever else is asked.
CALLED = "(SELECT * FROM listing_offers c WHERE c.live AND c.tags @> :names::text[] OFFSET 0) o"
COMING, PASSED = "o.next_free_at > :as_of", "o.next_free_at <= :as_of"
# The times of a part are found in one index and the tags in another, and only what is in both is looked at.
SOON = [
    "o.next_free_at <= :as_of::timestamptz + interval '2 hours'",
    "o.next_free_at > :as_of::timestamptz + interval '2 hours'"
    " AND o.next_free_at <= :as_of::timestamptz + interval '1 day'",
    "o.next_free_at > :as_of::timestamptz + interval '1 day'",
]


def _parts(query: Query, understood: Understood) -> Iterator[tuple[int, str, str]]:
    """Number of the segment, where it is found, and who is in it."""
    number, by_name = 0, "o.tags @> :names::text[]"
    for called in [True, False] if understood.names else [False]:
        soon = _by_next_free(query) and (understood.soon_called if called else understood.soon)
        table = CALLED if called and understood.few_called and not soon else OFFERS
        who = "o.tags && :lead::text[]" if soon and not called else "true"
        if called:
            who = by_name if soon else _hidden(by_name)
        elif understood.names:
            who += f" AND {_hidden(f'NOT {by_name}')}"
        for time in [COMING, PASSED] if _by_next_free(query) else ["true"]:
            for part in SOON if soon and time is COMING else ["true"]:
                yield number, table, f"{who} AND {time} AND {part}"
            number += 1


def _walk(query: Query, who: str, number: int, beyond: bool) -> str:
    """``beyond``: only what comes after the end of the page before.

    OFFSET 0 keeps the dear question, whether this is the best of her visits, for the few whose tags fit.
    """
    key, kind = _key(query, "o")
    order = "b.fee_paise" if query.sort == "experience" else _key(query, "b")[0]
    if _by_next_free(query):
        order = f"CASE WHEN {order} > :as_of THEN {order} END, {order}"
    start = f"AND ({key}, o.doctor_id) > (:after::text::{kind}, :after_id::uuid)" if beyond else ""
    tables, fits = _offers(query, "o")
    others, fit = _offers(query, "b")
    return f"""
        SELECT {number} AS segment, f.key, f.doctor_id
        FROM (
            SELECT {key} AS key, o.doctor_id, o.clinic_id, o.mode
            FROM {tables} WHERE {fits} AND {who} {start}
            ORDER BY {key}, o.doctor_id OFFSET 0
        ) f
        WHERE (f.clinic_id, f.mode) = (
            SELECT b.clinic_id, b.mode FROM {others} WHERE {fit} AND b.doctor_id = f.doctor_id
            ORDER BY {order}, b.clinic_id, b.mode LIMIT 1)
        LIMIT :most
    """
