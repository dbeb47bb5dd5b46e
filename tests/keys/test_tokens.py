"""Attacks on access tokens: everything but our own signature over our own claims is refused."""

import base64
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from svastha.domain import keys
from svastha.doors import visit
from svastha.doors.cli import keys as command
from svastha.kit.keyring import Keyring, SigningKey, new_signing_key
from tests.cast import World

HOUR = 3600


def claims(**more: Any) -> dict[str, Any]:
    return {"sub": "ananya", "exp": int(time.time()) + HOUR, **more}


def ring_of(*kids: str) -> Keyring:
    ring = Keyring(issuer="https://svastha.test", audience="https://svastha.test")
    made = {kid: new_signing_key() for kid in kids}
    ring.learn(
        index={},
        active=(),
        signing={kid: SigningKey(kid, public, private, True) for kid, (private, public) in made.items()},
        kid=kids[-1],
    )
    return ring


RING = ring_of("a", "b")
HEADERS = {"kid": "b", "typ": "at+jwt"}
OURS = {"iss": "https://svastha.test", "aud": "https://svastha.test", "iat": int(time.time())}


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_what_we_signed_is_believed() -> None:
    token = RING.sign(claims(scope="x"))
    found = RING.claims_of(token)
    assert found and (found["sub"], found["scope"], found["iss"]) == ("ananya", "x", "https://svastha.test")
    assert jwt.get_unverified_header(token) == {"alg": "EdDSA", **HEADERS}


def forged() -> dict[str, str]:
    token = RING.sign(claims())
    head, body, signature = token.split(".")
    stranger = Ed25519PrivateKey.generate()
    public = next(key for key in RING.jwks()["keys"] if key["kid"] == "b")
    raw = base64.urlsafe_b64decode(public["x"] + "=")
    full = {**OURS, **claims()}
    other_ring = Keyring(issuer="https://evil.test", audience="https://evil.test")
    other_ring.__dict__ |= {name: RING.__dict__[name] for name in ("_signing", "_public", "_kid")}
    return {
        "alg none": f"{part({'alg': 'none', **HEADERS})}.{body}.",
        "alg none with signature": f"{part({'alg': 'none', **HEADERS})}.{body}.{signature}",
        "hs256 with the public key": jwt.encode(full, raw, algorithm="HS256", headers=HEADERS),
        "hs256 with the text of the public key": jwt.encode(full, public["x"], algorithm="HS256", headers=HEADERS),
        "rs256": jwt.encode(full, rsa.generate_private_key(65537, 2048), algorithm="RS256", headers=HEADERS),
        "a stranger's key": jwt.encode(full, stranger, algorithm="EdDSA", headers=HEADERS),
        "other kid": f"{part({'alg': 'EdDSA', 'typ': 'at+jwt', 'kid': 'a'})}.{body}.{signature}",
        "unknown kid": jwt.encode(full, stranger, algorithm="EdDSA", headers={**HEADERS, "kid": "zz"}),
        "no kid": jwt.encode(full, stranger, algorithm="EdDSA", headers={"typ": "at+jwt"}),
        "kid is no text": f"{part({'alg': 'EdDSA', 'typ': 'at+jwt', 'kid': ['b']})}.{body}.{signature}",
        "key brought along": jwt.encode(
            full, stranger, algorithm="EdDSA", headers={**HEADERS, "jwk": {"kty": "OKP", "crv": "Ed25519"}}
        ),
        "other type": f"{part({'alg': 'EdDSA', 'typ': 'JWT', 'kid': 'b'})}.{body}.{signature}",
        "expired": RING.sign(claims(exp=int(time.time()) - 1)),
        "never expires": RING.sign({"sub": "ananya"}),
        "not yet": RING.sign(claims(nbf=int(time.time()) + HOUR)),
        "other issuer": other_ring.sign(claims(aud="https://svastha.test")),
        "other audience": other_ring.sign(claims(iss="https://svastha.test")),
        "changed body": f"{head}.{part({**full, 'sub': 'jaya'})}.{signature}",
        "changed signature": f"{head}.{body}.{'A' * len(signature)}",
        "empty": "",
        "garbage": "a.b.c",
        "not ascii": "नमस्ते.x.y",
        "huge": "A" * 100_000,
    }


@pytest.mark.parametrize("kind", forged())
def test_anything_else_is_refused(kind: str) -> None:
    assert RING.claims_of(forged()[kind]) is None


async def test_the_public_halves_are_published_and_nothing_else(world: World) -> None:
    web = await world.web()
    answer = await web.get("/.well-known/jwks.json")
    assert answer.status_code == 200 and "max-age=300" in answer.headers["cache-control"]
    (key,) = answer.json()["keys"]
    assert set(key) == {"kty", "crv", "x", "kid", "use", "alg"}, "and no d"
    ring = await world.house.routing.keyring()
    public = jwt.PyJWK(key).key
    assert jwt.decode(ring.sign(claims()), public, algorithms=["EdDSA"], audience=world.house.settings.url)


async def test_a_new_signing_key_is_published_before_it_signs_and_the_old_one_verifies_on(bare: World) -> None:
    routing = bare.house.routing
    old_token = (await routing.keyring()).sign(claims())
    old = jwt.get_unverified_header(old_token)["kid"]
    await command.rotate_signing(bare.house)
    ring = await routing.keyring()
    assert len(ring.jwks()["keys"]) == 2
    assert jwt.get_unverified_header(ring.sign(claims()))["kid"] == old, "not yet: others may have kept the old JWKS"
    await bare.sql(None, "UPDATE signing_keys SET current_from = current_from - interval '20 minutes',"
        " retired_at = retired_at - interval '20 minutes'")  # fmt: skip
    routing.forget()
    ring = await routing.keyring()
    new_token = ring.sign(claims())
    assert jwt.get_unverified_header(new_token)["kid"] != old
    assert ring.claims_of(old_token) and ring.claims_of(new_token) and len(ring.jwks()["keys"]) == 2
    await bare.sql(None, "UPDATE signing_keys SET retired_at = retired_at - interval '2 hours'")
    routing.forget()
    ring = await routing.keyring()
    assert ring.claims_of(old_token) is None and len(ring.jwks()["keys"]) == 1


async def test_a_compromised_signing_key_verifies_nothing_any_more(bare: World) -> None:
    routing = bare.house.routing
    stolen = (await routing.keyring()).sign(claims())
    await command.rotate_signing(bare.house, compromised=True)
    ring = await routing.keyring()
    assert ring.claims_of(stolen) is None and ring.claims_of(ring.sign(claims()))
    async with visit.to_control(bare.house) as tx:
        assert [one.state for one in await keys.signing_keys(tx)] == ["retired", "signs"]
