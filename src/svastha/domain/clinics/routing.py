from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from time import monotonic
from typing import Any

from svastha.domain.clinics.read import placed, written
from svastha.domain.keys import Locksmith
from svastha.kit.connections import Connections
from svastha.kit.crypto import Vault
from svastha.kit.db import ClinicRef, ControlTx, Tx, busy_when_lost
from svastha.kit.keyring import Keyring
from svastha.kit.refusals import Busy, NotFound

REPLICA = "(replica)"  # no name that an operator could give a server
TRUSTED_FOR = 60.0  # seconds
AGAIN_AFTER = 1.0  # seconds, when a key turned up that the vault does not know


class Routing:
    """From a clinic's name to its database and keys. The only place that knows, so that the answer can change."""

    def __init__(self, connections: Connections, *, control: str, locksmith: Locksmith, replica: bool = False) -> None:
        self._connections, self.control, self.locksmith = connections, control, locksmith
        self._directory = f"{control}@{REPLICA}" if replica else control
        self._known: dict[str, tuple[float, ClinicRef, Vault]] = {}
        connections.not_here = self._look_again

    @asynccontextmanager
    async def reading_control(self) -> AsyncIterator[ControlTx]:
        """For single statements that only read: no BEGIN, no COMMIT."""
        async with self._connections.borrowed(self.control) as connection, busy_when_lost(connection):
            yield await self._with_keys(connection)

    @asynccontextmanager
    async def reading_directory(self) -> AsyncIterator[ControlTx]:
        """For what everybody may read: of the copy, which may be a moment behind, where there is one and it answers."""
        keys = await self.keyring()
        async with AsyncExitStack() as stack:
            try:
                connection = await stack.enter_async_context(self._connections.borrowed(self._directory))
            except Busy:
                if self._directory == self.control:
                    raise
                connection = await stack.enter_async_context(self._connections.borrowed(self.control))
            async with busy_when_lost(connection):
                yield ControlTx(connection, keys)

    @asynccontextmanager
    async def control_connection(self) -> AsyncIterator[tuple[Any, ControlTx]]:
        async with self._connections.borrowed(self.control) as connection:
            async with busy_when_lost(connection):
                tx = await self._with_keys(connection)
            yield connection, tx

    async def _with_keys(self, connection: Any) -> ControlTx:
        await self.locksmith.refresh(Tx(connection))
        return ControlTx(connection, self.locksmith.ring)

    async def keyring(self) -> Keyring:
        """Of the platform, for whoever has no transaction. Asks the database once a minute at most."""
        if not self.locksmith.fresh:
            async with self.reading_control():
                pass
        return self.locksmith.ring

    async def find(self, slug: str) -> tuple[ClinicRef, Vault]:
        """Raises NotFound for a name nobody has, and for a clinic whose keys were destroyed."""
        known = self._known.get(slug)
        if known and monotonic() - known[0] < (AGAIN_AFTER if known[2].stale else TRUSTED_FOR):
            return known[1:]
        async with self.reading_control() as tx:
            rows = await placed(tx, slug)
            vault = await self.locksmith.vault(tx, rows[0].id, known[2] if known else None) if rows else None
        if vault is None:
            self._known.pop(slug, None)
            raise NotFound
        row = rows[0]
        ref = ClinicRef(row.id, row.slug, row.name, row.zone, row.city, row.database)
        self._known[slug] = (monotonic(), ref, vault)
        return ref, vault

    def forget(self) -> None:
        """Read places and keys anew before they are used again. Vaults in use learn, they are not replaced."""
        self.locksmith.forget()
        self._known = {slug: (float("-inf"), ref, vault) for slug, (_, ref, vault) in self._known.items()}

    def _look_again(self, database: str) -> None:
        """It is not where it was: ask the control database before it is looked for again."""
        for slug, (_, ref, vault) in self._known.items():
            if ref.database == database:
                self._known[slug] = (float("-inf"), ref, vault)

    async def slugs(self) -> list[str]:
        async with self.reading_control() as tx:
            return [row.slug for row in await placed(tx)]

    async def written(self) -> dict[str | None, int | None]:
        """How many rows were ever written in each clinic's database, and under None in the control database, as of some
        ten seconds ago. None where the control database's server does not know."""
        async with self.reading_control() as tx:
            return {row.slug: row.rows for row in await written(tx)}
