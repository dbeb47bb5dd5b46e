"""People, invitations and keys in a real browser: a link leads to a role."""

from playwright.async_api import expect

from tests.browser.conftest import Open
from tests.cast import World, email


async def test_a_link_leads_to_a_role(world: World, open_page: Open) -> None:
    gita, lata = await open_page("gita"), await open_page(width=360)
    await gita.goto("/c/asha/people/invite")
    await gita.get_by_label("E-mail or mobile number").fill("lata@cast.test")
    await gita.get_by_label("Reception").check()
    await gita.get_by_role("button", name="Send the invitation").click()
    await expect(gita.get_by_text("The invitation is on its way.")).to_be_visible()
    await world.settle()
    link = world.mail("lata@cast.test")[0].text.split("/invitation/")[1].split()[0]
    await lata.goto(f"/invitation/{link}")
    assert link not in lata.url
    await lata.get_by_label("Name").fill("Lata Joshi")
    await lata.get_by_label("Password").fill("three quiet rivers")
    await lata.get_by_role("button", name="Open an account and accept").click()
    await lata.wait_for_url("**/desk")
    await gita.goto("/c/asha/people")
    await expect(gita.get_by_role("row", name="Lata Joshi")).to_be_visible()
    await gita.goto("/c/asha/keys/new")
    await gita.get_by_label("Name").fill("Accounting")
    await gita.get_by_label("See when a visit is").check()
    await gita.get_by_role("button", name="Make the key").click()
    assert (await gita.get_by_label("Accounting").input_value()).startswith("svk_")
    assert email("gita") not in await gita.content()
