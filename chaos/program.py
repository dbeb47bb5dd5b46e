"""``svastha serve`` and ``svastha worker`` as processes that end with this one, and are started again when they end."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

import httpx

from svastha.kit.lifeline import child_stops_with_me
from svastha.settings import Settings
from tests.server import Process

STARTING = 180.0  # seconds; a machine may have much else to do
GLANCE = 0.02  # seconds between looks


class Program(Process):
    def __init__(
        self, command: str, settings: Settings, log: Path, *, entry: Sequence[str] = ("-m", "svastha"), **environ: str
    ) -> None:
        super().__init__(command, settings, log, **environ)
        self._entry = entry
        self.wanted = False

    def start(self) -> None:
        """At once; ``ready`` waits. From the thread that lasts: the process ends with it."""
        self.wanted = True
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self._entry, self.command],
                env=self._environ,
                stdout=log,
                stderr=log,
                preexec_fn=child_stops_with_me(9),  # noqa: PLW1509 - one system call, nothing to lock
            )

    @property
    def environ(self) -> dict[str, str]:
        """For other commands of the same house."""
        return {name: value for name, value in self._environ.items() if name.startswith("SVASTHA_")}

    @property
    def up(self) -> bool:
        return self._process is not None and self._process.poll() is None

    async def ready(self) -> float:
        """Waits until it answers. Returns for how many seconds."""
        began = monotonic()
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=5) as client:
            while monotonic() - began < STARTING:
                try:
                    if (await client.get("/health/live")).is_success:
                        return monotonic() - began
                except httpx.TransportError:
                    await asyncio.sleep(GLANCE)
        raise AssertionError(f"{self.command} does not start: {self.log.read_text()[-2000:]}")

    def stop(self) -> None:
        self.wanted = False
        super().stop()
