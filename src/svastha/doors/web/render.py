"""From a template and what it needs to an answer, in the reader's language and zone."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, tzinfo
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from litestar import MediaType, Response
from litestar.response import Redirect
from markupsafe import Markup

from svastha.domain.accounts import Actor
from svastha.doors import visit
from svastha.doors.refused import language_of, problem_of
from svastha.doors.visit import Asked
from svastha.doors.web import places
from svastha.kit import clock
from svastha.kit.db import ClinicRef
from svastha.kit.i18n import clock_words, date_words, day_words, moment_words, translations, zone_words
from svastha.kit.refusals import Refusal

HERE = Path(__file__).parent
STATIC = HERE / "static"
LONGEST_PATH = 1000  # bytes
ZONE, FLASH = "__Host-zone", "__Host-flash"  # cookies; the first is set by static/app.js


@cache
def hash_of(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def static_url(name: str) -> str:
    """Changes with the content, so browsers keep it for a year."""
    return f"/static/{hash_of(name)}/{name}"


def in_zone(words: Callable[[datetime, str], str]) -> Any:
    @pass_context
    def filtered(context: Context, at: datetime) -> str:
        with suppress(OverflowError):  # on the last day of the calendar it stays as somebody gave it
            at = at.astimezone(context["zone"])
        return words(at, context["lang"])

    return filtered


@pass_context
def dated(context: Context, day: date) -> str:
    return date_words(day, context["lang"])


def rupees(paise: int) -> str:
    """``₹1,20,450``, and paise only where there are any."""
    whole, rest = divmod(paise, 100)
    digits = str(whole)
    head, tail = digits[:-3], digits[-3:]
    groups = [head[max(0, i - 2) : i] for i in range(len(head), 0, -2)][::-1]
    return "₹" + ",".join([*groups, tail]) + (f".{rest:02}" if rest else "")


def words_in(lang: str) -> Callable[..., Markup]:
    """``_('…')`` of a template. Jinja's own finds and calls its function by way of the context each time, which takes
    three times as long; a desk says two hundred words."""
    gettext = translations(lang).gettext

    def words(text: str, **values: Any) -> Markup:
        return Markup(gettext(text)) % values  # noqa: S704  # nosec B704 - words of ours

    alone = lru_cache(maxsize=4096)(words)
    return lambda text, **values: words(text, **values) if values else alone(text)


@cache
def environment(lang: str) -> Environment:
    found = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    found.install_gettext_translations(translations(lang), newstyle=True)  # type: ignore[attr-defined]
    found.filters |= {
        "date": dated,
        "day": in_zone(day_words),
        "clock": in_zone(clock_words),
        "moment": in_zone(moment_words),
        "rupees": rupees,
    }
    found.globals |= {"_": words_in(lang), "static": static_url}
    return found


class Reader(msgspec.Struct, frozen=True):
    """Whoever is signed in, as the header of a page needs her."""

    name: str
    initials: str
    home: str
    roles: frozenset[str]


def home_of(actor: Actor) -> str:
    """Where a person starts."""
    for role, home in (
        ("platform_admin", "/platform"),
        ("doctor", "/doctor"),
        ("receptionist", "/desk"),
        ("clinic_admin", "/desk"),
        ("support", "/platform"),
    ):
        if role in actor.roles:
            return home
    return "/work" if actor.roles else "/home"


def reader(actor: Actor | None) -> Reader | None:
    if actor is None:
        return None
    words = [word for word in actor.name.split() if word.rstrip(".").lower() not in ("dr", "डॉ")]
    initials = "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
    return Reader(actor.name, initials, home_of(actor), actor.roles)


async def page(
    request: Asked,
    template: str,
    *,
    status: int = 200,
    refusal: Refusal | None = None,
    workplace: ClinicRef | None = None,
    **content: Any,
) -> Response[str]:
    """Rendered for whoever is asking; ``workplace``: for whoever works at this clinic, by its clock, wherever she is.
    ``refusal``: see ``render``. With ``X-Fragment`` the client layer picks its piece out of the same page."""
    if workplace:
        where = clock.zone(workplace.zone)
        content = {"clinic": workplace, "zone": where, "zone_name": zone_words(where, language_of(request)), **content}
    return render(request, await visit.asker(request), template, status=status, refusal=refusal, **content)


def zone_of(request: Asked, actor: Actor | None) -> tzinfo:
    """The zone of the browser once we know it, before that the one of the account."""
    account = actor.zone if actor else "Asia/Kolkata"
    return clock.zone(request.cookies.get(ZONE) or account, account)


def render(
    request: Asked,
    actor: Actor | None,
    template: str,
    *,
    status: int = 200,
    refusal: Refusal | None = None,
    **content: Any,
) -> Response[str]:
    """``refusal``: the page finds it as ``problem``, its fields as ``errors``, and has its status."""
    problem, details = problem_of(refusal, request) if refusal else (None, {})
    lang, house, where = language_of(request), visit.house_of(request), zone_of(request, actor)
    flash = request.cookies.get(FLASH, "")
    body = (
        environment(lang)
        .get_template(template)
        .render(
            {
                "lang": lang,
                "zone": where,
                "zone_name": zone_words(where, lang),
                "now": clock.now(),
                "actor": reader(actor),
                "clinic": None,
                "problem": problem,
                "errors": {error.field: error.message for error in problem.errors} if problem else {},
                "work_at": lambda clinic: places.at_clinic(actor, clinic),
                "work_on_platform": lambda: places.on_platform(actor),
                "flash": translations(lang).gettext(FLASHES[flash]) if flash in FLASHES else None,
                "dev": not house.settings.production,
                "path_for_lang": lambda other: f"/language/{other}?{urlencode({'next': here(request)})}",
                **content,
            }
        )
    )
    answer = Response(body, status_code=problem.status if problem else status, media_type=MediaType.HTML)
    answer.headers["Vary"] = "Cookie, Accept-Language, X-Fragment"
    if "retry_after" in details:
        answer.headers["Retry-After"] = str(details["retry_after"])
    if flash:
        answer.set_cookie(FLASH, "", max_age=0, secure=True, httponly=True, samesite="lax", path="/")
    return answer


# A sentence for the next page, named in a cookie so that no text comes from outside.
FLASHES: dict[str, str] = {}


def say(name: str, words: str) -> str:
    """Register a sentence that a redirect may ask the next page to show."""
    FLASHES[name] = words
    return name


def here(request: Asked) -> str:
    """The page one looks at; under the answer to a form it is the one the form was on."""
    if request.method in ("GET", "HEAD"):
        return request.url.path + (f"?{request.url.query}" if request.url.query else "")
    try:
        form = urlsplit(request.headers.get("referer", "/"))
    except ValueError:
        return "/"
    return (form.path or "/") + (f"?{form.query}" if form.query else "")


def safe_next(target: str | None, otherwise: str) -> str:
    """Only a path of this site, and none that would burst a cookie."""
    if target and len(target.encode()) > LONGEST_PATH:
        return otherwise
    if target and target.startswith("/") and not target.startswith(("//", "/\\")) and not set(target) & set("\r\n\t"):
        return target
    return otherwise


def go(request: Asked, path: str, *, flash: str | None = None) -> Response[Any]:
    """After a form was taken: 303, or for the client layer a header that says where."""
    answer: Response[Any]
    if request.headers.get("x-fragment"):
        answer = Response(None, status_code=200, headers={"X-Location": quote(path, safe="/?&=%#:+,@~")})
    else:
        answer = Redirect(path, status_code=303)
    if flash:
        answer.set_cookie(FLASH, flash, max_age=60, secure=True, httponly=True, samesite="lax", path="/")
    return answer
