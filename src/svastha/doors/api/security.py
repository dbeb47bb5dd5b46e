"""How a person proves who she is, and where she is signed in."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import delete, get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from svastha.domain import accounts, factors
from svastha.domain.accounts import SessionSeen, SignedIn
from svastha.domain.factors import Factors, Options, Passkey, TotpBegun
from svastha.doors import visit
from svastha.doors.api.problems import answers
from svastha.doors.second_factors import (
    ask_passkey_again,
    ask_second_passkey,
    changing,
    drift_of,
    raised,
    second_factor_with_passkey,
    sign_in_with_passkey,
    site_of,
    step_up_with_passkey,
)
from svastha.doors.sign_in import visitor_of
from svastha.doors.visit import Asked

Name = Annotated[str, Meta(description="Such as the device's; at most 60 characters.")]


class Sessions(msgspec.Struct, frozen=True):
    items: list[SessionSeen]


class Code(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str


class NewPasskey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``credential`` as WebAuthn's ``PublicKeyCredential.toJSON()`` gives it."""

    ceremony: UUID
    credential: dict[str, Any]
    name: Name


class PasskeyName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Name


class RecoveryCodes(msgspec.Struct, frozen=True):
    """Shown this once; each works once."""

    codes: list[str]


class ShownPasskey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``credential`` as WebAuthn's ``PublicKeyCredential.toJSON()`` gives it."""

    ceremony: UUID
    credential: dict[str, Any]


class Challenge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """As `/auth/login` gave it."""

    challenge: Annotated[str, Meta(max_length=1000)]


class SecondPasskey(ShownPasskey, frozen=True, forbid_unknown_fields=True):
    challenge: Annotated[str, Meta(max_length=1000)]


class Proven(msgspec.Struct, frozen=True):
    status: str


@post("/auth/passkey/options", needs="public", status_code=200, responses=answers(), tags=["Account"], security=[])
async def sign_in_options(request: Asked) -> Options:
    """What to ask of ``navigator.credentials.get()`` to sign in without typing anything."""
    async with visit.to_control(visit.house_of(request)) as tx:
        return await factors.begin_assertion(tx, None, site_of(request))


@post(
    "/auth/passkey",
    needs="public",
    status_code=200,
    responses=answers(401, 403, 409, 422),
    tags=["Account"],
    security=[],
)
async def sign_in(request: Asked, data: JSONBody[ShownPasskey]) -> SignedIn:
    """Sign in with a passkey alone: it is two factors."""
    visitor = visitor_of(request, kind="api")
    return await sign_in_with_passkey(request, visitor, data.ceremony, data.credential, kind="api")


@post(
    "/auth/login/second-factor/passkey/options",
    needs="public",
    status_code=200,
    responses=answers(401, 422),
    tags=["Account"],
    security=[],
)
async def second_factor_options(request: Asked, data: JSONBody[Challenge]) -> Options:
    """What to ask of `navigator.credentials.get()` as second factor, with the `challenge` of the first step."""
    return await ask_second_passkey(request, data.challenge, kind="api")


@post(
    "/auth/login/second-factor/passkey",
    needs="public",
    status_code=200,
    responses=answers(401, 403, 409, 422),
    tags=["Account"],
    security=[],
)
async def second_factor(request: Asked, data: JSONBody[SecondPasskey]) -> SignedIn:
    """The second step with a passkey."""
    visitor = visitor_of(request, kind="api")
    return await second_factor_with_passkey(
        request, visitor, data.challenge, data.ceremony, data.credential, kind="api"
    )


@post("/auth/step-up/passkey/options", needs="self", status_code=200, responses=answers(401), tags=["Account"])
async def step_up_options(request: Asked) -> Options:
    """What to ask of `navigator.credentials.get()` to show once more who one is."""
    return await ask_passkey_again(request)


@post("/auth/step-up/passkey", needs="self", status_code=200, responses=answers(401, 403, 409, 422), tags=["Account"])
async def step_up(request: Asked, data: JSONBody[ShownPasskey]) -> Proven:
    """Show once more who one is with a passkey. It counts for ten minutes, and as second factor."""
    await step_up_with_passkey(request, data.ceremony, data.credential)
    return Proven("proven")


@get("/me/sessions", needs="self", responses=answers(401), tags=["Security"])
async def sessions(request: Asked) -> Sessions:
    """Where one is signed in, this session first."""
    actor = await visit.actor_of(request)
    async with visit.house_of(request).routing.reading_control() as tx:
        return Sessions(await accounts.sessions_of(tx, actor))


@delete("/me/sessions/{session_id:uuid}", needs="self", responses=answers(401, 404), tags=["Security"])
async def end_session(request: Asked, session_id: FromPath[UUID]) -> None:
    """End one of one's own sessions. Its tokens are worth nothing from this moment."""
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.end_session(tx, actor, session_id)


@delete("/me/sessions", needs="self", responses=answers(401), tags=["Security"])
async def end_others(request: Asked) -> None:
    """End all of one's own sessions but this one."""
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.end_others(tx, actor)


@get("/me/factors", needs="self", responses=answers(401), tags=["Security"])
async def my_factors(request: Asked) -> Factors:
    """What one can prove oneself with."""
    actor = await visit.actor_of(request)
    async with visit.house_of(request).routing.reading_control() as tx:
        return await factors.factors_of(tx, actor.account_id)


@post("/me/totp", needs="self", fresh=True, status_code=201, responses=answers(401, 403, 409), tags=["Security"])
async def begin_totp(request: Asked) -> TotpBegun:
    """What an authenticator app needs. It counts once a code of it was confirmed, within ten minutes."""
    async with changing(request) as (tx, actor, _):
        return await factors.begin_totp(tx, actor.account_id, actor.email or actor.phone)


@post(
    "/me/totp/confirm",
    needs="self",
    fresh=True,
    status_code=200,
    responses=answers(401, 403, 409, 422, 429),
    tags=["Security"],
)
async def confirm_totp(request: Asked, data: JSONBody[Code]) -> Factors:
    """From here on codes of the app count."""
    async with changing(request) as (tx, actor, _):
        await factors.confirm_totp(tx, actor.account_id, data.code, drift=drift_of(visit.house_of(request)))
        await raised(tx, actor)
        return await factors.factors_of(tx, actor.account_id)


@delete("/me/totp", needs="self", fresh=True, responses=answers(401, 403, 404, 409), tags=["Security"])
async def remove_totp(request: Asked) -> None:
    """Not the last factor of somebody whose work needs one."""
    async with changing(request) as (tx, actor, _):
        needed = await accounts.needs_second_factor(tx, actor.account_id)
        await factors.remove_totp(tx, actor.account_id, keep_one=needed)


@post(
    "/me/passkeys/options",
    needs="self",
    fresh=True,
    status_code=200,
    responses=answers(401, 403, 409),
    tags=["Security"],
)
async def passkey_options(request: Asked) -> Options:
    """What to ask of ``navigator.credentials.create()``."""
    async with changing(request) as (tx, actor, _):
        return await factors.begin_registration(
            tx, actor.account_id, site_of(request), label=actor.email or actor.phone, name=actor.name
        )


@post(
    "/me/passkeys", needs="self", fresh=True, status_code=201, responses=answers(401, 403, 409, 422), tags=["Security"]
)
async def add_passkey(request: Asked, data: JSONBody[NewPasskey]) -> Passkey:
    async with changing(request) as (tx, actor, _):
        id = await factors.finish_registration(
            tx,
            actor.account_id,
            site_of(request),
            ceremony=data.ceremony,
            answer=data.credential,
            name=data.name,
        )
        await raised(tx, actor)
        found = await factors.factors_of(tx, actor.account_id)
        return next(one for one in found.passkeys if one.id == id)


@patch(
    "/me/passkeys/{passkey_id:uuid}",
    needs="self",
    fresh=True,
    status_code=204,
    responses=answers(401, 403, 404, 422),
    tags=["Security"],
)
async def rename_passkey(request: Asked, passkey_id: FromPath[UUID], data: JSONBody[PasskeyName]) -> None:
    async with changing(request) as (tx, actor, _):
        await factors.rename_passkey(tx, actor.account_id, passkey_id, data.name)


@delete(
    "/me/passkeys/{passkey_id:uuid}",
    needs="self",
    fresh=True,
    responses=answers(401, 403, 404, 409),
    tags=["Security"],
)
async def remove_passkey(request: Asked, passkey_id: FromPath[UUID]) -> None:
    """Not the last factor of somebody whose work needs one."""
    async with changing(request) as (tx, actor, _):
        needed = await accounts.needs_second_factor(tx, actor.account_id)
        await factors.remove_passkey(tx, actor.account_id, passkey_id, keep_one=needed)


@post("/me/recovery-codes", needs="self", fresh=True, status_code=201, responses=answers(401, 403), tags=["Security"])
async def recovery_codes(request: Asked) -> RecoveryCodes:
    """Ten new ones for a lost phone or key. Those from before are worth nothing from this moment."""
    async with changing(request) as (tx, actor, _):
        return RecoveryCodes(await factors.renew_recovery_codes(tx, actor.account_id))


routes = [
    sign_in_options,
    sign_in,
    second_factor_options,
    second_factor,
    step_up_options,
    step_up,
    sessions,
    end_session,
    end_others,
    my_factors,
    begin_totp,
    confirm_totp,
    remove_totp,
    passkey_options,
    add_passkey,
    rename_passkey,
    remove_passkey,
    recovery_codes,
]
