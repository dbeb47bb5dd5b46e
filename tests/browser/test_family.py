"""The pages of the family in a real browser: nothing is wrong with them, and a family is made by keyboard alone."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Open
from tests.browser.test_pages import looked_at, with_axe
from tests.cast import World
from tests.patients.test_guardians import accepted, booking, invited, registered


@pytest.mark.parametrize(("width", "lang"), [(360, "hi")])
async def test_nothing_is_wrong_with_the_pages_of_the_family(
    world: World, open_page: Open, width: int, lang: str
) -> None:
    meera = await registered(world)
    await accepted(world, "ananya", "kavya", patient_id=meera["patient_id"])
    await invited(world, "ananya", "hari", contact="a.rather.long.address.of.somebody@cast.test")
    asked = await invited(world, "ananya", "kavya")
    visit = (await booking(world, "ananya", meera["patient_id"])).json()
    pages = {
        "ananya": (
            "/family",
            "/family/new",
            f"/c/asha/family/invite?patient={meera['patient_id']}",
            f"/c/asha/guardians/{meera['id']}/end",
            f"/c/asha/visits/{visit['id']}",
        ),
        "kavya": (f"/c/asha/guardian-invitations/{asked}",),
        "farida": (f"/c/asha/guardians/{meera['id']}/end",),
    }
    wrong = []
    for name, paths in pages.items():
        page = await with_axe(await open_page(name, width=width, lang=lang))
        for path in paths:
            wrong += await looked_at(page, path)
    assert not wrong, wrong


async def test_a_family_by_keyboard(world: World, open_page: Open) -> None:
    ananya, kavya = await open_page("ananya", width=360), await open_page("kavya", width=360)
    await ananya.goto("/family")
    await ananya.get_by_role("link", name="Register somebody").press("Enter")
    await ananya.get_by_label("Clinic").select_option("asha")
    await ananya.get_by_label("Name").fill("Meera Deshpande")
    await ananya.get_by_label("Date of birth").fill("2019-03-02")
    await ananya.get_by_label("Sex").select_option("female")
    await ananya.get_by_label("You are their").select_option("mother")
    await ananya.get_by_role("button", name="Register").press("Enter")
    await expect(ananya.get_by_text("Meera Deshpande").first).to_be_visible()
    await ananya.get_by_role("link", name="Ask a second guardian Meera Deshpande").press("Enter")
    await expect(ananya.get_by_label("For whom?")).to_have_text(re.compile("Meera Deshpande"))
    await ananya.get_by_label("Their e-mail or mobile number").fill("kavya@cast.test")
    await ananya.get_by_label("They are to the patient").select_option("relative")
    await ananya.get_by_role("button", name="Send the invitation").press("Enter")
    await expect(ananya.get_by_text("kavya@cast.test").first).to_be_visible()
    await world.settle()
    link = re.search(r"/c/asha/guardian-invitations/\S+", world.mail("kavya")[0].text)
    assert link
    await kavya.goto(link[0])
    await kavya.get_by_role("button", name="Yes, I act for them").press("Enter")
    await expect(kavya.get_by_text("You act for this patient from now on.")).to_be_visible()
    await expect(kavya.get_by_role("link", name="Who saw the record Meera Deshpande")).to_be_visible()
