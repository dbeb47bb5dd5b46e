"""What the server says to PostgreSQL for one booking, and the same as a script for ``pgbench``."""

import asyncio
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import httpx
import msgspec

from bench.booking_clinic import DAILY, DOCTORS, PATH, PEOPLE, Wish, doctor, person
from bench.stand import Stand
from svastha.main import create_app, create_site
from svastha.wiring import build

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"
SCOPE = r"\\\\x[0-9a-f]{64}(?=\",\"body_hash)"


NUMBERS = (
    "\\set number :first + :n * :clients + :client_id",
    "\\set n :n + 1",
    f"\\set person :number % {PEOPLE}",
    f"\\set doctor :number % {DOCTORS}",
    f"\\set slot :number / {DOCTORS}",
    f"\\set place :slot % {DAILY}",
    f"\\set seconds (:slot / {DAILY}) * 86400 + :place * 600 + case when :place >= {DAILY // 2} then 7200 else 0 end",
)


class Said(NamedTuple):
    query: str
    args: Sequence[Any]
    types: Sequence[str]


async def said_by(stand: Stand, tokens: Sequence[str], wish: Wish) -> tuple[list[Said], Wish]:
    """All that a plain booking says to the clinic's database, the third time such a thing is asked, and which
    booking that was."""
    house = build(stand.settings)
    told: list[tuple[str, Sequence[Any]]] = []
    connect, place = house.connections.connect, stand.database("asha")

    async def overheard(database: str, **more: Any) -> Any:
        connection = await connect(database, **more)
        if database == place:
            connection.add_query_logger(lambda record: told.append((record.query, record.args)))
        return connection

    house.connections.connect = overheard  # type: ignore[method-assign]
    site = create_site(create_app(house))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=site),  # type: ignore[arg-type]
        base_url=stand.settings.url,
    ) as client:
        for repeat in range(3):
            told.clear()
            one = Wish(wish.number + repeat, wish.first)
            body = {
                "doctor_id": str(doctor(one.doctor)),
                "starts_at": one.starts_at.isoformat(),
                "mode": "video",
                "reason": "Sleeps badly.",
            }
            headers = {"authorization": f"Bearer {tokens[one.person]}", "idempotency-key": "overheard"}
            answer = await client.post(PATH, json=body, headers=headers)
            assert answer.status_code == 201, answer.text
            await asyncio.sleep(0)  # what was overheard is told by the loop
    beginning = next(n for n, (query, _) in enumerate(told) if query.startswith("BEGIN"))
    async with stand.connection("asha") as connection:
        found = []
        for query, args in told[beginning:]:
            types = (await connection.prepare(query)).get_parameters() if args else ()
            found.append(Said(query, args or (), [t.name for t in types]))
    await house.bell.close()
    await house.connections.close()
    return found, one


def as_script(said: Sequence[Said], wish: Wish) -> tuple[str, str, dict[str, str]]:  # noqa: PLR0915
    """The script, what of it only makes values, and the constants to hand to ``pgbench --define``.

    The statements are the same, prepared, with parameters. What differs from one booking to the next is made by a
    statement before BEGIN, for pgbench has no strings; the bookings of ``said`` have this ``wish``."""
    constants: dict[str, str] = {}
    made: dict[str, str] = {}  # expression -> variable
    fresh: list[str] = []
    starts = f"to_timestamp({wish.first} + :seconds)"

    def constant(value: str) -> str:
        return f":{constants.setdefault(value, f'c{len(constants)}')}" if value else "''"  # pgbench takes no empty one

    def variable(expression: str) -> str:
        return f":{made.setdefault(expression, f'm{len(made)}')}"

    def uuid(text: str) -> str:
        if text == str(doctor(wish.doctor)):
            return "'02900000-0000-7000-8000-' || lpad((:doctor)::text, 12, '0')"
        if text == str(person(wish.person)):
            return "'03900000-0000-7000-8000-' || lpad((:person)::text, 12, '0')"
        if text not in fresh:
            fresh.append(text)
        return f"'019b{fresh.index(text):04x}-0000-7000-8000-' || lpad((:number)::text, 12, '0')"

    def json(text: str) -> str:
        compact = f"{wish.starts_at:%Y%m%dT%H%M}"
        pattern = re.compile("|".join([UUID7.pattern, SCOPE, STAMP, compact]))
        parts: list[str] = []

        def put(match: re.Match[str]) -> str:
            what = match.group()
            if what == compact:
                parts.append(f"to_char({starts}, 'YYYYMMDD\"T\"HH24MI')")
            elif what.startswith("\\"):
                parts.append("'\\\\x' || lpad(to_hex((:number)::bigint), 64, '0')")
            elif UUID7.fullmatch(what):
                parts.append(uuid(what))
            else:
                apart = int((datetime.fromisoformat(what) - wish.starts_at).total_seconds())
                if abs(apart) > 2 * 86_400:  # nothing of the visit
                    return what
                parts.append(f'to_char({starts} + interval \'{apart} s\', \'YYYY-MM-DD"T"HH24":"MI":"SS"Z"\')')
            return "%s"

        template = pattern.sub(put, text.replace("%", "%%"))
        return variable(f"format({constant(template)}, {', '.join(parts)})") if parts else constant(template)

    def given(value: Any, kind: str) -> str:
        if value is None:
            return "NULL"
        if kind == "jsonb":
            return json(msgspec.json.encode(value).decode())
        if kind == "int8":
            return ":number"
        expression = ""
        match value:
            case list():
                expression = f"'{{' || {uuid(str(value[0]))} || '}}'"
            case UUID():
                expression = uuid(str(value))
            case datetime():
                expression = f"{starts} + interval '{(value - wish.starts_at) / timedelta(microseconds=1):.0f} us'"
            case bytes():
                expression = "decode(lpad(to_hex((:number)::bigint), 64, '0'), 'hex')"
            case str() if str(wish.person) in value:
                expression = f"format({constant(value.replace(str(wish.person), '%s'))}, (:person)::text)"
        return variable(expression) if expression else constant(str(value))

    lines = []
    for query, args, types in said:
        values = [given(value, kind) for value, kind in zip(args, types, strict=True)]
        parts = re.split(r"\$(\d+)", re.sub(r"--.*", "", query).strip())
        lines.append("".join(values[int(part) - 1] if n % 2 else part for n, part in enumerate(parts)) + ";")
    select = ", ".join(f"{expression} AS {name}" for expression, name in made.items())
    making = [*NUMBERS, f"SELECT {select} \\gset"]
    return "\n".join([*making, *lines, ""]), "\n".join([*making, ""]), {name: text for text, name in constants.items()}
