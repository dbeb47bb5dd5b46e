"""A house that trusts a local OpenID provider, and a browser that goes there and back."""

import html
import json
import re
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from svastha.adapters import oidc_twin
from svastha.adapters.oidc_twin import Client, OpenIdTwin
from svastha.adapters.oidc_twin_http import Somebody
from svastha.doors import visit
from tests.cast import World
from tests.conftest import opened

SITE = "https://svastha.localhost"
SECRET = "a secret: with/odd characters & more"
APP = "svastha-android"
LATA = Somebody("lata@gmail.test", "Lata Joshi")
APPLE_KEY = ec.generate_private_key(ec.SECP256R1())
TWINS_KEY = oidc_twin._new_key("RS256")  # a tenth of a second each
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # whose certificates nobody reads


def pem(private: bool) -> str:
    if private:
        plain = serialization.NoEncryption()
        found = APPLE_KEY.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    else:
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        found = APPLE_KEY.public_key().public_bytes(serialization.Encoding.PEM, form)
    return found.decode()


@pytest.fixture
def twin(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenIdTwin]:
    clients = {
        "svastha": Client(frozenset({f"{SITE}/sign-in/with/google/back"}), SECRET),
        "svastha-apple": Client(frozenset({f"{SITE}/sign-in/with/apple/back"}), public_key=pem(False)),
        APP: Client(frozenset()),
    }
    with monkeypatch.context() as at_first:
        at_first.setattr(oidc_twin, "_new_key", lambda _: TWINS_KEY)
        found = OpenIdTwin(clients)
    found.start()
    yield found
    found.stop()


def google(issuer: str, **more: Any) -> dict[str, Any]:
    return {
        "name": "google",
        "label": "Google",
        "issuer": issuer,
        "client_id": "svastha",
        "client_secret": SECRET,
        "authoritative_for": ["gmail.test"],
        "app_client_ids": [APP],
    } | more


def apple(issuer: str) -> dict[str, Any]:
    return {
        "name": "apple",
        "label": "Apple",
        "issuer": issuer,
        "client_id": "svastha-apple",
        "client_secret_key": {"team_id": "T34M", "key_id": "K3Y", "private_key": pem(True)},
        "extra": {"response_mode": "form_post"},
    }


@asynccontextmanager
async def house_with(providers: list[dict[str, Any]], dsn: str, prefix: str, folder: Path) -> AsyncIterator[World]:
    more = {"SVASTHA_BASE_URL": SITE, "SVASTHA_OIDC_PROVIDERS": json.dumps(providers)}
    async with opened(dsn, prefix, folder, **more) as world:
        yield world


@pytest.fixture
async def trusting(anyio_backend: str, dsn: str, prefix: str, tmp_path: Path, twin: OpenIdTwin) -> AsyncIterator[World]:
    async with house_with([google(twin.issuer), apple(twin.issuer)], dsn, prefix, tmp_path) as world:
        yield world


async def browser(world: World, name: str | None = None) -> httpx.AsyncClient:
    """One that keeps cookies, signed in as somebody or not."""
    client = await world.web()
    client.base_url = httpx.URL(SITE)
    if name:
        client.cookies.set(visit.COOKIE, await world.token(name, "browser"), domain="svastha.localhost")
    return client


async def leave(client: httpx.AsyncClient, path: str = "/sign-in/with/google") -> str:
    """To the provider: the address the browser is sent to."""
    out = await client.get(path)
    assert out.status_code == 303, out.text
    return out.headers["location"]


async def choose(address: str, who: Somebody | None) -> httpx.Response:
    """At the provider: choose to be this person, or decline. The answer sends the browser back."""
    async with httpx.AsyncClient(verify=NO_TLS) as there:
        page = await there.get(address)
        assert page.status_code == 200, page.text
        asked = re.search(r'name="asked" value="([^"]*)"', page.text)
        assert asked
        form = {"asked": html.unescape(asked[1])} | (
            {"email": who.email, "name": who.name} if who else {"decline": "1"}
        )
        return await there.post(address.partition("?")[0], data=form)


async def arrive(
    client: httpx.AsyncClient, who: Somebody | None = LATA, path: str = "/sign-in/with/google"
) -> httpx.Response:
    """There and back: the answer of our own callback."""
    back = await choose(await leave(client, path), who)
    assert back.status_code == 303, back.text
    return await client.get(back.headers["location"])


async def signed_in_as(client: httpx.AsyncClient) -> str | None:
    """The name that pages greet this browser with."""
    page = await client.get("/home")
    found = re.search(r'<p class="clip"><b>([^<]*)</b>', page.text)
    return html.unescape(found[1]) if found else None
