from collections.abc import Sequence
from math import prod

import msgspec

from svastha.kit.db import ControlTx


class Part(msgspec.Struct, frozen=True):
    """A word of what was asked: any of the tags will do. ``name`` is the tag of doctors who are called exactly this."""

    word: str
    filler: bool
    tags: list[str]
    name: str | None


class Understood(msgspec.Struct, frozen=True):
    """What a search must carry: one tag of each group. ``lost``: nothing of it was understood. ``few``: so few doctors
    carry all of it that looking at each of them is cheaper than meeting them among all. ``few_called``: or are called
    exactly that. ``lead``: the group that the fewest carry. ``soon``: so many that only those who carry it and are free
    in the next hours are worth looking at, and not so many that a page of them is met at once. ``soon_called``: the
    same of those who are called exactly that."""

    groups: list[list[str]] = []
    names: list[str] = []
    lost: bool = False
    few: bool = False
    few_called: bool = False
    lead: list[str] = []
    soon: bool = False
    soon_called: bool = False


class _Answer(msgspec.Struct, frozen=True):
    parts: list[Part]
    carried: dict[str, int]
    everybody: int


_ANSWERS = msgspec.json.Decoder(_Answer)


def plain(text: str) -> str:
    """PostgreSQL knows no NUL."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


async def understand(tx: ControlTx, q: str, tags: Sequence[str] = (), *, fitting: float = 1.0) -> Understood:
    """Words that nobody knows are passed over; fillers count only where nothing else was said. ``tags`` are wanted too,
    and of those who carry them about the share ``fitting`` fits in other ways.

    Several complaints are for a specialty that treats them all; where there is none, for any that treats one of them.
    """
    q = plain(q)
    if not q.strip() and not tags:
        return Understood()
    answer = _ANSWERS.decode(await tx.value(UNDERSTAND, q=q[:200], wanted=list(tags)))
    parts = answer.parts
    known = [part for part in parts if part.tags]
    complaints = [set(part.tags) for part in known if all(tag.startswith("specialty:") for tag in part.tags)]
    groups = [part.tags for part in known if set(part.tags) not in complaints]
    if complaints:
        groups.append(sorted(set.intersection(*complaints) or set.union(*complaints)))
    names = [part.name for part in parts if part.name]
    names = names if len(names) == len(parts) else []
    wanted, everybody = [*groups, *([tag] for tag in tags)], max(1, answer.everybody)
    carrying, called = _carrying(answer, wanted), _carrying(answer, [[name] for name in names])
    least, lead = min(((_carrying(answer, [group]), group) for group in wanted), default=(0.0, []))
    return Understood(
        groups=groups,
        names=names,
        lost=not known and not all(part.filler for part in parts) if parts else sum(map(str.isalnum, q)) > 1,
        few=carrying**2 * fitting < LOOKED_AT * everybody,
        few_called=called**2 * fitting < LOOKED_AT * everybody,
        lead=lead,
        soon=_is_soon(carrying, least, everybody, fitting),
        soon_called=_is_soon(called, called, everybody, fitting),
    )


def _carrying(answer: _Answer, groups: Sequence[Sequence[str]]) -> float:
    """How many doctors. Taken as if words had nothing to do with one another, which is near enough."""
    everybody = max(1, answer.everybody)
    return everybody * prod(min(1.0, sum(answer.carried.get(tag, 0) for tag in group) / everybody) for group in groups)


# To look at each of those who fit costs as much as to meet everybody until a page is full when the square of their
# number is some times everybody.
LOOKED_AT = 16


def _is_soon(carrying: float, least: float, everybody: int, fitting: float) -> bool:
    """Whether that takes less than to look at each of those who carry it, and than to meet everybody until a page is
    full: by a guess in microseconds, with a twentieth of all free in the next hours."""
    soon = 250 + 0.009 * everybody + 0.37 * least
    return soon < 2.7 * carrying and soon * carrying * fitting < 70 * everybody


# The nearest words: the very word, else one that begins so, else one letter off, else two (long words only). Of the
# complaints those count whose words were all said, the longest first; where none was, those of which most was said.
UNDERSTAND = """
    WITH said AS (
        SELECT at, token, EXISTS (SELECT FROM search_fillers f WHERE f.word = token) AS filler
        FROM unnest((words_of(:q))[1:8]) WITH ORDINALITY AS w(token, at)
    ), tokens AS (
        SELECT * FROM said WHERE NOT filler OR NOT EXISTS (SELECT FROM said WHERE NOT filler)
    ), candidates AS (
        SELECT t.at, w.kind, w.word, CASE
            WHEN w.word = t.token THEN 0
            WHEN starts_with(w.word, t.token) THEN 1
            WHEN length(t.token) > 3 THEN 1 + levenshtein_less_equal(w.word, t.token, 2)
            END AS far, CASE WHEN length(t.token) > 6 THEN 3 ELSE 2 END AS farthest
        FROM tokens t JOIN search_words w
            ON w.kind IN ('term', 'name', 'place') AND (w.word % t.token OR w.word LIKE t.token || '%')
        WHERE w.kind = 'term' OR w.doctors > 0
    ), near AS (
        SELECT at, kind, word, far FROM (
            SELECT *, min(far) OVER (PARTITION BY at) AS best, min(far) OVER (PARTITION BY at, kind) AS best_of_kind
            FROM candidates WHERE far <= farthest) c
        WHERE far = best OR (far = best_of_kind AND far <= 1)
    ), phrases AS (
        SELECT s.term, s.tags, array_agg(DISTINCT n.at) AS covers,
            count(DISTINCT n.word) = cardinality(s.words) AS whole
        FROM near n JOIN search_terms s ON n.word = ANY(s.words) WHERE n.kind = 'term' GROUP BY s.term
    ), meant AS (
        SELECT t.at, p.tags, p.whole, bool_or(p.whole) OVER () AS any_whole,
            rank() OVER (PARTITION BY t.at ORDER BY p.whole DESC, cardinality(p.covers) DESC) AS place
        FROM tokens t JOIN phrases p ON t.at = ANY(p.covers)
    ), alternatives AS (
        SELECT at, kind || ':' || word AS tag FROM near WHERE kind <> 'term'
        UNION
        SELECT at, unnest(tags) FROM meant WHERE place = 1 AND (whole OR NOT any_whole)
    )
    SELECT json_build_object('parts', coalesce(json_agg(json_build_object(
        'word', t.token, 'filler', t.filler,
        'tags', array(SELECT a.tag FROM alternatives a WHERE a.at = t.at ORDER BY 1),
        'name', (SELECT 'name:' || n.word FROM near n WHERE n.at = t.at AND n.kind = 'name' AND n.far = 0)
    ) ORDER BY t.at), '[]'), 'carried', (SELECT coalesce(json_object_agg(c.tag, w.doctors), '{}')
        FROM (SELECT tag FROM alternatives UNION SELECT unnest(:wanted::text[])) c
        JOIN search_words w ON w.kind = split_part(c.tag, ':', 1) AND w.word = split_part(c.tag, ':', 2)),
        'everybody', (SELECT coalesce(sum(doctors), 0)::int FROM search_words WHERE kind = 'gender'))::text
    FROM tokens t
"""
