"""The code on a signed prescription, such as ``asha-7K3M-Q9TD-X4PW-2H8N``: the clinic, and 80 bits nobody guesses.

Crockford's base 32: no letter that looks like a digit, read in either case.
"""

import re
import secrets

from svastha.kit.refusals import NotFound

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH, GROUP = 16, 4

_READ = re.compile(rf"([a-z][a-z0-9-]{{1,30}}[a-z0-9])-((?:[0-9a-z]-?){{{LENGTH - 1}}}[0-9a-z])")
_ALIKE = str.maketrans("OIL", "011")


def new_code(clinic: str) -> str:
    return _grouped(clinic, "".join(secrets.choice(SIGNS) for _ in range(LENGTH)))


def place_of(code: str) -> tuple[str, str]:
    """The clinic's slug and the code in its one spelling. Raises NotFound for what cannot be a code."""
    read = _READ.fullmatch(code.strip().lower()) if len(code) < 100 else None
    if read is None:
        raise NotFound
    serial = read[2].replace("-", "").upper().translate(_ALIKE)
    if not set(serial) <= set(SIGNS):
        raise NotFound
    return read[1], _grouped(read[1], serial)


def _grouped(clinic: str, serial: str) -> str:
    return "-".join([clinic, *(serial[at : at + GROUP] for at in range(0, LENGTH, GROUP))])
