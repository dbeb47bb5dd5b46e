"""A real Chromium against a real server and a worker, which run in this process. Where there is no Chromium the tests
say how to get one and skip; with ``SVASTHA_REQUIRE_BROWSER=1`` that is a failure."""

import logging
import os
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect
from structlog.testing import capture_logs

from svastha.doors import visit
from svastha.kit.log import trace_without_values
from svastha.wiring import build
from tests.cast import ENROLLED, PASSWORD, World, email
from tests.conftest import registered, settings_for
from tests.server import Site, free_port, serving

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # nothing but this machine ever resolves; *.local are the names browsers give to local candidates
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1, EXCLUDE *.local",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",  # a machine without a network card has no other candidates
]
expect.set_options(timeout=20_000)  # the machine may have other things to do
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in Path(str(item.fspath)).parts:
            item.add_marker(pytest.mark.browser)


def missing(what: str, how: str, required: str) -> None:
    sentence = f"no {what} on this machine: {how}"
    if os.environ.get(required) == "1":
        pytest.fail(sentence)
    pytest.skip(sentence)


@pytest.fixture(scope="session")
def chromium() -> str:
    found = os.environ.get("SVASTHA_CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), "")
    if not found:
        missing(
            "Chromium",
            "install one (Debian: apt-get install chromium) or name it in SVASTHA_CHROMIUM",
            "SVASTHA_REQUIRE_BROWSER",
        )
    return found


@asynccontextmanager
async def launched(program: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, headless=True, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
async def whole_browser(anyio_backend: str, chromium: str) -> AsyncIterator[Browser]:
    """For what the shell has not: cameras, and what there is around a page."""
    async with launched(chromium) as browser:
        yield browser


@pytest.fixture(scope="session")
async def browser(anyio_backend: str, chromium: str) -> AsyncIterator[Browser]:
    """Where there is one, the same Chromium without windows, which takes half the processor time."""
    shell = None if os.environ.get("SVASTHA_CHROMIUM") else shutil.which("chromium-headless-shell")
    async with launched(shell or chromium) as browser:
        yield browser


@pytest.fixture(scope="session")
def turn() -> Iterator[str]:
    """A coturn of our own on loopback; its address as a TURN URL."""
    program = shutil.which("turnserver")
    if not program:
        missing("coturn", "install it (Debian: apt-get install coturn)", "SVASTHA_REQUIRE_TURN")
    assert program
    import tempfile

    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        arguments = [
            program,
            "-n",
            "--listening-ip=127.0.0.1",
            "--relay-ip=127.0.0.1",
            f"--listening-port={port}",
            "--realm=svastha",
            "--use-auth-secret",
            "--static-auth-secret=turn secret for tests alone",
            "--allow-loopback-peers",  # for tests alone: in production loopback must stay out of reach
            "--no-tls",
            "--no-dtls",
            "--no-cli",
            "--no-rfc5780",
            f"--pidfile={folder}/pid",
            f"--userdb={folder}/db",
            "--log-file=stdout",
        ]
        process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), 0.2).close()
                break
            except OSError:
                time.sleep(0.05)  # polls a process
        yield f"turn:127.0.0.1:{port}?transport=udp"
        process.terminate()
        process.wait()


@pytest.fixture
def turn_urls() -> str:
    """Empty unless a test asks for relay."""
    return ""


@pytest.fixture
async def site(
    world: World, dsn: str, prefix: str, tmp_path: Path, turn_urls: str, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Site]:
    """A server on a free port and a worker over this test's databases: another house than the test's own."""
    with (
        socket.create_server(("127.0.0.1", 0)) as door,
        capture_logs(processors=[trace_without_values]) as said,
    ):
        found = settings_for(
            dsn,
            prefix,
            tmp_path,
            SVASTHA_PORT=str(door.getsockname()[1]),
            SVASTHA_SMTP_PORT=str(world.house.settings.smtp_port),
            SVASTHA_TURN_URLS=turn_urls,
        )
        async with registered(build(found)) as app, serving(app, door) as site:
            yield site
    wrong = [line for line in said if line["log_level"] in ("error", "critical")]
    wrong += [line.__dict__ for line in caplog.get_records("call") if line.levelno >= logging.ERROR]
    assert not wrong, wrong


async def keep_signed_in(page: Page, world: World, name: str, *, second_factor: bool) -> None:
    """The cookie that signing in would have left."""
    token = await world.token(name, "browser", second_factor=second_factor)
    await page.context.add_cookies(
        [{"name": visit.COOKIE, "value": token, "url": "https://localhost/", "secure": True, "httpOnly": True}]
    )


Open = Callable[..., Awaitable[Page]]


@pytest.fixture
async def open_page(browser: Browser, site: Site, world: World) -> AsyncIterator[Open]:
    """``await open_page('ananya', width=390)``: a browser of her own, signed in, and ``by_form`` as people do it. Any
    page error or violation of the content security policy fails the test."""
    wrong: list[str] = []
    contexts: list[BrowserContext] = []

    def heard(message: ConsoleMessage) -> None:
        # A refused form is an answer, and a network that is away is a test's own doing; the browser mentions both.
        expected = (
            "the server responded with a status of",
            "ERR_INTERNET_DISCONNECTED",
            "ERR_CONNECTION_REFUSED",
            "ERR_INCOMPLETE_CHUNKED_ENCODING",
            "error occurred when fetching the script",
        )
        if message.type == "error" and not any(words in message.text for words in expected):
            wrong.append(message.text)

    async def open_page(
        name: str | None = None,
        *,
        width: int = 1280,
        height: int = 900,
        lang: str = "en",
        dark: bool = False,
        script: bool = True,
        camera: bool = True,
        zone: str = "Asia/Kolkata",
        by_form: bool = False,
    ) -> Page:
        context = await browser.new_context(
            base_url=site.url,
            viewport={"width": width, "height": height},
            locale="hi-IN" if lang == "hi" else "en-IN",
            timezone_id=zone,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            java_script_enabled=script,
            permissions=["camera", "microphone"] if camera else [],
        )
        contexts.append(context)
        context.set_default_timeout(20_000)
        page = await context.new_page()
        page.on("pageerror", lambda trouble: wrong.append(str(trouble)))
        page.on("console", heard)
        if name and by_form:
            await page.goto("/sign-in")
            await page.locator("input[name=contact]").fill(email(name))
            await page.locator("input[name=password]").fill(PASSWORD)
            await page.locator("main form button[type=submit], main form button:not([type])").first.click()
            if name in ENROLLED:
                await page.wait_for_url("**/sign-in/second-factor")
                await page.locator("input[name=code]").fill(await world.code(name))
                await page.locator("main form button:not([type])").first.click()
            await page.wait_for_url(lambda url: "sign-in" not in url)
        elif name:
            await keep_signed_in(page, world, name, second_factor=name in ENROLLED)
        return page

    yield open_page
    for context in contexts:
        await context.close()
    assert not wrong, wrong
