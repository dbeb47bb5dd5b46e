"""``svastha audit``: export and verify what was done. Answers on standard output, remarks on standard error."""

import argparse
import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path

import msgspec

from svastha.domain import audit
from svastha.domain.audit import CONTROL, Record, Verifier
from svastha.kit.refusals import NotFound
from svastha.settings import Settings

from .equip import CannotStart


def verify_file(path: str, key: str | None) -> int:
    """Without a database. Returns the exit status: 1 when something is wrong."""
    verifier = Verifier()
    try:
        with Path(path).open("rb") as file:
            for record in records_in(file):
                verifier.feed(record)
    except OSError as trouble:
        raise CannotStart(f"{path} cannot be read: {trouble.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as trouble:
        print(f"{path}: UNREADABLE: {trouble}")
        return 1
    verifier.close()
    return _told(path, verifier, key)


def records_in(lines: Iterable[bytes]) -> Iterator[Record]:
    """Raises DecodeError, or what the text raises that is none."""
    decoder = msgspec.json.Decoder(Record)
    for line in lines:
        yield decoder.decode(line)


async def work(settings: Settings, asked: argparse.Namespace) -> int:
    from svastha.doors.jobs.seal_audit import seal_audit
    from svastha.wiring import build

    house = build(settings)
    try:
        place = None if asked.verb == "seal" or asked.clinic in (None, CONTROL) else asked.clinic
        everything = [None, *await house.routing.slugs()]
        places = [place] if place or (asked.verb != "seal" and asked.clinic) else everything
        if asked.verb == "export":
            from svastha.doors.audit_chain import chain

            return await _export(chain(house, place))
        if asked.verb == "seal":
            for one in places:
                print(f"{one or CONTROL}: {(await seal_audit(house, one)).entries} entries sealed")
            return 0
        return max([await _verify(house, one, asked.key) for one in places])
    except NotFound:
        raise CannotStart(f"There is no clinic {asked.clinic}.") from None
    finally:
        await house.bell.close()
        await house.connections.close()


async def _export(chain: AsyncIterator[Record]) -> int:
    encoder, keys = msgspec.json.Encoder(), []
    async for record in chain:
        sys.stdout.buffer.write(encoder.encode(record) + b"\n")
        if isinstance(record, audit.Head):
            keys = record.keys
    for key in keys:
        print(f"Signed with the key {grouped(key.id)}", file=sys.stderr)
    return 0


async def _verify(house: object, place: str | None, key: str | None) -> int:
    from svastha.doors.audit_chain import chain

    verifier = Verifier()
    async for record in chain(house, place):  # type: ignore[arg-type]
        verifier.feed(record)
    verifier.close()
    return _told(place or CONTROL, verifier, key)


def _told(name: str, verifier: Verifier, key: str | None) -> int:
    if key and (strange := [one for one in verifier.keys if one != key.replace(" ", "").lower()]):
        print(f"{name}: FORGED: signed with another key, {grouped(strange[0])}")
        return 1
    for problem in verifier.problems:
        which = f" entry {problem.id}" if problem.id else ""
        when = f" of {problem.at.isoformat()}" if problem.at else ""
        where = f" (seal {problem.seal})" if problem.seal else ""
        print(f"{name}: {problem.what.upper()}{which}{when}{where}: {problem.says}")
    if verifier.found > len(verifier.problems):
        print(f"{name}: … {verifier.found} in all")
    if not verifier.found:
        print(f"{name}: {verifier.entries} entries, {verifier.seals} seals, nothing altered, missing or moved")
    if verifier.unsealed and verifier.waiting_since:
        print(f"{name}: {verifier.unsealed} entries since {verifier.waiting_since.isoformat()} wait for their seal")
    for one in verifier.keys:
        print(f"{name}: signed with the key {grouped(one)}")
    return 1 if verifier.found else 0


def grouped(fingerprint: str) -> str:
    """So that two people can compare it over the telephone."""
    return " ".join(fingerprint[at : at + 8] for at in range(0, len(fingerprint), 8))
