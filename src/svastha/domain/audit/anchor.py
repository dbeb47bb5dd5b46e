from datetime import datetime

import msgspec

from svastha.domain.audit.model import CONTROL, chain_of, last_seal
from svastha.kit.db import ClinicTx, ControlTx, Tx


class Anchor(msgspec.Struct, frozen=True):
    """How far a chain had come, as another database knows it."""

    number: int
    hash: bytes
    at: datetime


async def anchor(clinic: ClinicTx, control: ControlTx) -> int:
    """Each of the two remembers where the other's chain ends. Repeating it changes nothing. Returns how many rows the
    clinic has got of it."""
    await _remember(control, clinic)
    return await _remember(clinic, control)


async def _remember(here: Tx, of: Tx) -> int:
    head = await last_seal(of)
    if head is None:
        return 0
    return await here.run(
        "INSERT INTO audit_anchors (chain, number, hash) VALUES (:chain, :number, :hash)"
        " ON CONFLICT ON CONSTRAINT one_anchor_per_seal DO NOTHING",
        chain=chain_of(of),
        number=head.number,
        hash=head.hash,
    )


async def last_anchor(tx: Tx, chain: str = CONTROL) -> Anchor | None:
    """Where that chain had come to when it was last seen from this database."""
    return await tx.maybe(
        Anchor,
        "SELECT number, hash, at FROM audit_anchors WHERE chain = :chain ORDER BY number DESC LIMIT 1",
        chain=chain,
    )
