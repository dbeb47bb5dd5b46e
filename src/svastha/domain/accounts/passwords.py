import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from svastha.kit.i18n import N_
from svastha.kit.refusals import Busy

SHORTEST, LONGEST = 10, 200
WEIGHED = 64  # characters: what follows makes no password weaker, and weighing takes the square of the length
STRONG = 3  # of 4: more than 10^8 guesses
AT_ONCE, MOST = 2, 50  # each takes 64 MiB and some 50 ms of a core

T = TypeVar("T")

_hasher = PasswordHasher()  # Argon2id with the parameters of RFC 9106, low-memory profile
# Nobody's: nothing hashes to zeros, and finding that out takes as long as with anybody's.
_nobody = "$argon2id$v=19$m={0.memory_cost},t={0.time_cost},p={0.parallelism}${1}${2}".format(
    _hasher, "A" * 22, "A" * 43
)
_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")
_asked: set[object] = set()


async def hash_password(password: str) -> str:
    """Slow on purpose: never while a connection is held. Raises Busy if too many wait already."""
    return await _apart(lambda: _hasher.hash(_one_form(password)))


async def matches(password_hash: str | None, password: str) -> bool:
    """As slow for an account that does not exist as for one that does. Never while a connection is held."""

    def check() -> bool:
        try:
            return _hasher.verify(password_hash or _nobody, _one_form(password))
        except (VerificationError, InvalidHashError):
            return False

    return await _apart(check) and password_hash is not None


def outdated(password_hash: str) -> bool:
    """Made with weaker parameters than we would use today."""
    return _hasher.check_needs_rehash(password_hash)


async def wrong_with(password: str, *about: str) -> str | None:
    """What is to be mended before this can be somebody's password; None: nothing. ``about`` is what an attacker would
    try first: name and address of the person. There is no rule about capitals or digits."""
    password = _one_form(password)
    if len(password) < SHORTEST:
        return N_("Use at least 10 characters. A few words are easy to remember.")
    if len(password) > LONGEST:
        return N_("Use at most 200 characters.")
    known = ["svastha", *(part for text in about for part in (text, *text.replace("@", " ").replace(".", " ").split()))]

    def score() -> int:
        from zxcvbn import zxcvbn  # its lists of words are large, and only the server ever needs them

        found: int = zxcvbn(password[:WEIGHED], user_inputs=known)["score"]
        return found

    if await _apart(score) < STRONG:
        return N_("This password is easy to guess. Add a word or two that do not belong together.")
    return None


def _one_form(password: str) -> str:
    """The same letters typed on another keyboard are the same password."""
    return unicodedata.normalize("NFC", password)[: LONGEST + 1]


async def _apart(work: Callable[[], T]) -> T:
    if len(_asked) >= MOST:
        raise Busy(retry_after=2)
    ticket = object()
    _asked.add(ticket)
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, work)
    finally:
        _asked.discard(ticket)
