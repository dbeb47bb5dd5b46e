"""Sign in with Google, Apple or any other OpenID provider: authorization code with PKCE, and ID tokens of mobile apps.

Followed are OpenID Connect Core 3.1, RFC 7636 (PKCE), RFC 9207 (who answers, against mix-up) and RFC 9700. The local
twin is ``adapters/oidc_twin.py``.
"""

import asyncio
import base64
import hashlib
import hmac
import secrets
import ssl
import time
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx
import jwt
import msgspec
import structlog

from svastha.domain.accounts import Begun, NotAllowedThere, NotVouched, ProviderAway, Vouched
from svastha.kit.openid import ProviderSettings
from svastha.kit.refusals import NotFound

FRESH = 3600.0  # seconds we believe what a provider published about itself
BETWEEN_LOOKS = 60.0  # least seconds between two looks for a key we do not know: tokens of strangers cause them
LEEWAY = 60  # seconds that clocks may differ
LONGEST_TOKEN = 16 * 1024  # characters
LARGEST_ANSWER = 512 * 1024  # bytes
PATIENCE = httpx.Timeout(8, connect=4)

log = structlog.get_logger()
T = TypeVar("T")


class _Published(msgspec.Struct, frozen=True):
    """What we read of ``/.well-known/openid-configuration``."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


class _Tokens(msgspec.Struct, frozen=True):
    id_token: str
    access_token: str = ""


class _KeySet(msgspec.Struct, frozen=True):
    keys: list[dict[str, Any]]


class _Unfit(Exception):
    """Why an answer or a token is not believed: a word for the log, never anything from inside it."""


class OpenIdProvider:
    """One provider. What it published about itself is kept for an hour."""

    def __init__(self, settings: ProviderSettings) -> None:
        self.name, self.label = settings.name, settings.label
        self._settings = settings
        self._published: _Published | None = None
        self._keys: list[jwt.PyJWK] = []
        self._published_at = self._keys_at = -FRESH
        self._looking = asyncio.Lock()

    async def begin(self, *, back: str) -> Begun:
        """``back`` is our own callback, as it is registered with the provider."""
        published = await self._discover()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        asked = self._settings.extra | {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": back,
            "scope": self._settings.scopes,
            "state": state,
            "nonce": nonce,
            "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",
        }
        address = published.authorization_endpoint
        return Begun(f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}", state, nonce, verifier)

    async def finish(self, begun: Begun, *, back: str, returned: Mapping[str, str]) -> Vouched:
        """What came back to the callback, and a ``name`` if the provider tells it there. The caller took ``begun`` from
        the very browser that began."""
        try:
            published = await self._discover()
            if not hmac.compare_digest(begun.state.encode(), returned.get("state", "").encode()):
                raise _Unfit("state")
            answering = returned.get("iss", "")
            if answering != published.issuer and (
                answering or published.authorization_response_iss_parameter_supported
            ):
                raise _Unfit("iss parameter")
            if error := returned.get("error"):
                raise self._declined(error)
            if not (code := returned.get("code")):
                raise _Unfit("no code")
            tokens = await self._exchange(published, code, begun.verifier, back)
            claims = await self._believe(tokens.id_token, begun.nonce, {self._settings.client_id})
            if "email" not in claims and published.userinfo_endpoint and tokens.access_token:
                claims = await self._more(published, tokens.access_token, claims)
            return self._vouched({"name": returned.get("name")} | claims, tokens.id_token)
        except _Unfit as unfit:
            raise self._refused(unfit) from None

    async def vouch(self, id_token: str, nonce: str) -> Vouched:
        """An ID token that a mobile app of ours was given. An Android app's names our web client as its audience."""
        if not self._settings.app_client_ids:
            raise NotFound
        try:
            if not nonce:
                raise _Unfit("no nonce")
            claims = await self._believe(id_token, nonce, self._settings.app_client_ids | {self._settings.client_id})
            return self._vouched(claims, id_token)
        except _Unfit as unfit:
            raise self._refused(unfit) from None

    async def _discover(self) -> _Published:
        async with self._looking:
            if self._published is None or time.monotonic() - self._published_at > FRESH:
                issuer = self._settings.issuer
                found = await self._fetch("GET", issuer.rstrip("/") + "/.well-known/openid-configuration", _Published)
                scheme = urlsplit(issuer).scheme
                endpoints = (
                    found.authorization_endpoint,
                    found.token_endpoint,
                    found.jwks_uri,
                    found.userinfo_endpoint or issuer,
                )
                if found.issuer != issuer or any(urlsplit(one).scheme not in ("https", scheme) for one in endpoints):
                    raise self._away("discovery")
                self._published, self._published_at = found, time.monotonic()
            return self._published

    async def _exchange(self, published: _Published, code: str, verifier: str, back: str) -> _Tokens:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": verifier,
        }
        headers, client, secret = {}, self._settings.client_id, self._secret()
        if not secret or "client_secret_post" in published.token_endpoint_auth_methods_supported:
            form |= {"client_id": client} | ({"client_secret": secret} if secret else {})
        else:  # RFC 6749, 2.3.1: both are form-encoded first
            pair = f"{quote_plus(client)}:{quote_plus(secret)}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        return await self._fetch("POST", published.token_endpoint, _Tokens, data=form, headers=headers)

    def _secret(self) -> str:
        key = self._settings.client_secret_key
        if key is None:
            return self._settings.client_secret
        now = int(time.time())
        claims = {
            "iss": key.team_id,
            "iat": now,
            "exp": now + 300,
            "aud": self._settings.issuer,
            "sub": self._settings.client_id,
        }
        return jwt.encode(claims, key.private_key, algorithm="ES256", headers={"kid": key.key_id})

    async def _believe(self, id_token: str, nonce: str, audiences: frozenset[str] | set[str]) -> dict[str, Any]:
        """The claims, once everything about the token is right. Raises _Unfit."""
        published = await self._discover()
        try:
            if len(id_token) > LONGEST_TOKEN:
                raise _Unfit("too long")
            header = jwt.get_unverified_header(id_token)
            if header.get("alg") not in self._settings.algorithms:
                raise _Unfit("algorithm")
            claims: dict[str, Any] = jwt.decode(
                id_token,
                await self._key(published, header.get("kid")),
                algorithms=list(self._settings.algorithms),
                audience=sorted(audiences),
                issuer=published.issuer,
                leeway=LEEWAY,
                options={"require": ["iss", "sub", "aud", "exp", "iat", "nonce"]},
            )
        except jwt.InvalidTokenError as wrong:
            raise _Unfit(type(wrong).__name__) from None
        audience, party = claims["aud"], claims.get("azp")
        if not set([audience] if isinstance(audience, str) else audience) <= audiences:
            raise _Unfit("other audiences")  # a token that others may use as well is not for us
        if party is not None and party not in audiences:
            raise _Unfit("authorized party")
        if not isinstance(claims["nonce"], str) or not hmac.compare_digest(claims["nonce"].encode(), nonce.encode()):
            raise _Unfit("nonce")
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255 or "\x00" in claims["sub"]:
            raise _Unfit("subject")
        return claims

    async def _key(self, published: _Published, kid: object) -> jwt.PyJWK:
        """By its id; without one only where there is no choice. An unknown id is looked for, not more often than
        ``BETWEEN_LOOKS``: providers change their keys without telling."""
        async with self._looking:
            age = time.monotonic() - self._keys_at
            if age > FRESH or (age > BETWEEN_LOOKS and not self._named(kid)):
                self._keys = _understood(await self._fetch("GET", published.jwks_uri, _KeySet))
                self._keys_at = time.monotonic()
            found = self._named(kid)
        if len(found) != 1:
            raise _Unfit("unknown key")
        return found[0]

    def _named(self, kid: object) -> list[jwt.PyJWK]:
        return [key for key in self._keys if kid in (None, key.key_id)]

    async def _more(self, published: _Published, token: str, claims: dict[str, Any]) -> dict[str, Any]:
        """Some providers keep the address out of the ID token."""
        headers = {"Authorization": f"Bearer {token}"}
        more: dict[str, Any] = await self._fetch("GET", published.userinfo_endpoint, dict[str, Any], headers=headers)
        if more.get("sub") != claims["sub"]:
            raise _Unfit("userinfo of somebody else")
        return more | claims

    def _vouched(self, claims: dict[str, Any], id_token: str) -> Vouched:
        confirmed = claims.get("email_verified") in (True, "true")  # Apple says it in words
        email = str(claims.get("email") or "").strip().lower() if confirmed else ""
        return Vouched(
            provider=self.name,
            label=self.label,
            issuer=self._settings.issuer,
            subject=claims["sub"],
            email=email,
            name=str(claims.get("name") or ""),
            authoritative=email.rpartition("@")[2] in self._settings.authoritative_for,
            token=hashlib.sha256(id_token.rpartition(".")[0].encode()).hexdigest(),
            until=int(claims["exp"]),
        )

    async def _fetch(self, method: str, url: str, kind: type[T], **more: Any) -> T:
        """The body of a 200. Raises ProviderAway when nothing sensible comes, _Unfit when what we sent was refused."""
        headers = {"Accept": "application/json", **more.pop("headers", {})}
        body = b""
        try:
            async with (
                asyncio.timeout(15),
                httpx.AsyncClient(verify=_trusted(), timeout=PATIENCE, trust_env=True) as client,
                client.stream(method, url, headers=headers, **more) as answer,
            ):
                async for piece in answer.aiter_bytes():
                    body += piece
                    if len(body) > LARGEST_ANSWER:
                        raise self._away("too large")
                status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as trouble:
            raise self._away(type(trouble).__name__) from None
        if status == 429 or status >= 500 or (status != 200 and method == "GET"):
            raise self._away(f"status {status}")
        if status != 200:
            raise _Unfit(f"status {status}")
        try:
            return msgspec.json.decode(body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise self._away("unreadable") from None

    def _declined(self, error: str) -> Exception:
        if error in ("server_error", "temporarily_unavailable"):
            return self._away("its own error")
        if error in ("access_denied", "user_cancelled_authorize", "login_required", "consent_required"):
            return NotAllowedThere(label=self.label)
        return self._refused(_Unfit("error answer"))

    def _away(self, why: str) -> ProviderAway:
        log.warning("provider_away", provider=self.name, why=why)
        return ProviderAway(label=self.label, retry_after=60)

    def _refused(self, unfit: _Unfit) -> NotVouched:
        log.warning("not_vouched", provider=self.name, why=str(unfit))
        return NotVouched(label=self.label)


def _understood(published: _KeySet) -> list[jwt.PyJWK]:
    """The public keys for signatures that we understand; never a shared secret."""
    found = []
    for one in published.keys:
        if one.get("use", "sig") == "sig" and one.get("kty") in ("RSA", "EC", "OKP"):
            try:
                found.append(jwt.PyJWK(one))
            except (jwt.PyJWTError, ValueError, TypeError):
                continue
    return found


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@cache
def _trusted() -> ssl.SSLContext:
    """Made once: reading all certificates takes longer than many an answer."""
    return ssl.create_default_context()
