"""Passkeys in a real browser, with Chromium's own virtual authenticator behind it."""

from playwright.async_api import CDPSession, Page

from tests.browser.conftest import Open, keep_signed_in
from tests.cast import IDS, PASSWORD, World, email


async def device(page: Page, *, verifies: bool = True) -> tuple[CDPSession, str]:
    """A phone with a fingerprint reader. Returns what to tell it, and its id."""
    cdp = await page.context.new_cdp_session(page)
    await cdp.send("WebAuthn.enable")
    made = await cdp.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": verifies,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return cdp, made["authenticatorId"]


async def press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name).click()


async def test_a_doctor_sets_up_a_passkey_works_signs_in_with_it_and_removes_it(world: World, open_page: Open) -> None:
    await world.sql(None, "DELETE FROM totp_secrets WHERE account_id = $1", IDS["rao"])
    page = await open_page(width=360)
    await device(page)
    await keep_signed_in(page, world, "rao", second_factor=False)

    await page.goto("/doctor")
    await page.wait_for_url("**/security/enrol*")
    await page.get_by_role("link", name="Use a passkey").click()
    await page.get_by_label("Name").fill("My phone")
    await press(page, "Add a passkey")
    await page.wait_for_url("**/security/recovery-codes*")
    await press(page, "Show my codes")
    await page.get_by_text("they are not shown again").wait_for()
    assert await page.locator("#recovery-codes li").count() == 10
    await page.get_by_role("link", name="I have kept them").click()
    await page.goto("/doctor")
    assert page.url.endswith("/doctor"), "her work is open"

    await page.context.clear_cookies()
    await page.goto("/sign-in?next=/security")
    await press(page, "Use a passkey")  # nothing typed
    await page.get_by_role("heading", name="Where you are signed in").wait_for()
    assert await page.get_by_text("Last used").count()

    await page.get_by_role("link", name="Change My phone").click()
    await page.get_by_text("Add another one before you remove this").wait_for()
    assert not await page.get_by_role("button", name="Remove this passkey").count(), "it is her last"
    await page.get_by_label("Name").fill("Old phone")
    await press(page, "Save")
    await world.sql(None, "DELETE FROM grants WHERE account_id = $1", IDS["rao"])
    await page.get_by_role("link", name="Change Old phone").click()
    await press(page, "Remove this passkey")
    await page.wait_for_url("**/security")
    assert not await page.get_by_text("Old phone").count()

    await page.context.clear_cookies()
    await page.goto("/sign-in")
    await press(page, "Use a passkey")
    says = page.locator("[data-says]:visible")
    await says.wait_for()
    assert "could not be used" in await says.inner_text()


async def test_a_passkey_is_the_second_factor_after_a_password(world: World, open_page: Open) -> None:
    page = await open_page()
    await device(page)
    await keep_signed_in(page, world, "rao", second_factor=True)
    await page.goto("/security/passkeys/new")
    await page.get_by_label("Name").fill("Key")
    await press(page, "Add a passkey")
    await page.wait_for_url("**/security/recovery-codes*")

    await page.context.clear_cookies()
    await page.goto("/sign-in")
    await page.locator("input[name=contact]").first.fill(email("rao"))
    await page.locator("input[name=password]").fill(PASSWORD)
    await page.locator("input[name=password]").press("Enter")
    await page.wait_for_url(lambda url: not url.rstrip("/").endswith("/sign-in"))
    await press(page, "Use a passkey")
    await page.wait_for_url("**/doctor")


async def test_whoever_shows_no_finger_is_told_so(world: World, open_page: Open) -> None:
    page = await open_page()
    await device(page, verifies=False)
    await keep_signed_in(page, world, "ananya", second_factor=False)
    await page.goto("/security/passkeys/new")
    await page.get_by_label("Name").fill("Key")
    await press(page, "Add a passkey")
    says = page.locator("[data-says]:visible")
    await says.wait_for()
    assert await says.inner_text() == "No passkey was made. You can try again."
    assert await page.get_by_role("button", name="Add a passkey").is_enabled()
