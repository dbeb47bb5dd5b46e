"""Every page, looked at by axe: in light on a desk, in the dark on a phone in Hindi. None is wider than its screen."""

import asyncio
from typing import Any

import pytest

from tests.browser.conftest import Open
from tests.browser.test_pages import OF_LOOKS, RULES, looked_at, the_visits, with_axe
from tests.cast import IDS, RAO, World
from tests.web.test_arrive import door

PUBLIC = ["/", "/?q=acidity&mode=video", "/?q=zzzzzz", f"/doctors/{RAO}", "/c/asha/", "/sign-in", "/sign-up",
          "/confirm", "/sign-in/code", "/sign-in/link", "/sign-in/link/none", "/sign-in/second-factor", "/forgotten",
          "/forgotten/code", "/security/undo/none", "/invitation", "/second-factor-lost", "/reopen/none",
          "/dev/mailbox", "/api/docs", "/offline", "/verify/asha-none", "/no-such-page"]  # fmt: skip
HERS = ["/home", "/settings", "/security", "/security/contacts", "/security/contacts/new", "/security/password",
        "/security/channels", "/security/enrol", "/security/totp", "/security/passkeys/new", "/security/identities",
        "/settings/reminders", "/calendars", "/waiting", f"/c/asha/waiting/new?doctor_id={RAO}&mode=video",
        "/security/export", "/security/close", "/step-up", "/record/seen", "/family", "/family/new",
        "/c/asha/family/invite"]  # fmt: skip
DOCTORS = ["/work", "/doctor", "/doctor/onboarding", *(f"/doctor/onboarding/{step}" for step in
           ("you", "registration", "degrees", "practice", "documents")), "/security/recovery-codes",
           "/c/asha/patients?q=ananya", *(f"/c/asha/doctors/{RAO}/{tab}" for tab in
           ("availability", "offers", "exceptions", "leave")), *(f"/doctor/calendar?view={view}" for view in
           ("day", "week", "list"))]  # fmt: skip
RUNS = ["/work", *(f"/c/asha/{page}" for page in
        ("admin", "people", "people/invite", "people/policy", f"people/{IDS['farida']}", "keys", "keys/new", "audit",
         "audit?person=nobody", "openings", "patients", "doctors", "branches", "holidays",
         "rules", "cancellation"))]  # fmt: skip
DESK = ["/desk", "/work", *(f"/c/asha/{page}" for page in
        ("find?q=deshpande", "walk-in", "book", "queue", "requests", "door", "waiting-list", "doctors"))]  # fmt: skip
PLATFORM = ["/platform", "/platform/doctors", "/platform/doctors?state=verified", f"/platform/doctors/{RAO}",
            "/platform/people", f"/platform/people/{IDS['rao']}", "/platform/audit"]  # fmt: skip


async def lived_in(world: World) -> tuple[str, str, str]:
    """Visits, a child, an opened record, an invitation and a key. Returns two visits and a record that is closed."""
    soon, other = await the_visits(world)
    ananya, gita = await world.api("ananya"), await world.api("gita")
    child = {"name": "Ira Deshpande", "birth_date": "2019-08-12", "sex": "female", "relation": "mother"}
    asked = {"contact": "kavya@cast.test", "relation": "sister"}
    invited = {"contact": "a.rather.long.address.of.somebody@cast.test", "roles": ["receptionist", "therapist"]}
    key = {"name": "Appointments on our website", "scopes": ["visit.read", "people.read"]}
    made = [
        await ananya.post("/clinics/asha/me/dependants", json=child),
        await ananya.post("/clinics/asha/me/guardians", json=asked),
        await gita.post("/clinics/asha/invitations", json=invited),
        await gita.post("/clinics/asha/api-keys", json=key),
    ]
    closed = str(made[0].json()["patient_id"])
    reason = {"reason": "Brought in faint by a neighbour."}
    made.append(await gita.post(f"/clinics/asha/patients/{closed}/break-glass", json=reason))
    assert [answer.status_code for answer in made] == [201] * 5, [answer.text for answer in made]
    return soon, other, closed


@pytest.mark.parametrize(("width", "lang", "dark"), [(1280, "en", False), (360, "hi", True)])
async def test_nothing_is_wrong_with_any_page(world: World, open_page: Open, width: int, lang: str, dark: bool) -> None:
    soon, other, closed = await lived_in(world)
    [(who,)] = await world.sql("asha", "SELECT patient_id FROM appointments WHERE id = $1::uuid", soon)
    at, at_work = f"/c/asha/visits/{soon}", "/c/asha/doctor/visits"
    everybody: dict[str | None, list[str]] = {
        None: [*PUBLIC, "/c/asha/screen"],
        "ananya": [*HERS, at, f"{at}/cancel", f"{at}/move", f"{at}/room", f"/c/asha/arrive?at={await door(world)}"],
        "rao": [
            *DOCTORS,
            f"/c/asha/queue?doctor={RAO}",
            f"{at_work}/{soon}",
            f"{at_work}/{other}",
            f"/c/asha/patients/{closed}",
        ],
        "gita": [*RUNS, f"/c/asha/patients/{closed}"],
        "jaya": PLATFORM,
        "farida": [*DESK, f"/c/asha/book?patient={who}", f"/c/asha/walk-in?patient={who}", at, f"{at}/move"],
        "indu": ["/platform", "/platform/people"],
    }
    wrong: list[Any] = []

    async def looks(name: str | None, paths: list[str]) -> None:
        page = await with_axe(await open_page(name, width=width, lang=lang, dark=dark))
        for number, path in enumerate(paths):
            whole = number % 2 == dark  # each page once with all rules, in the one or the other
            rules = RULES if whole else OF_LOOKS if path != "/api/docs" else ""  # which is long
            wrong.extend(await looked_at(page, path, rules=rules))
        await page.context.close()

    people = list(everybody.items())
    for first in range(0, len(people), 2):  # a page each for two cores
        await asyncio.gather(*(looks(*one) for one in people[first : first + 2]))
    kavya = await with_axe(await open_page("kavya", width=width, lang=lang, dark=dark))
    hold = {"doctor_id": str(RAO), "starts_at": (await world.free())[3].isoformat(), "mode": "video"}
    held = await (await world.api("kavya")).post("/clinics/asha/holds", json=hold)
    wrong += await looked_at(kavya, f"/c/asha/holds/{held.json()['id']}")
    assert not wrong, "\n".join(map(str, wrong))
