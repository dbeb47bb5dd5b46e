"""The blind index: addresses are found by a keyed digest, so that their table says nothing to whoever steals it."""

from svastha.kit.db import ControlTx

INDEX_LOCK = 0x5_7A57_1D


async def indexes_for_writing(tx: ControlTx, kind: str, value: str) -> list[tuple[int, bytes]]:
    """Version and index for each version that must be written, old and new alike while a rotation goes on.

    Until this transaction ends no rotation begins or ends: what it fills and counts, it sees completely.
    """
    # The lock first, in a statement of its own: one that also looked would not see what was committed meanwhile.
    await tx.value("SELECT pg_advisory_xact_lock_shared(:lock)", lock=INDEX_LOCK)
    versions: list[int] = await tx.value(
        "SELECT array_agg(version ORDER BY version) FROM index_keys WHERE state IN ('filling', 'active')"
    )
    return [(version, tx.keys.index(version, kind, value)) for version in versions]


async def indexes_for_reading(tx: ControlTx, kind: str, value: str) -> list[bytes]:
    """Any of these finds it: ``WHERE index = ANY(:indexes)``. No round trip."""
    return [tx.keys.index(version, kind, value) for version in tx.keys.active or (1,)]
