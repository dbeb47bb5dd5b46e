"""Whom we let vouch for people, by OpenID Connect: what an operator writes down about each provider."""

from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
OURS = {"response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge"}

Text = Annotated[str, Meta(min_length=1)]


class SecretKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For providers such as Apple, whose client secret is a JWT we sign with ES256. ``private_key`` is PEM."""

    team_id: Text
    key_id: Text
    private_key: Text


class ProviderSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``authoritative_for``: domains of e-mail this provider itself runs, so that its word about an address is as good
    as a code sent there. ``app_client_ids``: of our mobile apps, whose ID tokens the API takes."""

    name: Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{0,30}$")]
    label: Annotated[str, Meta(min_length=1, max_length=60)]
    issuer: Text
    client_id: Text
    client_secret: str = ""
    client_secret_key: SecretKey | None = None
    scopes: Text = "openid email profile"
    extra: dict[str, str] = {}
    algorithms: tuple[str, ...] = ("RS256", "ES256")
    authoritative_for: frozenset[str] = frozenset()
    app_client_ids: frozenset[str] = frozenset()


def providers_of(text: str, *, https: bool) -> tuple[ProviderSettings, ...]:
    """From a JSON list. Raises ValueError in words that name what is wrong, never its value."""
    if not text.strip():
        return ()
    try:
        found = msgspec.json.decode(text, type=tuple[ProviderSettings, ...])
    except msgspec.DecodeError as wrong:
        raise ValueError(str(wrong)) from None
    if len({one.name for one in found}) != len(found):
        raise ValueError("two providers have the same name")
    for one in found:
        if urlsplit(one.issuer).scheme not in (("https",) if https else ("https", "http")):
            raise ValueError(f"the issuer of {one.name} must start with https://")
        if not one.algorithms or not set(one.algorithms) <= set(ALGORITHMS):
            raise ValueError(f"the algorithms of {one.name} must be among {', '.join(ALGORITHMS)}")
        if "openid" not in one.scopes.split():
            raise ValueError(f"the scopes of {one.name} must contain openid")
        if OURS & one.extra.keys():
            raise ValueError(f"the extra parameters of {one.name} must not be those of the protocol itself")
        if any(domain != domain.lower().strip("@ ") for domain in one.authoritative_for):
            raise ValueError(f"authoritative_for of {one.name} must be domains in lower case")
    return found
