"""Whether a chain is what was written. Takes records one after the other, in little memory, and knows no database."""

from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from svastha.domain.audit.model import NONE, Seal, hash_of, leaf_of, root_of
from svastha.domain.audit.records import End, Head, Leaf, Record, Unsealed
from svastha.domain.audit.signer import fingerprint

# The longest an entry may be on its way: one older than the seal before its own was put there afterwards.
LATE = timedelta(hours=1)
MOST = 20  # problems that are named

What = Literal["altered", "missing", "added", "reordered", "forged", "unreadable"]


class Problem(msgspec.Struct, frozen=True):
    """``id`` and ``at`` of the entry, if it can be told which; ``seal``: in which seal it shows."""

    what: What
    says: str
    seal: int | None = None
    id: UUID | None = None
    at: datetime | None = None


class Verifier:
    """Feed it a chain from its head to its end; then look at ``problems``, the first one first."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.found = 0
        self.entries = self.seals = self.unsealed = 0
        self.keys: list[str] = []
        self.waiting_since: datetime | None = None
        self._head: Head | None = None
        self._public: dict[str, Ed25519PublicKey] = {}
        self._before: Seal | None = None  # the last one that is done with
        self._seal: Seal | None = None  # the one whose leaves arrive
        self._leaves: list[bytes] = []
        self._first: Leaf | None = None
        self._last: Leaf | None = None
        self._next = 0  # the place that comes next
        self._spoilt = False
        self._gap: int | None = None
        self._ended = False

    def feed(self, record: Record) -> None:
        if self._head is None and not isinstance(record, Head):
            if not self.found:
                self._wrong("unreadable", "it does not begin with its head")
        elif isinstance(record, Leaf):
            self._on_leaf(record)
        elif isinstance(record, Seal):
            self._on_seal(record)
        elif isinstance(record, Unsealed):
            self._on_unsealed(record)
        elif isinstance(record, Head):
            self._on_head(record)
        else:
            self._on_end(record)

    def close(self) -> None:
        """Nothing more comes."""
        if not self._ended:
            self._finish()
            self._wrong("unreadable", "it breaks off before its end")

    def _on_head(self, head: Head) -> None:
        self._head = head
        for key in head.keys:
            if fingerprint(key.public) != key.id:
                self._wrong("forged", f"the key {key.id} is not what its name says")
            else:
                self._public[key.id] = Ed25519PublicKey.from_public_bytes(key.public)
                self.keys.append(key.id)

    def _on_seal(self, seal: Seal) -> None:
        self._finish()
        before, self._seal = self._before, seal
        self.seals += 1
        expected = before.number + 1 if before else 1
        if seal.number > expected:
            since = before.sealed_at.isoformat() if before else "the beginning"
            which = f"seal {expected}" if seal.number == expected + 1 else f"seals {expected} to {seal.number - 1}"
            self._wrong("missing", f"{which} and what was in it, from {since} on", seal.number)
        elif seal.number < expected:
            self._wrong("reordered", f"seal {seal.number} comes after seal {expected - 1}", seal.number)
        elif seal.previous != (before.hash if before else NONE):
            self._wrong("reordered", f"seal {seal.number} does not follow the one before it", seal.number)
        assert self._head
        if hash_of(self._head.chain, seal) != seal.hash:
            self._wrong("altered", f"seal {seal.number}, made {seal.sealed_at.isoformat()}", seal.number)
        self._check_signature(seal)
        anchor = self._head.anchor
        if anchor and anchor.number == seal.number and anchor.hash != seal.hash:
            self._wrong("forged", f"seal {seal.number} is another one than was anchored", seal.number)

    def _check_signature(self, seal: Seal) -> None:
        key = self._public.get(seal.key_id)
        try:
            if key is None:
                raise InvalidSignature
            key.verify(seal.signature, seal.hash)
        except InvalidSignature:
            self._wrong("forged", f"seal {seal.number} is not signed with a key of this house", seal.number)

    def _on_leaf(self, leaf: Leaf) -> None:
        seal, entry = self._seal, leaf.entry
        if entry is not None:
            self.entries += 1
        if seal is None or leaf.seal != seal.number:
            self._wrong("added", f"it is said to be in seal {leaf.seal}", leaf.seal, leaf)
            return
        last, expected = self._last, self._next
        if leaf.place > expected:
            after = f" after {last.id}" if last else ""
            self._wrong("missing", f"{leaf.place - expected} before this one{after}", seal.number, leaf)
            self._gap = None if self._spoilt else len(self.problems) - 1
            self._spoilt = True
        elif leaf.place < expected or (last and leaf.id <= last.id):
            says = "it stands in another place than it was sealed in"
            if self._gap is not None:  # what seemed to be missing comes after all
                self.problems[self._gap] = msgspec.structs.replace(
                    self.problems[self._gap], what="reordered", says=says
                )
                self._gap = None
            else:
                self._wrong("reordered", says, seal.number, leaf)
            self._spoilt = True
        if entry is None:
            self._wrong("missing", "only its seal is left", seal.number, leaf)
        elif entry.id != leaf.id or leaf_of(entry) != leaf.hash:
            self._wrong("altered", "it says something else than when it was sealed", seal.number, leaf)
        elif self._before and entry.at < self._before.sealed_at - LATE:
            self._wrong("added", "it was put there after its time", seal.number, leaf)
        self._leaves.append(leaf.hash)
        self._first, self._last = self._first or leaf, leaf
        self._next = max(expected, leaf.place + 1)  # one gap is told once

    def _finish(self) -> None:
        """The leaves of a seal are complete."""
        seal, last = self._seal, self._last
        if seal is not None:
            if len(self._leaves) != seal.count and not self._spoilt:
                what: What = "missing" if len(self._leaves) < seal.count else "added"
                says = f"seal {seal.number} holds {len(self._leaves)} entries and was made over {seal.count}"
                self._wrong(what, f"{says}; this is the last of them", seal.number, last)
            elif root_of(self._leaves) != seal.root and not self._spoilt:
                says = f"an entry of seal {seal.number} together with its leaf, between this one and"
                self._wrong("altered", f"{says} {last.id if last else 'nothing'}", seal.number, self._first)
            self._before = seal
        self._seal, self._leaves, self._first, self._last, self._spoilt = None, [], None, None, False
        self._gap, self._next = None, 0

    def _on_unsealed(self, unsealed: Unsealed) -> None:
        self._finish()
        entry = unsealed.entry
        self.entries += 1
        if unsealed.passed or (self._before and entry.at < self._before.sealed_at - LATE):
            self._wrong_entry("added", "it is in no seal, and later ones are", entry.id, entry.at)
        else:
            self.unsealed += 1
            self.waiting_since = min(self.waiting_since or entry.at, entry.at)

    def _on_end(self, end: End) -> None:
        self._finish()
        self._ended = True
        if end.entries != self.entries:
            self._wrong("unreadable", f"it holds {self.entries} entries and should hold {end.entries}")
        anchor, came_to = self._head.anchor if self._head else None, self._before.number if self._before else 0
        if anchor and anchor.number > came_to:
            since = self._before.sealed_at.isoformat() if self._before else "the beginning"
            gone = f"seals {came_to + 1} to {anchor.number}" if anchor.number > came_to + 1 else f"seal {anchor.number}"
            self._wrong("missing", f"{gone}: what was sealed from {since} to {anchor.at.isoformat()} was cut off")

    def _wrong(self, what: What, says: str, seal: int | None = None, leaf: Leaf | None = None) -> None:
        self.found += 1
        if len(self.problems) < MOST:
            at = None
            if leaf:
                at = leaf.entry.at if leaf.entry else made_at(leaf.id)
            self.problems.append(Problem(what, says, seal, leaf.id if leaf else None, at))

    def _wrong_entry(self, what: What, says: str, id: UUID, at: datetime) -> None:
        self.found += 1
        if len(self.problems) < MOST:
            self.problems.append(Problem(what, says, None, id, at))


def made_at(id: UUID) -> datetime | None:
    """When an identifier was made; it says so itself (RFC 9562)."""
    return datetime.fromtimestamp((id.int >> 80) / 1000, UTC) if id.version == 7 else None
