"""Bytes on a socket, as no client library would send them, and what a process weighs."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

HOST = b"Host: svastha.localhost\r\n"
PATIENCE = 20.0


class Answer(NamedTuple):
    status: int
    head: bytes
    body: bytes


class Line:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def say(self, *pieces: bytes) -> bool:
        """False when nobody listens any more."""
        try:
            for piece in pieces:
                self.writer.write(piece)
                await asyncio.wait_for(self.writer.drain(), PATIENCE)
        except (ConnectionError, TimeoutError):
            return False
        return True

    async def answer(self) -> Answer:
        async with asyncio.timeout(PATIENCE):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = 0
            for line in head.lower().split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            return Answer(int(head.split(b" ", 2)[1]), head, await self.reader.readexactly(length))

    async def rest(self) -> bytes:
        """All until the other side closes. Raises TimeoutError if it does not."""
        found = b""
        async with asyncio.timeout(PATIENCE):
            with contextlib.suppress(ConnectionError):
                while piece := await self.reader.read(65536):
                    found += piece
        return found


@contextlib.asynccontextmanager
async def line_to(port: int) -> AsyncIterator[Line]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4 * 1024 * 1024)
    try:
        yield Line(reader, writer)
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def statuses(port: int, *pieces: bytes) -> list[int]:
    """Of all answers to these bytes, until the server closes."""
    async with line_to(port) as line:
        await line.say(*pieces)
        return statuses_in(await line.rest())


def statuses_in(answers: bytes) -> list[int]:
    return [int(part[:3]) for part in answers.split(b"HTTP/1.1 ")[1:]]


def weight(pid: int, what: str = "VmRSS") -> float:
    """MB of memory that a process has now, or (``VmHWM``) the most it had since :func:`forget_the_most`."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no such process")


def forget_the_most(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")
