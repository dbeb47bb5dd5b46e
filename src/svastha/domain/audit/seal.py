from datetime import datetime
from uuid import UUID

import msgspec

from svastha.domain.audit.model import COLUMNS, NONE, Entry, Seal, chain_of, hash_of, last_seal, leaf_of, root_of
from svastha.domain.audit.signer import Signer
from svastha.kit.db import Tx

MOST = 4096  # entries in one seal
NIL = UUID(int=0)
START = ("0", NIL)
LAST = str(2**64 - 1)
UNSETTLED = ""  # no cluster's numbers yet


class _Place(msgspec.Struct, frozen=True):
    """``horizon``: no transaction before it is running any more."""

    cluster: str
    horizon: str
    at: datetime


class _Candidate(Entry, frozen=True):
    xid: str


async def seal(tx: Tx, signer: Signer, *, most: int = MOST) -> int:
    """Seal what is complete: at most ``most`` entries. Returns how many; fewer means that is all for now.

    Nobody who writes waits for this. A transaction whose number is below those of all that are running has ended; so
    what comes next is exactly what lies between the place the last seal came to and that horizon.
    """
    before = await last_seal(tx)
    place = await tx.one(
        _Place,
        "SELECT (SELECT system_identifier FROM pg_control_system())::text AS cluster,"
        " pg_snapshot_xmin(pg_current_snapshot())::text AS horizon, clock_timestamp() AS at",
    )
    # At first, and after a restore into another cluster, the numbers say nothing. Then whatever has no seal is sealed,
    # from the beginning until nothing is left, and only then the horizon counts.
    at_home = before is not None and before.cluster == place.cluster
    after = (before.upto_xid, before.upto_id) if before and before.cluster in (place.cluster, UNSETTLED) else START
    found = await tx.all(
        _Candidate, _NEXT, xid=after[0], id=after[1], horizon=place.horizon if at_home else LAST, most=most
    )
    if not found and (at_home or before is None):
        return 0
    whole = len(found) < most
    settled = at_home or (whole and after == START)
    upto = (found[-1].xid, found[-1].id) if not whole else (place.horizon, NIL) if settled else START
    entries = sorted(
        (Entry(*(getattr(one, name) for name in Entry.__struct_fields__)) for one in found), key=lambda one: one.id
    )
    leaves = [leaf_of(entry) for entry in entries]
    made = Seal(
        number=before.number + 1 if before else 1,
        previous=before.hash if before else NONE,
        root=root_of(leaves),
        count=len(leaves),
        sealed_at=place.at,
        cluster=place.cluster if settled else UNSETTLED,
        upto_xid=upto[0],
        upto_id=upto[1],
        key_id=signer.id,
        hash=NONE,
        signature=b"",
    )
    hashed = hash_of(chain_of(tx), made)
    made = msgspec.structs.replace(made, hash=hashed, signature=signer.sign(hashed))
    if not await _kept(tx, made):
        return 0  # somebody else was quicker, and will go on
    await tx.run(
        "INSERT INTO audit_leaves (entry_id, seal, place, hash)"
        " SELECT entry_id, :seal, place - 1, hash FROM unnest(:ids::uuid[], :hashes::bytea[])"
        " WITH ORDINALITY AS l(entry_id, hash, place)",
        seal=made.number,
        ids=[entry.id for entry in entries],
        hashes=leaves,
    )
    return len(entries)


_NEXT = f"""
    SELECT {COLUMNS}, e.xid::text AS xid FROM audit_entries e
    WHERE (e.xid, e.id) > (:xid::text::xid8, :id::uuid) AND e.xid < :horizon::text::xid8
        AND NOT EXISTS (SELECT FROM audit_leaves l WHERE l.entry_id = e.id)
    ORDER BY e.xid, e.id LIMIT :most
"""


async def _kept(tx: Tx, seal: Seal) -> bool:
    """False if there is a seal of this number: two sealers at once must not split the chain."""
    values = msgspec.structs.asdict(seal)
    names = ", ".join(values)
    given = ", ".join(":upto_xid::text::xid8" if name == "upto_xid" else f":{name}" for name in values)
    sql = f"INSERT INTO audit_seals ({names}) VALUES ({given}) ON CONFLICT ON CONSTRAINT one_chain DO NOTHING"
    return await tx.run(sql, **values) == 1
