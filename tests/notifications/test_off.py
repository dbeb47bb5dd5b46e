"""Without a provider there is no door."""

from tests.cast import World
from tests.conftest import world as _without_twins

world = _without_twins


async def test_no_hook_for_a_channel_that_is_not_set_up(world: World) -> None:
    client = await world.web()
    assert (await client.get("/hooks/whatsapp")).status_code == 404
    for name in ("whatsapp", "sms"):
        answer = await client.post(f"/hooks/{name}", content=b"{}", headers={"authorization": "Bearer "})
        assert answer.status_code == 404
