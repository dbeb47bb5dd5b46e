"""Answers that are the same for everybody, kept as long as they say of themselves, as any cache in between might."""

import re
from collections.abc import Callable
from time import monotonic

import msgspec
from litestar.enums import HttpMethod, ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

MOST, LARGEST = 500, 64 * 1024  # answers, and bytes of one
UNDER = "/api/v1/"
OF_THE_BODY = (b"content-length", b"content-encoding")
_FRESH_FOR = re.compile(rb"public, max-age=(\d+)")

Headers = list[tuple[bytes, bytes]]


class Answer(msgspec.Struct, frozen=True):
    made: float
    as_of: int
    fresh_for: int
    route: str
    etag: bytes
    headers: Headers
    bare: Headers  # without what is said of the body
    body: bytes


class Kept:
    """Pure ASGI. What is got under ``/api/v1/`` by nobody in particular, and says ``public``, its ``max-age`` and its
    ``ETag``, is answered from the memory of this process until that age, with its ``Age``, so that whoever keeps it
    further counts from when it was made. ``Cache-Control: no-cache`` asks anew.

    Whoever may not practise any more is gone from that moment: nothing is answered from memory that was made before
    anybody's rights last changed, nor while this process might not hear of it (``times_changed`` is None)."""

    def __init__(self, app: ASGIApp, times_changed: Callable[[], int | None]) -> None:
        self._app, self._times_changed = app, times_changed
        self._answers: dict[tuple[str, bytes, bool], Answer] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] != HttpMethod.GET or not scope["path"].startswith(UNDER):
            await self._app(scope, receive, send)
            return
        said = dict(scope["headers"])
        if b"authorization" in said or b"cookie" in said or b"no-cache" in said.get(b"cache-control", b""):
            await self._app(scope, receive, send)
            return
        asked = (scope["path"], scope["query_string"], b"gzip" in said.get(b"accept-encoding", b""))
        known = said.get(b"if-none-match", b"")
        answer = self._answers.get(asked)
        as_of = self._times_changed()
        if answer and answer.as_of == as_of and monotonic() - answer.made < answer.fresh_for:
            scope["path_template"] = answer.route  # of the measures
            await _give(answer, known, send)
            return
        if known and as_of is not None:  # the whole answer is wanted here, whoever has it already
            scope["headers"] = [(name, value) for name, value in scope["headers"] if name != b"if-none-match"]
        start: Message | None = None

        async def keeping(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            made = None
            if start and as_of is not None and as_of == self._times_changed():
                made = _answer(start, message, scope.get("path_template", ""), as_of)
            if made:
                self._keep(asked, made)
                await _give(made, known, send)
                return
            if start:
                await send(start)
                start = None
            await send(message)

        await self._app(scope, receive, keeping)

    def _keep(self, asked: tuple[str, bytes, bool], answer: Answer) -> None:
        self._answers.pop(asked, None)
        if len(self._answers) >= MOST:
            del self._answers[next(iter(self._answers))]  # the oldest
        self._answers[asked] = answer


def _answer(start: Message, rest: Message, route: str, as_of: int) -> Answer | None:
    """None where it may not be kept, or does not come in one piece."""
    if start["type"] != "http.response.start" or rest["type"] != "http.response.body" or start["status"] != 200:
        return None
    headers: Headers = list(start.get("headers", ()))
    said = dict(headers)
    fresh = _FRESH_FOR.fullmatch(said.get(b"cache-control", b""))
    if not fresh or b"etag" not in said or b"set-cookie" in said:
        return None
    if rest.get("more_body") or len(rest["body"]) > LARGEST:
        return None
    bare = [one for one in headers if one[0] not in OF_THE_BODY]
    return Answer(monotonic(), as_of, int(fresh[1]), route, said[b"etag"], headers, bare, rest["body"])


async def _give(answer: Answer, known: bytes, send: Send) -> None:
    age = (b"age", b"%d" % (monotonic() - answer.made))
    if known and is_known(answer.etag, known):
        await send({"type": "http.response.start", "status": 304, "headers": [*answer.bare, age]})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [*answer.headers, age]})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})


def is_known(etag: bytes, known: bytes) -> bool:
    """Of ``If-None-Match``: the same but for being weak."""
    tags = [one.strip().removeprefix(b"W/") for one in known.split(b",")]
    return known == b"*" or etag.removeprefix(b"W/") in tags
