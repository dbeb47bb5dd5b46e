"""What anybody may see: the search, doctors and their times, clinics, opening an account, verification, docs."""

import gzip
import hashlib
import html
import io
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from svastha.adapters import mailbox
from svastha.doors.visit import COOKIE
from svastha.doors.web.hosts import SubDomains, base_host
from svastha.doors.web.public import find
from svastha.kit.i18n import translator
from tests.cast import IYER, PASSWORD, RAO, World, email
from tests.prescriptions.test_sign import signed
from tests.ways_in import browser_at

TIME = re.compile(r'name="starts_at" value="([^"]+)"')


def doctors_in(page: httpx.Response) -> list[str]:
    """Names on the cards, in order."""
    return re.findall(r'<h2><a href="/doctors/[^"]+">([^<]+)</a></h2>', page.text)


# the search, for programs ---------------------------------------------------------------------------------------------


async def test_specialties_are_listed_in_two_languages(world: World) -> None:
    items = (await (await world.api()).get("/specialties")).json()["items"]
    assert items[0] == {"code": "kayachikitsa", "name_en": "Kayachikitsa", "name_hi": "कायचिकित्सा"}


async def test_a_doctor_is_found_by_what_hurts(world: World) -> None:
    nobody = await world.api()
    found = (await nobody.get("/doctors", params={"q": "asidity", "language": "hi", "mode": "video"})).json()
    [rao] = found["items"]
    assert rao["id"] == str(RAO)
    assert [clinic["slug"] for clinic in rao["clinics"]] == ["asha"]
    assert (rao["council"], rao["registration_no"], rao["fee_from_paise"]) == ("Test Council", "T-rao", 50000)
    assert datetime.fromisoformat(rao["next_free_at"]) > datetime.now(UTC)
    assert (await nobody.get(f"/doctors/{RAO}")).json()["name"] == "Dr Meera Rao"


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"max_fee": "39999"}, []),
        ({"max_fee": "40000"}, ["iyer", "rao"]),
        ({"gender": "male"}, ["iyer"]),
        ({"language": "ta"}, ["iyer"]),
        ({"mode": "home_visit"}, []),
        ({"specialty": "kayachikitsa", "clinic": "asha"}, ["rao"]),
        ({"q": "Iyer"}, ["iyer"]),
        ({"q": "nothing \x00 known zzqq"}, []),
        ({"specialty": "\x00"}, []),
        ({"clinic": "none"}, []),
    ],
)
async def test_filters_of_the_search(world: World, asked: dict[str, str], names: list[str]) -> None:
    items = (await (await world.api()).get("/doctors", params=asked)).json()["items"]
    assert sorted(item["registration_no"].removeprefix("T-") for item in items) == names


async def test_a_doctor_who_is_not_verified_is_not_found(world: World) -> None:
    await world.sql(None, "UPDATE doctors SET state = 'suspended', suspended_at = now() WHERE id = $1", RAO)
    nobody, web = await world.api(), await world.web()
    assert [item["id"] for item in (await nobody.get("/doctors")).json()["items"]] == [str(IYER)]
    assert (await nobody.get(f"/doctors/{RAO}")).status_code == 404
    assert (await web.get(f"/doctors/{RAO}")).status_code == 404
    assert doctors_in(await web.get("/")) == ["Dr Arvind Iyer"]


async def test_pages_follow_one_another(world: World) -> None:
    nobody = await world.api()
    first = await nobody.get("/doctors", params={"limit": 1, "sort": "fee"})
    link = re.fullmatch(r'<(/api/v1/doctors\?[^>]+)>; rel="next"', first.headers["link"])
    assert link and first.json()["next_cursor"] in link[1]
    second = await nobody.get(f"http://svastha.localhost{link[1]}")
    assert {first.json()["items"][0]["id"], second.json()["items"][0]["id"]} == {str(RAO), str(IYER)}
    assert second.json()["next_cursor"] is None and "link" not in second.headers
    other = await nobody.get(
        "/doctors", params={"limit": 1, "sort": "experience", "cursor": first.json()["next_cursor"]}
    )
    assert (other.status_code, other.json()["code"]) == (400, "bad_cursor")
    assert (await nobody.get("/doctors", params={"max_fee": "cheap"})).json()["errors"][0]["field"] == "max_fee"


async def test_what_has_not_changed_is_not_sent_again(world: World) -> None:
    nobody = await world.api()
    for path in ("/specialties", "/doctors", f"/doctors/{RAO}"):
        first = await nobody.get(path)
        assert first.headers["cache-control"] == "public, max-age=15"
        again = await nobody.get(path, headers={"if-none-match": f'"other", {first.headers["etag"]}'})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert (await nobody.get(path, headers={"if-none-match": '"other"'})).status_code == 200


# the search, for people -----------------------------------------------------------------------------------------------


async def test_the_first_page_shows_who_can_be_booked(world: World) -> None:
    page = await (await world.web()).get("/")
    assert sorted(doctors_in(page)) == ["Dr Arvind Iyer", "Dr Meera Rao"]
    for words in (
        "2 doctors",
        "T-rao",
        "Test Council",
        "₹400",
        "English, Hindi",
        "Next free time",
        "Asha Ayurveda, Pune",
    ):
        assert words in page.text
    assert page.headers["cache-control"] == "no-store"


async def test_a_search_stands_in_its_address(world: World) -> None:
    web = await world.web()
    page = await web.get("/", params={"q": "acidity", "language": "hi", "day": "tomorrow", "sort": "fee", "mode": ""})
    assert doctors_in(page) == ["Dr Meera Rao"]
    assert 'value="acidity"' in page.text
    for chosen in ('value="tomorrow" checked', 'value="fee" selected', 'value="hi" selected'):
        assert chosen in page.text
    assert '<input type="radio" name="mode" value="" checked>' in page.text


async def test_what_an_address_says_wrongly_counts_as_not_said(world: World) -> None:
    asked = {"max_fee": "cheap", "mode": "telepathy", "day": "yesterday", "limit": "1", "sort": "", "q": "\x00" * 3}
    page = await (await world.web()).get("/", params=asked)
    assert len(doctors_in(page)) == 2
    assert (await (await world.web()).get("/", params={"q": "a" * 5000})).status_code == 200


async def test_nobody_found_is_answered_with_advice(world: World) -> None:
    page = await (await world.web()).get("/", params={"q": "<script>zzqq"})
    assert "No doctor found" in page.text and "Begin again" in page.text
    assert "<script>zz" not in page.text


async def test_more_doctors_follow_on_the_next_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find, "AT_ONCE", 1)
    web = await world.web()
    first = await web.get("/", params={"sort": "fee", "mode": "video"})
    more = re.search(r'rel="next" href="([^"]+)#results"', first.text)
    assert more and "mode=video" in more[1]
    second = await web.get(html.unescape(more[1]))
    assert sorted(doctors_in(first) + doctors_in(second)) == ["Dr Arvind Iyer", "Dr Meera Rao"]
    assert 'rel="next"' not in second.text
    assert (await web.get("/", params={"cursor": "none"})).status_code == 400


async def test_a_filter_is_taken_away_alone(world: World) -> None:
    page = await (await world.web()).get("/", params={"language": "hi", "max_fee": "45000", "q": "rao", "cursor": ""})
    narrowed = page.text.split('id="narrowed"')[1].split("</p>")[0]
    links = {html.unescape(link) for link in re.findall(r'href="([^"]+)"', narrowed)}
    assert links == {"/?max_fee=45000&q=rao", "/?language=hi&q=rao"}
    assert "Up to ₹450" in narrowed and "Hindi" in narrowed


@pytest.mark.parametrize("lang", ["en", "hi"])
async def test_every_concern_is_understood_in_the_readers_language(world: World, lang: str) -> None:
    translated = translator(lang)
    for concern in find.CONCERNS:
        said = await world.sql(
            None,
            "SELECT EXISTS (SELECT FROM search_terms WHERE words <@ words_of($1) AND $1 <> '')",
            translated(concern.q),
        )
        assert said[0][0], f"put {translated(concern.q)!r} among the search terms, or say it otherwise"


# a doctor and her times -----------------------------------------------------------------------------------------------


async def test_every_time_that_is_shown_can_be_held(world: World) -> None:
    web, ananya = await world.web(), await world.api("ananya")
    page = await web.get(f"/doctors/{RAO}", params={"mode": "in_person"})
    assert 'action="/c/asha/holds"' in page.text and "All times are in India Time." in page.text
    times = TIME.findall(page.text)
    assert times == sorted(times)
    wish = {"doctor_id": str(RAO), "starts_at": times[-1], "mode": "in_person"}
    assert (await ananya.post("/clinics/asha/holds", json=wish)).status_code == 201
    assert times[-1] not in TIME.findall((await web.get(f"/doctors/{RAO}", params={"mode": "in_person"})).text)


async def test_days_and_times_are_those_of_the_reader(world: World) -> None:
    web, there = await world.web(), ZoneInfo("America/New_York")
    day = datetime.now(there).date() + timedelta(days=3)
    page = await web.get(
        f"/doctors/{RAO}",
        params={"day": day.isoformat(), "mode": "video"},
        headers={"cookie": f"__Host-zone={there.key}"},
    )
    times = [datetime.fromisoformat(time).astimezone(there) for time in TIME.findall(page.text)]
    assert {time.date() for time in times} == {day} and len(times) == 72
    assert re.search(r"All times are in Eastern Time\.", page.text)
    assert "The clinic’s times are in India Time." in page.text
    assert len(re.findall(r'class="day"', page.text)) == 14


async def test_a_day_without_times_says_so_and_leads_on(world: World) -> None:
    day = (datetime.now(ZoneInfo("Asia/Kolkata")) + timedelta(days=4)).date()
    await world.sql(
        "asha",
        "INSERT INTO exceptions (id, doctor_id, day, closed, modes)"
        " VALUES (gen_random_uuid(), $1, $2, true, '{video}')",
        RAO,
        day,
    )
    page = await (await world.web()).get(f"/doctors/{RAO}", params={"mode": "video", "day": day.isoformat()})
    assert "Nothing is free on this day." in page.text and "Next free day" in page.text
    assert not TIME.findall(page.text) and 'aria-disabled="true"' in page.text


@pytest.mark.parametrize(
    "asked", [{"clinic": "none"}, {"mode": "x"}, {"day": "1990-01-01"}, {"clinic": "nadi", "day": "?"}]
)
async def test_an_address_that_asks_too_much_gets_the_soonest(world: World, asked: dict[str, str]) -> None:
    page = await (await world.web()).get(f"/doctors/{RAO}", params=asked)
    assert page.status_code == 200 and TIME.findall(page.text)


# a clinic -------------------------------------------------------------------------------------------------------------


async def test_a_clinic_shows_itself_and_its_own_doctors(world: World) -> None:
    web = await world.web()
    for path in ("/c/asha", "/c/asha/"):
        page = await web.get(path)
        assert "Asha Ayurveda" in page.text and "tel:+910000000000" in page.text
        assert doctors_in(page) == ["Dr Meera Rao"]
    assert (await web.get("/c/none/")).status_code == 404


@pytest.mark.parametrize(
    ("host", "path", "heard"),
    [
        ("asha.svastha.localhost", "/", "Asha Ayurveda ·"),
        ("NADI.svastha.localhost:8000", "/", "Nadi Ayurveda ·"),
        ("asha.svastha.localhost", "/c/nadi/", "Nadi Ayurveda ·"),
        ("asha.svastha.localhost", f"/doctors/{RAO}", "Dr Meera Rao ·"),
        ("asha.svastha.localhost", "/forgotten", "Forgotten password ·"),
        ("asha.svastha.localhost", "/api/docs", "The API ·"),
        ("asha.svastha.localhost", "/health/live", "up"),
        ("none.svastha.localhost", "/", "Not found"),
        ("asha.svastha.localhost", "/nothing", "Not found"),
        ("asha.evil.test", "/", "Find a doctor"),
        ("svastha.localhost", "/", "Find a doctor"),
    ],
)
async def test_a_clinic_by_its_sub_domain(world: World, host: str, path: str, heard: str) -> None:
    assert world.app
    site = SubDomains(world.app, base_host=base_host("http://localhost:8000"))
    transport = httpx.ASGITransport(app=site)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        page = await client.get(path, headers={"host": host})
    assert heard in page.text


# an account -----------------------------------------------------------------------------------------------------------


async def test_from_opening_an_account_to_signing_out(world: World) -> None:
    web, wish = await browser_at(world, "198.51.100.7"), f"/doctors/{RAO}?mode=video"
    assert f'value="{html.escape(wish)}"' in (await web.get("/sign-up", params={"next": wish})).text
    new = {"name": "Leela", "contact": "leela@new.test", "password": "three quiet rivers", "next": wish}
    assert (await web.post("/sign-up", data=new)).headers["location"] == "/confirm"
    assert "leela@new.test" in (await web.get("/confirm")).text
    wrong = await web.post("/confirm", data={"contact": new["contact"], "code": "nonsense"})
    assert wrong.status_code == 409 and "This code is not right" in wrong.text
    early = await web.post("/sign-in", data={"contact": new["contact"], "password": new["password"]})
    assert early.headers["location"] == "/confirm"
    await world.settle()
    code = re.search(r"\b(\d{3})(\d{3})\b", world.mail("leela@new.test")[0].text)
    assert code
    right = await web.post("/confirm", data={"contact": new["contact"], "code": f"{code[1]} {code[2]}"})
    assert right.headers["location"] == wish, "in at once: she has just shown a code"
    signed_in = await web.post("/sign-in", data={**new})
    assert signed_in.headers["location"] == wish
    cookie = next(c for c in signed_in.headers.get_list("set-cookie") if c.startswith(COOKIE))
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    web.cookies.clear()
    web.headers["cookie"] = cookie.split(";")[0]
    assert "Leela" in (await web.get("/")).text
    assert (await web.post("/sign-out")).status_code == 303
    assert "Leela" not in (await web.get("/")).text


async def test_a_form_comes_back_with_what_was_typed_but_the_password(world: World) -> None:
    web = await world.web()
    page = await web.post("/sign-up", data={"name": "<b>", "contact": "no address", "password": "short-one"})
    assert page.status_code == 422 and page.text.count('aria-invalid="true"') == 2
    assert "&lt;b&gt;" in page.text and "short-one" not in page.text
    page = await web.post("/sign-in", data={"contact": email("ananya"), "password": "wrong words here"})
    assert page.status_code == 401 and email("ananya") in page.text and "wrong words" not in page.text


@pytest.mark.parametrize("next", ["//evil.test", "https://evil.test", "/\\evil.test", "/\r\nx: y", "javascript:x"])
async def test_after_signing_in_nobody_is_led_elsewhere(world: World, next: str) -> None:
    web = await world.web()
    answer = await web.post("/sign-in", data={"contact": email("ananya"), "password": PASSWORD, "next": next})
    assert answer.headers["location"] == "/home"


async def test_the_client_layer_is_told_where_to_go_in_any_script(world: World) -> None:
    wish = {"contact": email("ananya"), "password": PASSWORD, "next": "/?q=पाचन&mode=video"}
    answer = await (await world.web()).post("/sign-in", data=wish, headers={"x-fragment": "main"})
    assert answer.headers["x-location"] == "/?q=%E0%A4%AA%E0%A4%BE%E0%A4%9A%E0%A4%A8&mode=video"


async def test_a_form_from_elsewhere_is_refused(world: World) -> None:
    web = await world.web()
    for headers in ({"origin": "http://asha.svastha.localhost"}, {"origin": "null"}, {"origin": ""}):
        web.headers.pop("sec-fetch-site", None)
        answer = await web.post("/sign-in", data={"contact": email("ananya"), "password": PASSWORD}, headers=headers)
        assert answer.status_code == 403


# the mailbox of a development server ----------------------------------------------------------------------------------


async def test_the_mailbox_shows_words_as_words_and_leads_only_to_us(world: World) -> None:
    site = world.house.settings.url
    text = (
        f"Hello <script>alert(1)</script>\nhttp://evil.test/x {site}/verify/abc. javascript:alert(1) {site}.evil.test/"
    )
    letter = f"Subject: <i>Hi\r\nMessage-ID: <1>\r\nX-Svastha-Channel: sms\r\n\r\n{text}"
    mailbox.put(world.house.settings.mailbox_dir, letter.encode(), ["a@x.test"])
    web = await world.web()
    page = await web.get("/dev/mailbox")
    assert "<script>alert" not in page.text and "&lt;i&gt;Hi" in page.text and "SMS" in page.text
    article = page.text.split("<article", 1)[1].split("</article>")[0]
    assert re.findall(r'href="([^"]+)"', article) == ["/dev/mailbox?to=a%40x.test", f"{site}/verify/abc"]
    assert "Nothing was sent yet" in (await web.get("/dev/mailbox", params={"to": "b@x.test"})).text
    assert len((await web.get("/dev/mailbox.json", params={"to": "a@x.test"})).json()["items"]) == 1


# is it genuine --------------------------------------------------------------------------------------------------------


async def test_a_signed_document_is_known_to_people_and_programs(world: World) -> None:
    visit, code = await signed(world)
    web, pdf = await world.web(), (await (await world.api("ananya")).get(f"{visit}/prescription.pdf")).content
    page = await web.get(f"/verify/{code.lower()}")
    for words in ("This document exists", "Dr Meera Rao", "Test Council", "T-rao", "Asha Ayurveda", code):
        assert words in page.text
    assert "Ananya" not in page.text and "Avipattikar" not in page.text
    told = await web.get(f"/verify/{code}", headers={"accept": "application/json"})
    assert told.headers["content-type"] == "application/json" and "Accept" in told.headers["vary"]
    assert (told.json()["doctor_name"], told.json()["matches"]) == ("Dr Meera Rao", None)
    for content, words, matches in (
        (pdf, "Genuine", True),
        (pdf[:-1] + b"\0", "Not the document that was signed", False),
    ):
        form = {"document": ("prescription.pdf", io.BytesIO(content), "application/pdf")}
        assert words in (await web.post(f"/verify/{code}", files=form)).text
        digest = {"sha256": hashlib.sha256(content).hexdigest().upper()}
        told = await web.get(f"/verify/{code}", params=digest, headers={"accept": "application/json"})
        assert told.json()["matches"] is matches


@pytest.mark.parametrize("code", ["asha-7K3M-Q9TD-X4PW-2H8N", "none-7K3M-Q9TD-X4PW-2H8N", "x", "%00", "a" * 500])
async def test_an_unknown_code_is_said_to_be_unknown(world: World, code: str) -> None:
    web = await world.web()
    page = await web.get(f"/verify/{code}")
    assert page.status_code == 404 and "We know no such document" in page.text
    told = await web.get(f"/verify/{code}", headers={"accept": "application/json, text/html;q=0.5"})
    assert (told.status_code, told.json()["code"]) == (404, "unknown_document")
    assert told.headers["content-type"] == "application/problem+json"


async def test_what_cannot_be_compared_is_refused(world: World) -> None:
    _, code = await signed(world)
    web = await world.web()
    assert (await web.get(f"/verify/{code}", params={"sha256": "zz"})).status_code == 422
    for content, status in ((b"", 422), (b"x" * (5 * 2**20 + 1), 422), (b"x" * (7 * 2**20), 413)):
        form = {"document": ("x.pdf", io.BytesIO(content), "application/pdf")}
        assert (await web.post(f"/verify/{code}", files=form)).status_code == status
    assert (await web.post(f"/verify/{code}", data={})).status_code in (400, 422)


# the docs of the API --------------------------------------------------------------------------------------------------


async def test_the_docs_show_every_operation_and_load_nothing_from_elsewhere(world: World) -> None:
    web = await world.web()
    document = (await web.get("/api/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    page = await web.get("/api/docs")
    for path in ("/verify/{code}", "/api/v1/doctors", *document["paths"]):
        assert f"<code>{path}</code>" in page.text
    linked = set(re.findall(r'href="#(type-\w+)"', page.text))
    assert linked and all(f'id="{name}"' in page.text for name in linked)
    assert "slot_taken" in page.text and "Problem codes" in page.text
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page.text)


# weight ---------------------------------------------------------------------------------------------------------------


async def test_the_first_visit_is_light(world: World) -> None:
    web = await world.web()
    page = await web.get("/")
    wanted = re.findall(r'<(?:link rel="stylesheet" href|script type="module" src)="([^"]+)"', page.text)
    assert 1 <= len(wanted) <= 3
    weight = len(gzip.compress(page.content, 6))
    for path in wanted:
        answer = await web.get(path)
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        weight += int(answer.headers["content-length"])
    assert weight < 25 * 1024
