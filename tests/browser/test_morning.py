"""A morning at a clinic with two doctors and eight patients, on everybody's screen at once: the desk, the board of the
queues, a doctor's own, a patient's telephone and the screen on the wall. What changes there changes by itself."""

import re
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from playwright.async_api import Locator, Page, expect

from tests.appointments.visits import second_doctor
from tests.browser.conftest import Open
from tests.cast import IYER, RAO, World
from tests.morning import ZONE, world_in_the_morning
from tests.queue.test_queue import booked, somebody
from tests.server import Site
from tests.web.test_arrive import door

__all__ = ["world_in_the_morning"]
KOLKATA = ZoneInfo("Asia/Kolkata")  # the doctors' own


async def opened(page: Page, path: str) -> Page:
    """A page that will say whether it was ever loaded again."""
    await page.goto(path)
    await page.evaluate("window.first = true")
    return page


def row(page: Page, name: str) -> Locator:
    return page.locator("li.visit, li.turn").filter(has_text=name)


async def starts_at(world: World, visit: str) -> datetime:
    [found] = await world.sql("asha", "SELECT starts_at FROM appointments WHERE id = $1", UUID(visit))
    at: datetime = found["starts_at"]
    return at


async def test_a_morning(world: World, site: Site, open_page: Open) -> None:
    await second_doctor(world)
    booked_by_desk = [("Nita Rao", -40, RAO), ("Mohan Lal", -20, RAO), ("Om Das", 90, RAO), ("Padma Iyengar", 10, IYER),
                      ("Rehana Begum", 60, IYER)]  # fmt: skip
    visits = {
        name: await booked(world, at=at, doctor=doctor, patient=await somebody(world, name))
        for name, at, doctor in booked_by_desk
    }
    await world.booked(
        "ananya", mode="in_person", at=(await world.free(mode="in_person", after=timedelta(minutes=15)))[0]
    )
    away = (await world.free(doctor=IYER, mode="in_person", after=timedelta(minutes=130)))[0]
    wish = {"doctor_id": str(IYER), "starts_at": away.isoformat(), "mode": "in_person"}
    kavyas = await (await world.api("kavya")).post(
        "/clinics/asha/appointments", json=wish, headers={"idempotency-key": "k"}
    )
    assert kavyas.status_code == 201, kavyas.text

    desk = await open_page("farida", width=1440, height=3000, zone=ZONE)
    board = await opened(await open_page("farida", zone=ZONE), "/c/asha/queue")
    rao = await opened(await open_page("rao", zone=ZONE), f"/c/asha/queue?doctor={RAO}")
    wall = await opened(await open_page(zone=ZONE), "/c/asha/screen")
    phone = await open_page("ananya", width=390, height=844, zone=ZONE)

    # Ananya says at the door that she is here
    await phone.goto(f"/c/asha/arrive?at={await door(world)}")
    await phone.get_by_role("button", name="I am here").click()
    await phone.wait_for_url(re.compile("/visits/"))
    await opened(phone, phone.url)
    await expect(phone.locator("#place .token")).to_have_text(re.compile("1$"))
    await expect(row(board, "Ananya Deshpande").locator(".token")).to_have_text(re.compile("1$"))
    await expect(wall.locator("#numbers")).to_contain_text("Dr Meera Rao")

    # somebody walks in, in three fields, and comes before a visit that is not due yet
    await desk.goto("/desk")
    await desk.get_by_text("Somebody came without a booking").click()
    await desk.get_by_label("Name", exact=True).fill("Lata Joshi")
    await desk.get_by_label("Telephone").fill("9876543210")
    await desk.locator("#w-doctor").select_option(str(RAO))
    await desk.get_by_role("button", name="Give a number").click()
    await expect(desk.get_by_text("Lata Joshi has a number and waits.")).to_be_visible()
    await expect(wall.locator("#numbers")).to_contain_text("2 · 1")
    await expect(phone.locator("#place")).to_contain_text("1 person is before you.")

    # the doctor calls her in
    await rao.get_by_role("button", name="Call the next one").click()
    await expect(wall.locator(".called")).to_contain_text("2")
    await expect(row(board, "Lata Joshi")).to_contain_text("Called")
    lata = await row(rao, "Lata Joshi").get_by_role("link").get_attribute("href")
    doctor = await open_page("rao", zone=ZONE)
    await doctor.goto(str(lata))
    await doctor.get_by_role("button", name="Admit").click()
    await expect(row(board, "Lata Joshi")).to_contain_text("In progress")
    await expect(row(rao, "Lata Joshi")).to_contain_text("In progress")

    # one comes late and stands behind who was in time; another does not come at all
    await row(desk, "Mohan Lal").get_by_role("button", name="Has arrived").click()
    await expect(row(desk, "Mohan Lal")).to_contain_text(re.compile("Has arrived"))
    await expect(row(rao, "Mohan Lal").locator(".token")).to_have_text(re.compile("3$"))
    await expect(wall.locator("#numbers")).to_contain_text("1 · 3")
    await row(desk, "Nita Rao").get_by_role("button", name="Did not come").click()
    await expect(row(desk, "Nita Rao")).to_contain_text("Missed")
    await expect(row(board, "Nita Rao")).to_contain_text("Missed")

    # the doctor is running late: one tap, and everybody who waits knows
    await rao.get_by_text("Running late").click()
    await rao.get_by_role("button", name="20 min").click()
    for page, words in ((phone, "about 20 minutes late"), (wall, "About 20 minutes late"), (board, "20 min late")):
        await expect(page.locator("main")).to_contain_text(words)
    rest = await (await world.api("rao")).post(f"/clinics/asha/appointments/{str(lata).split('/')[-1]}/complete")
    assert rest.status_code == 200, rest.text
    await expect(phone.locator("#place")).to_contain_text("Nobody is before you.")
    await rao.get_by_role("button", name="Call the next one").click()
    await expect(phone.locator("#place")).to_contain_text("It is your turn. Please come in.")

    # a visit is moved without a mouse, and one to the other doctor with it
    was = await starts_at(world, visits["Om Das"])
    move = desk.get_by_role("link", name="Move Om Das")
    await move.focus()
    await desk.keyboard.press("Enter")
    await expect(desk.locator(".target button:focus")).to_be_visible()
    await desk.keyboard.press("Escape")
    await expect(desk.locator(".target")).to_have_count(0)
    await expect(move).to_be_focused()
    await desk.keyboard.press("Enter")
    await expect(desk.locator(".target button:focus")).to_be_visible()
    await desk.keyboard.press("ArrowDown")
    chosen = await desk.locator(".target:has(button:focus)").get_attribute("data-at")
    await desk.keyboard.press("Enter")
    await expect(desk.get_by_text("The visit has its new time.")).to_be_visible()
    assert await starts_at(world, visits["Om Das"]) == datetime.fromisoformat(str(chosen)) != was
    await dragged(desk, "Rehana Begum", str(RAO))
    await expect(desk.get_by_text("The visit has its new time.")).to_be_visible()
    await expect(desk.locator(f'ol[data-doctor="{RAO}"]').filter(has_text="Rehana Begum")).to_be_visible()
    [moved] = await world.sql(
        "asha", "SELECT doctor_id, placed FROM appointments WHERE id = $1", UUID(visits["Rehana Begum"])
    )
    assert tuple(moved) == (RAO, "booked")

    # Dr Iyer has to leave: whoever was booked then is asked, and answers with one tap
    until = away + timedelta(hours=1)
    await desk.goto(f"/c/asha/doctors/{IYER}/leave")
    for name, at in (("from", away.astimezone(KOLKATA)), ("to", until.astimezone(KOLKATA))):
        await desk.locator(f"[name={name}_day]").fill(f"{at:%Y-%m-%d}")
        await desk.locator(f"[name={name}_time]").fill(f"{at:%H:%M}")
    await desk.get_by_role("button", name="See whom it touches").click()
    await expect(desk.get_by_text("1 patient will be asked to choose another time.")).to_be_visible()
    await desk.get_by_role("button", name="Take this leave").click()
    await expect(desk.get_by_text("The leave is noted.")).to_be_visible()
    await desk.goto("/c/asha/requests")
    await expect(row(desk, "Kavya Deshpande")).to_be_visible()
    kavya = await open_page("kavya", width=390, height=844, zone=ZONE)
    await kavya.goto(f"/c/asha/visits/{kavyas.json()['id']}")
    await expect(kavya.get_by_text("is away at this time")).to_be_visible()
    await kavya.locator("section[aria-labelledby=away] form button").first.click()
    await expect(kavya.get_by_text("The visit has its new time.")).to_be_visible()
    await desk.goto("/c/asha/requests")
    await expect(desk.get_by_text("Everybody has answered.")).to_be_visible()

    for page in (board, rao, wall, phone):
        assert await page.evaluate("window.first"), f"{page.url} was loaded again"
    on_the_wall = await wall.locator("main").inner_text()
    assert not any(name.split()[0] in on_the_wall for name in (*visits, "Ananya", "Lata", "Kavya"))


async def dragged(desk: Page, name: str, doctor: str) -> None:
    """By the mouse, to the first free time of this doctor."""
    box = await row(desk, name).locator("p").first.bounding_box()
    assert box
    await desk.mouse.move(box["x"] + 5, box["y"] + 5)
    await desk.mouse.down()
    await desk.mouse.move(box["x"] + 30, box["y"] + 10, steps=5)
    target = desk.locator(f'ol[data-doctor="{doctor}"] .target').first
    await expect(target).to_be_visible()
    place = await target.bounding_box()
    assert place
    await desk.mouse.move(place["x"] + 40, place["y"] + place["height"] / 2, steps=10)
    await desk.mouse.up()
