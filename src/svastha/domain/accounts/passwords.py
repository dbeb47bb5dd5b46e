import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from svastha.kit.refusals import Busy

SHORTEST, LONGEST = 10, 200
AT_ONCE, MOST = 2, 50  # each takes 64 MiB and some 50 ms of a core

T = TypeVar("T")

_hasher = PasswordHasher()  # Argon2id with the parameters of RFC 9106, low-memory profile
_nobody = _hasher.hash("nobody has this password")
_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")
_asked: set[object] = set()


async def hash_password(password: str) -> str:
    """Slow on purpose: never while a connection is held. Raises Busy if too many wait already."""
    return await _apart(lambda: _hasher.hash(password))


async def matches(password_hash: str | None, password: str) -> bool:
    """As slow for an account that does not exist as for one that does. Never while a connection is held."""

    def check() -> bool:
        try:
            return _hasher.verify(password_hash or _nobody, password)
        except (VerificationError, InvalidHashError):
            return False

    return await _apart(check) and password_hash is not None


async def _apart(work: Callable[[], T]) -> T:
    if len(_asked) >= MOST:
        raise Busy(retry_after=2)
    ticket = object()
    _asked.add(ticket)
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, work)
    finally:
        _asked.discard(ticket)
