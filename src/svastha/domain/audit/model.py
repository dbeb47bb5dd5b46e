"""What is kept and what is proved about it. The whole format is described in ``docs/audit.md``: anybody may write a
verifier of her own."""

from datetime import datetime
from hashlib import sha256
from uuid import UUID

import msgspec

from svastha.kit.db import ClinicTx, Tx

FORMAT = "svastha-audit-1"
NONE = bytes(32)  # what the first seal follows
CONTROL = "control"  # the chain of the control database; a clinic's has the clinic's id
CHAIN_OF_SEAL = b"svastha-audit-seal-1\n"


class Entry(msgspec.Struct, frozen=True):
    """One line of the audit. Its leaf is the digest of exactly this, as JSON in this order without spaces."""

    id: UUID
    at: datetime
    account_id: UUID | None
    whose: UUID | None
    people: list[UUID] | None
    action: str
    subject_kind: str
    subject_id: str
    why: str | None
    came_from: str | None
    device: str | None
    request_id: str | None


COLUMNS = ", ".join(f"e.{name}" for name in Entry.__struct_fields__)


class Seal(msgspec.Struct, frozen=True, tag_field="is", tag="seal"):
    """``count`` entries that were complete at ``sealed_at``, by the root over their leaves. Digests have 32 bytes."""

    number: int
    previous: bytes
    root: bytes
    count: int
    sealed_at: datetime
    cluster: str
    upto_xid: str
    upto_id: UUID
    key_id: str
    hash: bytes
    signature: bytes


SEAL_COLUMNS = ", ".join(
    "upto_xid::text AS upto_xid" if name == "upto_xid" else name for name in Seal.__struct_fields__
)


def encoded(entry: Entry) -> bytes:
    return msgspec.json.encode(entry)


def leaf_of(entry: Entry) -> bytes:
    return sha256(b"\x00" + encoded(entry)).digest()


def root_of(leaves: list[bytes]) -> bytes:
    """The Merkle tree hash of RFC 6962: leaves and nodes are told apart by their first byte."""
    if not leaves:
        return sha256().digest()
    level = leaves
    while len(level) > 1:
        paired = [sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level = paired + level[len(paired) * 2 :]
    return level[0]


def hash_of(chain: str, seal: Seal) -> bytes:
    """Of everything in a seal but the hash itself and the signature, which signs this."""
    said = [
        chain,
        seal.number,
        seal.previous.hex(),
        seal.root.hex(),
        seal.count,
        seal.sealed_at,
        seal.cluster,
        seal.upto_xid,
        str(seal.upto_id),
        seal.key_id,
    ]
    return sha256(CHAIN_OF_SEAL + msgspec.json.encode(said)).digest()


def chain_of(tx: Tx) -> str:
    return str(tx.clinic.id) if isinstance(tx, ClinicTx) else CONTROL


async def last_seal(tx: Tx) -> Seal | None:
    return await tx.maybe(Seal, f"SELECT {SEAL_COLUMNS} FROM audit_seals ORDER BY number DESC LIMIT 1")
