"""What other systems look for at a place everybody knows."""

from datetime import UTC, datetime

import msgspec

from svastha.main import create_app
from tests.cast import World


async def test_whom_to_tell_of_a_hole(world: World) -> None:
    """RFC 9116: Contact and one Expires, less than a year ahead."""
    house = world.house
    told = msgspec.structs.replace(house.settings, security_contact="mailto:security@example.in")
    world.app = create_app(msgspec.structs.replace(house, settings=told))
    answer = await (await world.web()).get("/.well-known/security.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    lines = [line.split(": ", 1) for line in answer.text.splitlines()]
    said = dict(lines)
    assert len(lines) == len(said) and said["Contact"] == "mailto:security@example.in"
    assert 100 < (datetime.fromisoformat(said["Expires"]) - datetime.now(UTC)).days < 365
    assert said["Canonical"].endswith("/.well-known/security.txt")


async def test_nobody_to_tell_is_no_file(world: World) -> None:
    assert (await (await world.web()).get("/.well-known/security.txt")).status_code == 404
