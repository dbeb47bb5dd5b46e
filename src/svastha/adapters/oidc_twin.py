"""An OpenID provider on this machine, over real HTTP: for tests, and to feel the flow in development.

It does what a good one does: discovery, authorize with PKCE, a code that works once, authentication of the client, keys
that change, userinfo. Asked to ``misbehave``, it answers as an attacker would like.
"""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Mapping
from http.server import ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import unquote_plus

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from svastha.adapters.oidc_twin_http import Somebody, TwinHandler

CODE_SECONDS = 60
TOKEN_SECONDS = 3600

Misdeed = Literal[
    "", "nonce", "no_nonce", "audience", "other_audiences", "azp", "issuer", "expired", "future", "none", "unsigned",
    "hmac", "other_key", "unknown_key", "tampered", "replay", "wrong_iss", "no_iss", "server_error", "garbage",
]  # fmt: skip

SPOILED: dict[str, dict[str, Any]] = {
    "nonce": {"nonce": "another"},
    "audience": {"aud": "somebody-else"},
    "other_audiences": {"aud": ["svastha", "somebody-else"]},
    "azp": {"azp": "somebody-else"},
    "issuer": {"iss": "https://accounts.elsewhere.example"},
}
AGED = {"expired": -2 * TOKEN_SECONDS, "future": TOKEN_SECONDS}


class Client(msgspec.Struct, frozen=True):
    """Who may ask here. With ``public_key`` (PEM) the client secret is a JWT made with it, as at Apple."""

    redirects: frozenset[str]
    secret: str = ""
    public_key: str = ""


class _Key(msgspec.Struct, frozen=True):
    kid: str
    private: Any

    @property
    def algorithm(self) -> str:
        return "ES256" if isinstance(self.private, ec.EllipticCurvePrivateKey) else "RS256"

    def published(self) -> dict[str, Any]:
        kind = jwt.get_algorithm_by_name(self.algorithm)
        jwk: dict[str, Any] = kind.to_jwk(self.private.public_key(), as_dict=True)
        return jwk | {"kid": self.kid, "use": "sig", "alg": self.algorithm}


class _Code(msgspec.Struct, frozen=True):
    asked: dict[str, str]
    who: Somebody
    made: float


class OpenIdTwin:
    """``people`` are offered on its page. ``asked`` lists the paths that were requested, in order."""

    def __init__(
        self, clients: Mapping[str, Client], *, people: tuple[Somebody, ...] = (), label: str = "Google (local twin)"
    ) -> None:
        self.clients, self.people, self.label = dict(clients), people, label
        self.misbehave: Misdeed = ""
        self.email_in_token = True
        self.asked: list[str] = []
        self.issuer = ""
        self._keys = [_new_key("RS256")]
        self._codes: dict[str, _Code] = {}
        self._last_token = ""
        self._access: dict[str, Somebody] = {}
        self._server: ThreadingHTTPServer | None = None

    def start(self, port: int = 0) -> str:
        """On this port, or on a free one if it is taken. Returns the issuer."""
        twin = self

        class Handler(TwinHandler):
            provider = twin

        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        except OSError:
            self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="openid twin", daemon=True).start()
        return self.issuer

    def stop(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def rotate(self, algorithm: str = "RS256") -> None:
        """The next tokens are signed with a new key; the old one stays published."""
        self._keys.insert(0, _new_key(algorithm))

    def forget_old_keys(self) -> None:
        del self._keys[1:]

    def id_token(self, who: Somebody, *, audience: Any, nonce: str, **more: Any) -> str:
        """As the token endpoint gives it, or, for an app, its own library. Spoiled as ``misbehave`` says."""
        now, key = int(time.time()), self._keys[0]
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": who.subject,
            "aud": audience,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "nonce": nonce,
        }
        if self.email_in_token:
            claims |= {"email": who.email, "email_verified": who.confirmed, "name": who.name}
        claims |= more
        claims |= SPOILED.get(self.misbehave, {})
        if self.misbehave in AGED:
            claims |= {name: claims[name] + AGED[self.misbehave] for name in ("iat", "exp")}
        if self.misbehave == "no_nonce":
            del claims["nonce"]
        if self.misbehave == "none":
            return jwt.encode(claims, "", algorithm="none", headers={"kid": key.kid})
        if self.misbehave == "hmac":
            return _by_public_key(claims, key)
        if self.misbehave == "other_key":
            key = _Key(key.kid, _new_key(key.algorithm).private)
        if self.misbehave == "unknown_key":
            key = _new_key(key.algorithm)
        token = self._signed(claims, key)
        self._last_token = token
        return token

    def _signed(self, claims: dict[str, Any], key: _Key) -> str:
        token = jwt.encode(claims, key.private, algorithm=key.algorithm, headers={"kid": key.kid})
        if self.misbehave == "unsigned":
            return token.rpartition(".")[0] + "."
        if self.misbehave == "tampered":
            head, _, tail = token.split(".")
            return f"{head}.{_b64(json.dumps(claims | {'sub': 'another'}).encode())}.{tail}"
        if self.misbehave == "replay" and self._last_token:
            return self._last_token
        return token

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "authorization_response_iss_parameter_supported": True,
        }

    def keys(self) -> dict[str, Any]:
        return {"keys": [key.published() for key in self._keys]}

    def fits(self, asked: Mapping[str, str]) -> bool:
        """Whether this is a request of a known client for one of its own addresses."""
        client = self.clients.get(asked.get("client_id", ""))
        return (
            client is not None
            and asked.get("redirect_uri") in client.redirects
            and asked.get("response_type") == "code"
            and asked.get("code_challenge_method") == "S256"
            and bool(asked.get("code_challenge"))
            and "openid" in asked.get("scope", "").split()
        )

    def chosen(self, asked: Mapping[str, str], who: Somebody | None) -> dict[str, str]:
        """What goes back to the client: a code for this person, or, for nobody, that she declined."""
        back = {"state": asked.get("state", ""), "iss": self.issuer}
        if self.misbehave == "wrong_iss":
            back["iss"] = "https://accounts.elsewhere.example"
        if self.misbehave == "no_iss":
            del back["iss"]
        if self.misbehave == "server_error":
            return back | {"error": "server_error"}
        if who is None:
            return back | {"error": "access_denied", "error_description": "<b>She</b> declined"}
        code = secrets.token_urlsafe(24)
        self._codes[code] = _Code(dict(asked), who, time.monotonic())
        return back | {"code": code}

    def exchange(self, form: Mapping[str, str], basic: str) -> dict[str, Any]:
        """The answer of the token endpoint; ``{"error": …}`` with RFC 6749's words when something is not right."""
        client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
        if basic.startswith("Basic "):
            client_id, _, secret = base64.b64decode(basic[6:]).decode().partition(":")
            client_id, secret = unquote_plus(client_id), unquote_plus(secret)
        client = self.clients.get(client_id)
        if client is None or not self._proven(client, client_id, secret):
            return {"error": "invalid_client"}
        code = self._codes.pop(form.get("code", ""), None)
        if (
            code is None
            or time.monotonic() - code.made > CODE_SECONDS
            or code.asked["client_id"] != client_id
            or code.asked["redirect_uri"] != form.get("redirect_uri")
            or code.asked["code_challenge"] != _b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        ):
            return {"error": "invalid_grant"}
        access = secrets.token_urlsafe(24)
        self._access[access] = code.who
        return {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "id_token": self.id_token(code.who, audience=client_id, nonce=code.asked.get("nonce", "")),
        }

    def _proven(self, client: Client, client_id: str, secret: str) -> bool:
        if not client.public_key:
            return hmac.compare_digest(client.secret, secret)
        try:
            found = jwt.decode(secret, client.public_key, algorithms=["ES256"], audience=self.issuer)
        except jwt.InvalidTokenError:
            return False
        return bool(found.get("sub") == client_id)

    def info(self, bearer: str) -> dict[str, Any] | None:
        who = self._access.get(bearer.removeprefix("Bearer "))
        if who is None:
            return None
        return {"sub": who.subject, "email": who.email, "email_verified": who.confirmed, "name": who.name}


def _new_key(algorithm: str) -> _Key:
    private = (
        ec.generate_private_key(ec.SECP256R1())
        if algorithm == "ES256"
        else rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )
    return _Key(secrets.token_hex(8), private)


def _by_public_key(claims: dict[str, Any], key: _Key) -> str:
    """HS256 with the published key as its secret: believed by whoever lets the token choose the algorithm."""
    body = ".".join(
        _b64(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT", "kid": key.kid}, claims)
    )
    public = json.dumps(key.published()).encode()
    return f"{body}.{_b64(hmac.digest(public, body.encode(), 'sha256'))}"


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
