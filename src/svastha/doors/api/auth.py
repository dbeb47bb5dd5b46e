"""Ways in: sign up, sign in by password, code or link, the second factor, and showing once more who one is."""

from typing import Annotated

import msgspec
from litestar import post
from litestar.params import JSONBody
from msgspec import Meta

from svastha.domain import accounts
from svastha.domain.accounts import SignedIn
from svastha.doors import sign_in as passed
from svastha.doors import visit
from svastha.doors.api.problems import answers
from svastha.doors.refused import language_of
from svastha.doors.second_factors import drift_of
from svastha.doors.sign_in import visitor_of
from svastha.doors.visit import Asked
from svastha.kit.i18n import N_
from svastha.kit.refusals import FieldError, Invalid

Text = Annotated[str, Meta(max_length=1000)]
Short = Annotated[str, Meta(max_length=100)]


class _Reached(msgspec.Struct, frozen=True, kw_only=True):
    """``contact``: an e-mail address or a telephone number; ``email`` or ``phone`` do as well."""

    contact: Text = ""
    email: Text = ""
    phone: Text = ""

    def reached(self) -> tuple[str, str]:
        """The address, and the member that gave it. Raises Invalid."""
        for field in ("contact", "email", "phone"):
            if value := getattr(self, field):
                return value, field
        raise Invalid(FieldError("contact", N_("Please give your e-mail address or telephone number.")))


class Registration(_Reached, frozen=True, kw_only=True):
    """Without a ``password`` one signs in with codes."""

    password: Text | None = None
    name: Text


class Registered(msgspec.Struct, frozen=True):
    """The same for an address that has an account: what happens next is in the message."""

    status: str
    contact: str
    email: str  # the same, empty for a number


class Verification(_Reached, frozen=True, kw_only=True):
    code: Short


class Done(msgspec.Struct, frozen=True):
    status: str


class Credentials(_Reached, frozen=True, kw_only=True):
    password: Text


class SecondFactor(msgspec.Struct, frozen=True):
    """``code``: of an app, or a recovery code."""

    challenge: Text
    code: Short


class Asking(_Reached, frozen=True, kw_only=True):
    """``all_at_once``: by every channel instead of one after the other until it arrives."""

    all_at_once: bool = False


class LinkToken(msgspec.Struct, frozen=True):
    token: Text


class NewPassword(_Reached, frozen=True, kw_only=True):
    code: Short
    password: Text


class StepUp(msgspec.Struct, frozen=True):
    """One of both. ``code``: of the second factor for whoever has one, else the one that was sent."""

    password: Text = ""
    code: Short = ""


class RefreshToken(msgspec.Struct, frozen=True):
    refresh_token: Text


@post("/auth/register", status_code=201, responses=answers(422, 429), tags=["Account"], security=[], needs="public")
async def register(request: Asked, data: JSONBody[Registration]) -> Registered:
    """Open an account. A code goes to the address."""
    contact, field = data.reached()
    wanted = await accounts.prepare_sign_up(
        contact=contact, password=data.password, name=data.name, locale=language_of(request), field=field
    )
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.register(tx, wanted, visitor_of(request, kind="api"))
    contact = contact.strip()
    return Registered("code_sent", contact, contact if "@" in contact else "")


@post("/auth/verify", status_code=200, responses=answers(409, 422, 429), tags=["Account"], security=[], needs="public")
async def verify(request: Asked, data: JSONBody[Verification]) -> Done:
    """Confirm the address with the code that was sent there."""
    return await _verify(request, data)


@post(
    "/auth/verify-email",
    status_code=200,
    responses=answers(409, 422, 429),
    tags=["Account"],
    security=[],
    needs="public",
)
async def verify_email(request: Asked, data: JSONBody[Verification]) -> Done:
    """The older name of `/auth/verify`."""
    return await _verify(request, data)


async def _verify(request: Asked, data: Verification) -> Done:
    contact, _ = data.reached()
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.verify_contact(tx, contact=contact, code=data.code, visitor=visitor_of(request, kind="api"))
    return Done("verified")


@post(
    "/auth/login", status_code=200, responses=answers(401, 403, 422, 429), tags=["Account"], security=[], needs="public"
)
async def login(request: Asked, data: JSONBody[Credentials]) -> SignedIn:
    """Sign in: an access token for 15 minutes and a refresh token for 7 days.

    401 with the code `second_factor_required` has a `challenge`, for `/auth/login/second-factor`, and the `methods`.
    """
    contact, _ = data.reached()
    visitor = visitor_of(request, kind="api")
    return await passed.sign_in(visit.house_of(request), visitor, contact=contact, password=data.password, kind="api")


@post(
    "/auth/login/second-factor",
    status_code=200,
    responses=answers(401, 422, 429),
    tags=["Account"],
    security=[],
    needs="public",
)
async def second_factor(request: Asked, data: JSONBody[SecondFactor]) -> SignedIn:
    """The second step, whatever the first was. A challenge allows five tries in ten minutes."""
    house, visitor = visit.house_of(request), visitor_of(request, kind="api")
    async with visit.to_control(house) as tx:
        return await accounts.sign_in_second(tx, data.challenge, data.code, visitor, kind="api", drift=drift_of(house))


@post("/auth/code", status_code=202, responses=answers(422, 429), tags=["Account"], security=[], needs="public")
async def ask_code(request: Asked, data: JSONBody[Asking]) -> Done:
    """Send a code to sign in with, if there is an account; the answer does not tell. At most one a minute."""
    contact, _ = data.reached()
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.ask_code(tx, contact, visitor_of(request, kind="api"), all_at_once=data.all_at_once)
    return Done("code_sent")


@post(
    "/auth/code/verify",
    status_code=200,
    responses=answers(401, 409, 422, 429),
    tags=["Account"],
    security=[],
    needs="public",
)
async def login_by_code(request: Asked, data: JSONBody[Verification]) -> SignedIn:
    """Sign in with the code. It works once, and allows five guesses in ten minutes."""
    contact, _ = data.reached()
    async with visit.to_control(visit.house_of(request)) as tx:
        return await accounts.sign_in_by_code(tx, contact, data.code, visitor_of(request, kind="api"), kind="api")


@post("/auth/magic-link", status_code=202, responses=answers(422, 429), tags=["Account"], security=[], needs="public")
async def ask_link(request: Asked, data: JSONBody[Asking]) -> Done:
    """Send a link to sign in with by mail, if there is an account; the answer does not tell."""
    contact, _ = data.reached()
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.ask_link(tx, contact, visitor_of(request, kind="api"), browser="")
    return Done("link_sent")


@post(
    "/auth/magic-link/verify",
    status_code=200,
    responses=answers(401, 409, 422, 429),
    tags=["Account"],
    security=[],
    needs="public",
)
async def login_by_link(request: Asked, data: JSONBody[LinkToken]) -> SignedIn:
    """Sign in with what the link ends in. It works once, for ten minutes."""
    async with visit.to_control(visit.house_of(request)) as tx:
        return await accounts.sign_in_by_link(tx, data.token, visitor_of(request, kind="api"), kind="api")


@post("/auth/forgotten", status_code=202, responses=answers(422, 429), tags=["Account"], security=[], needs="public")
async def forgotten(request: Asked, data: JSONBody[Asking]) -> Done:
    """Send a code to choose a new password with, if there is an account; the answer does not tell."""
    contact, _ = data.reached()
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.ask_code(
            tx, contact, visitor_of(request, kind="api"), purpose="forgotten", all_at_once=data.all_at_once
        )
    return Done("code_sent")


@post(
    "/auth/forgotten/reset",
    status_code=200,
    responses=answers(409, 422, 429),
    tags=["Account"],
    security=[],
    needs="public",
)
async def reset(request: Asked, data: JSONBody[NewPassword]) -> Done:
    """Choose a new password with the code. Ends all sessions; the second factor is still asked for at sign-in."""
    contact, _ = data.reached()
    hashed = await accounts.new_password(data.password, contact[:254])
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.reset_password(tx, contact, data.code, hashed, visitor_of(request, kind="api"))
    return Done("changed")


@post("/auth/step-up", status_code=200, responses=answers(401, 409, 422, 429), tags=["Account"], needs="self")
async def step_up(request: Asked, data: JSONBody[StepUp]) -> Done:
    """Show once more who one is. What asked for `step_up_required` is allowed for the next ten minutes."""
    house, actor, visitor = visit.house_of(request), await visit.actor_of(request), visitor_of(request, kind="api")
    if data.password:
        proof = await passed.prove_again(house, actor, visitor, data.password)
        async with visit.to_control(house) as tx:
            await accounts.step_up_with_password(tx, actor, proof)
    else:
        async with visit.to_control(house) as tx:
            await accounts.step_up_with_any_code(tx, actor, data.code, visitor, drift=drift_of(house))
    return Done("proven")


@post("/auth/step-up/code", status_code=202, responses=answers(401, 409, 429), tags=["Account"], needs="self")
async def ask_step_up_code(request: Asked) -> Done:
    """Send a code to show once more who one is, for whoever has no second factor."""
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.ask_step_up_code(tx, actor, visitor_of(request, kind="api"))
    return Done("code_sent")


@post("/auth/refresh", status_code=200, responses=answers(401, 422), tags=["Account"], security=[], needs="public")
async def refresh(request: Asked, data: JSONBody[RefreshToken]) -> SignedIn:
    """The next pair of tokens. A refresh token works once; used twice, it ends the session."""
    async with visit.to_control(visit.house_of(request)) as tx:
        return await accounts.refresh(tx, data.refresh_token)


@post("/auth/logout", status_code=204, responses=answers(401), tags=["Account"], needs="self")
async def logout(request: Asked) -> None:
    """End this session. Its tokens are worth nothing from this moment."""
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.sign_out(tx, actor)


routes = [
    register,
    verify,
    verify_email,
    login,
    second_factor,
    ask_code,
    login_by_code,
    ask_link,
    login_by_link,
    forgotten,
    reset,
    step_up,
    ask_step_up_code,
    refresh,
    logout,
]
