"""Minutes, and how likely each is."""

import sys
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from math import erfc, exp, log, sqrt

import msgspec

LONGEST = 480  # minutes
BITS = 26
ONE = 1 << BITS  # a certainty
NEGLIGIBLE = ONE >> 13
RARE, WIDE = 0.03, 0.8  # some visits are like no other: one that is far beyond the usual is not about to end

Mass = tuple[int, list[int]]  # the first minute from now, and how likely each minute is from there on: of ``ONE``


class Law(msgspec.Struct, frozen=True):
    """Of the logarithm of minutes."""

    mean: float
    spread: float


@lru_cache(maxsize=4096)
def duration(law: Law, elapsed: int = 0) -> Mass:
    """What is left of a visit that has lasted that many minutes."""
    since = min(float(elapsed), exp(law.mean + 4 * max(WIDE, law.spread)))
    alive = _longer(law, since)
    left = [1.0]
    while left[-1] > 1e-4 and len(left) < LONGEST:
        left.append(_longer(law, since + len(left) - 0.5) / alive)
    return 0, [round(ONE * (a - b)) for a, b in pairwise([*left, 0.0])]


def _longer(law: Law, minutes: float) -> float:
    if minutes <= 0:
        return 1.0
    usual, rare = ((log(minutes) - law.mean) / spread / sqrt(2) for spread in (law.spread, max(WIDE, law.spread)))
    return (1 - RARE) * erfc(usual) / 2 + RARE * erfc(rare) / 2


@lru_cache(maxsize=256)
def lasting(mean: float) -> Mass:
    """Anything from nothing on, without a memory of how long it has lasted already."""
    left = [exp(-max(0.0, k - 0.5) / mean) for k in range(round(8 * mean) + 3)]
    return 0, [round(ONE * (a - b)) for a, b in pairwise(left)]


def convolved(one: Mass, other: Mass) -> Mass:
    """The two, one after the other. Their minutes become the digits, 64 bits wide, of two large numbers: the product
    has the sums of products that are wanted for its digits, a hundred times faster than a loop."""
    length = len(one[1]) + len(other[1]) - 1
    product = _number(one[1]) * _number(other[1])
    quotients = product >> BITS & _quotients(length)
    digits = array("Q")
    digits.frombytes(quotients.to_bytes(8 * length, sys.byteorder))
    return _trimmed(one[0] + other[0], (digits if _LITTLE else digits[::-1]).tolist())


_LITTLE = sys.byteorder == "little"


@lru_cache(maxsize=2 * LONGEST)
def _quotients(length: int) -> int:
    """Of a number with so many digits, divided by ``ONE``, this leaves out what has come from the next digit."""
    return int.from_bytes(array("Q", [(1 << 64 - BITS) - 1] * length).tobytes(), sys.byteorder)


def _number(mass: list[int]) -> int:
    return int.from_bytes(array("Q", mass if _LITTLE else mass[::-1]).tobytes(), sys.byteorder)


def _trimmed(first: int, mass: list[int]) -> Mass:
    """Without the ends that hardly happen."""
    low, high = 0, len(mass)
    while low < high - 1 and mass[low] < NEGLIGIBLE:
        low += 1
    while high > low + 1 and mass[high - 1] < NEGLIGIBLE:
        high -= 1
    return first + low, mass[low:high]


def not_before(mass: Mass, minute: int) -> Mass:
    before, after = split(mass, minute)
    if not before[1]:
        return mass
    empty = [0] * (after[0] - minute) if after[1] else []
    first, *rest = [*empty, *after[1]] or [0]
    return minute, [sum(before[1]) + first, *rest]


def split(mass: Mass, minute: int) -> tuple[Mass, Mass]:
    first, all_of_it = mass
    cut = min(max(0, minute - first), len(all_of_it))
    return (first, all_of_it[:cut]), (first + cut, all_of_it[cut:])


def mixed(*parts: tuple[float, Mass]) -> Mass:
    some = [(share, mass) for share, mass in parts if share and mass[1]]
    first = min(mass[0] for _, mass in some)
    mixed = [0] * (max(mass[0] + len(mass[1]) for _, mass in some) - first)
    for share, (begin, mass) in some:
        for k, likely in enumerate(mass, begin - first):
            mixed[k] += int(share * likely)
    return first, mixed


def quantile(sums: Sequence[int], wanted: float) -> float:
    """Minute k stands for all from half a minute before it to half a minute after."""
    k = bisect_left(sums, wanted)
    before = sums[k - 1] if k else 0
    return k - 0.5 + (wanted - before) / (sums[k] - before)
