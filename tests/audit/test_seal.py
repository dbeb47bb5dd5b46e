"""Sealing holds up nobody, loses nothing and never splits the chain."""

import asyncio
from typing import Any

import pytest

from svastha.domain import audit
from svastha.doors import visit
from svastha.doors.jobs.seal_audit import seal_audit
from svastha.kit.refusals import NotFound
from tests.audit.test_chain import sealed, verified, wrote
from tests.cast import World

UNSEALED = "SELECT 1 FROM audit_entries e WHERE NOT EXISTS (SELECT FROM audit_leaves l WHERE l.entry_id = e.id)"


async def test_what_is_rolled_back_leaves_nothing(inside: World) -> None:
    with pytest.raises(NotFound):
        async with visit.to_clinic(inside.house, "asha") as tx:
            audit.note(tx, None, "read", "note", "never")
            await tx.flush()
            raise NotFound
    assert not await inside.sql("asha", "SELECT 1 FROM audit_entries WHERE subject_id = 'never'")


async def test_a_transaction_that_is_slow_to_commit_is_sealed_later_and_holds_up_nobody(inside: World) -> None:
    async with visit.to_clinic(inside.house, "asha") as slow:
        audit.note(slow, None, "read", "note", "slow")
        await slow.flush()
        await wrote(inside, "quick")
        await seal_audit(inside.house, "asha")  # does not wait for the slow one
        assert len(await inside.sql("asha", UNSEALED + " AND subject_id = 'quick'")) <= 1
    await sealed(inside, "after")
    assert not await inside.sql("asha", UNSEALED)
    assert await verified(inside) == []


async def test_many_writers_and_two_sealers_at_once_lose_nothing(inside: World) -> None:
    done = asyncio.Event()

    async def write(writer: int) -> None:
        for line in range(25):
            async with visit.to_clinic(inside.house, "asha") as tx:
                audit.note(tx, None, "read", "note", f"{writer}/{line}")
                await tx.flush()
                await tx.value("SELECT pg_sleep(random() / 200)")  # commits in another order than it began

    async def seal() -> None:
        while not done.is_set():
            await seal_audit(inside.house, "asha")

    sealers = [asyncio.create_task(seal()) for _ in range(2)]
    await asyncio.gather(*(write(writer) for writer in range(6)))
    done.set()
    await asyncio.gather(*sealers)
    await seal_audit(inside.house, "asha")
    assert not await inside.sql("asha", UNSEALED)
    (count,) = await inside.sql(
        "asha",
        "SELECT count(*) FROM audit_leaves l JOIN audit_entries e ON e.id = l.entry_id WHERE e.subject_kind = 'note'",
    )
    assert count[0] == 150
    assert await verified(inside) == []


async def test_more_than_fits_into_one_seal(inside: World) -> None:
    async with visit.to_control(inside.house) as control:
        signer = await audit.signer(control)
    await wrote(inside, *(str(n) for n in range(7)))

    async def seal() -> Any:
        async with visit.to_clinic(inside.house, "asha") as tx:
            return await audit.seal(tx, signer, most=3)

    while await seal():
        pass
    assert not await inside.sql("asha", UNSEALED)
    assert await verified(inside) == []
    await sealed(inside, "more")
    assert not await inside.sql("asha", UNSEALED)


async def test_after_a_restore_into_another_cluster_old_and_new_entries_are_sealed(inside: World) -> None:
    await sealed(inside, "a", "b")
    await wrote(inside, "not yet sealed")
    # Elsewhere transactions are counted from the beginning: what came along has numbers far ahead.
    await inside.sql("asha", "UPDATE audit_entries SET xid = (xid::text::bigint + 1000000)::text::xid8")
    await inside.sql("asha", "ALTER TABLE audit_seals DISABLE TRIGGER ALL")
    connection = await inside.house.connections.connect(
        (await inside.house.routing.find("asha"))[0].database, owner=True
    )
    # A seal that says it was made in another cluster, as one would after a restore.
    async with visit.to_control(inside.house) as control:
        signer = await audit.signer(control)
    import msgspec

    from svastha.domain.audit.model import hash_of, last_seal

    async with visit.to_clinic(inside.house, "asha") as tx:
        made = await last_seal(tx)
        assert made
        chain = str(tx.clinic.id)
    made = msgspec.structs.replace(made, cluster="another", upto_xid="1000001")
    made = msgspec.structs.replace(made, hash=hash_of(chain, made))
    await connection.execute(
        "UPDATE audit_seals SET cluster = 'another', upto_xid = '1000001', hash = $1, signature = $2",
        made.hash,
        signer.sign(made.hash),
    )
    await connection.close()
    await inside.sql(None, "DELETE FROM audit_anchors")
    await sealed(inside, "new")
    assert not await inside.sql("asha", UNSEALED)
    await sealed(inside, "newer")
    assert not await inside.sql("asha", UNSEALED)
    assert await verified(inside) == []


async def test_the_worker_seals_by_itself(inside: World) -> None:
    from svastha.doors.jobs.worker import Worker

    await wrote(inside, "a")
    await Worker(inside.house)._look_after("asha")
    assert not await inside.sql("asha", UNSEALED)
