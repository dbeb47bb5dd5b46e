"""Calendar subscriptions, read as a calendar program reads them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest
from icalendar import Calendar, Event

from svastha.kit.ids import uuid7
from tests.cast import IDS, RAO, World


async def subscribed(world: World, name: str, path: str = "/me/feeds", **wish: Any) -> str:
    """The path of a new subscription."""
    answer = await (await world.api(name)).post(path, json=wish)
    assert answer.status_code == 201, answer.text
    url: str = answer.json()["url"]
    assert re.fullmatch(re.escape(world.house.settings.url) + r"/feeds/[\w-]{32}\.ics", url)
    return httpx.URL(url).path


async def fetched(world: World, path: str) -> list[Event]:
    """Its events, by a program that has nothing but the address."""
    program = await world.web()
    program.headers.clear()
    answer = await program.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"].startswith("private")
    return events(answer.content)


def events(text: bytes) -> list[Event]:
    """Whatever the lines of a calendar must be, by RFC 5545, and its events."""
    assert text.endswith(b"\r\n") and b"\n" not in text.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))
    calendar = Calendar.from_ical(text.decode())
    assert not calendar.errors and calendar["version"] == "2.0" and not calendar.walk("VTIMEZONE")
    found = calendar.walk("VEVENT")
    for event in found:
        assert not event.errors
        for name in ("dtstart", "dtend", "dtstamp"):
            assert event[name].dt.utcoffset() == timedelta(0) and "TZID" not in event[name].params
    return found


async def gone(world: World, path: str) -> None:
    answer = await (await world.web()).get(path)
    assert answer.status_code == 404
    assert "BEGIN" not in answer.text


async def test_a_patient_sees_hers_and_a_doctor_hers_without_names(world: World) -> None:
    booked = await world.booked("ananya", reason="something private")
    await world.booked("kavya", at=(await world.free())[4], mode="video")
    await world.settle()
    [hers] = await fetched(world, await subscribed(world, "ananya", kind="patient"))
    [mail] = world.mail("ananya")
    [attached] = Calendar.from_ical(mail.attachments[0].text).walk("VEVENT")
    assert hers["uid"] == attached["uid"] == f"{booked['id']}@svastha"
    assert hers["dtstart"].dt == datetime.fromisoformat(booked["starts_at"])
    assert (hers["summary"], hers["status"]) == ("Dr Meera Rao · Asha Ayurveda", "CONFIRMED")
    assert hers["url"].endswith(f"/c/asha/visits/{booked['id']}")
    doctors = await fetched(world, await subscribed(world, "rao", kind="doctor"))
    assert [event["summary"] for event in doctors] == ["Visit · video · 20 min"] * 2
    desk = await fetched(world, await subscribed(world, "farida", "/clinics/asha/feeds"))
    assert [event["summary"] for event in desk] == ["Dr Meera Rao · video · 20 min"] * 2
    for event in [hers, *doctors, *desk]:
        text = event.to_ical().decode()
        assert not [word for word in ("private", "Ananya", "Kavya", "Deshpande") if word in text]


async def test_it_follows_what_becomes_of_the_visit(world: World) -> None:
    booked = await world.booked("ananya")
    path = await subscribed(world, "ananya", kind="patient")
    [before] = await fetched(world, path)
    later = datetime.fromisoformat(booked["starts_at"]) + timedelta(hours=3)
    await world.sql(
        "asha",
        "UPDATE appointments SET sequence = 1, starts_at = $1, ends_at = $1::timestamptz + interval '20 min'",
        later,
    )
    [moved] = await fetched(world, path)
    assert moved["uid"] == before["uid"] and moved["dtstart"].dt == later
    assert moved["sequence"] > before["sequence"]
    await (await world.api("ananya")).post(f"/clinics/asha/appointments/{booked['id']}/cancel")
    [cancelled] = await fetched(world, path)
    assert cancelled["status"] == "CANCELLED" and cancelled["sequence"] > moved["sequence"]
    assert cancelled["dtstamp"].dt >= before["dtstamp"].dt


async def test_a_request_is_tentative_and_a_hold_is_nobodys_business(world: World) -> None:
    await world.booked("ananya")
    path = await subscribed(world, "ananya", kind="patient")
    for status, expected in (("requested", ["TENTATIVE"]), ("held", [])):
        await world.sql("asha", "UPDATE appointments SET status = $1, hold_expires_at = now() + '1 hour'", status)
        assert [event["status"] for event in await fetched(world, path)] == expected


async def test_nothing_changed_costs_nothing(world: World) -> None:
    await world.booked("ananya")
    path = await subscribed(world, "ananya", kind="patient")
    program = await world.web()
    first = await program.get(path)
    again = await program.get(path, headers={"if-none-match": f'"other", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    [row] = await world.sql(None, "SELECT used_at FROM feeds")
    assert row["used_at"]
    await program.get(path)
    assert (await world.sql(None, "SELECT used_at FROM feeds"))[0] == row, "not written down each time"
    await world.sql("asha", "UPDATE appointments SET sequence = sequence + 1")
    changed = await program.get(path, headers={"if-none-match": first.headers["etag"]})
    assert changed.status_code == 200 and changed.headers["etag"] != first.headers["etag"]
    assert (await program.head(path)).status_code == 200


async def test_revoked_it_is_gone_and_the_secret_was_kept_nowhere(world: World) -> None:
    path = await subscribed(world, "ananya", kind="patient")
    secret = path.removeprefix("/feeds/").removesuffix(".ics")
    for table in ("feeds", "audit_entries", "jobs"):
        rows = await world.sql(None, f"SELECT t::text AS row FROM {table} t")
        assert not [row for row in rows if secret in row["row"]]
    api = await world.api("ananya")
    [listed] = (await api.get("/me/feeds")).json()["items"]
    assert secret not in str(listed) and listed["kind"] == "patient"
    kavya = await world.api("kavya")
    assert (await kavya.delete(f"/me/feeds/{listed['id']}")).status_code == 404
    await fetched(world, path)
    for _ in range(2):
        assert (await api.delete(f"/me/feeds/{listed['id']}")).status_code == 204
    await gone(world, path)
    assert (await api.get("/me/feeds")).json()["items"] == []


@pytest.mark.parametrize("change", ["suspended_at = now()", "closed_at = now()"])
async def test_an_account_that_is_shut_shows_nothing(world: World, change: str) -> None:
    path = await subscribed(world, "ananya", kind="patient")
    await world.sql(None, f"UPDATE accounts SET {change} WHERE id = $1", IDS["ananya"])
    await gone(world, path)


async def test_who_has_left_the_clinic_sees_nothing_of_it(world: World) -> None:
    await world.booked("ananya")
    doctor, desk = (
        await subscribed(world, "rao", kind="doctor"),
        await subscribed(world, "farida", "/clinics/asha/feeds"),
    )
    assert len(await fetched(world, doctor)) == len(await fetched(world, desk)) == 1
    await world.sql(None, "DELETE FROM grants WHERE account_id = ANY($1)", [IDS["rao"], IDS["farida"]])
    assert await fetched(world, doctor) == []
    await gone(world, desk)


async def test_at_all_clinics_where_she_practises(world: World) -> None:
    await world.booked("ananya")
    path = await subscribed(world, "rao", kind="doctor")
    [there] = await world.sql(None, "SELECT id FROM clinics WHERE slug = 'nadi'")
    await world.sql(
        None,
        "INSERT INTO grants (id, account_id, role, clinic_id) VALUES ($1, $2, 'doctor', $3)",
        uuid7(),
        RAO,
        there[0],
    )
    patient, starts = uuid7(), datetime.now(UTC) + timedelta(days=1)
    await world.sql("nadi", "INSERT INTO practitioners (doctor_id, name, zone) VALUES ($1, 'Dr Meera Rao', 'UTC')", RAO)
    await world.sql("nadi", "INSERT INTO patients (id, name, email) VALUES ($1, 'Leela', '')", patient)
    await world.sql(
        "nadi",
        "INSERT INTO appointments (id, doctor_id, patient_id, starts_at, ends_at, mode, status, fee_paise, made_by)"
        " VALUES ($1, $2, $3, $4, $4::timestamptz + interval '20 minutes', 'in_person', 'confirmed', 1, $2)",
        uuid7(),
        RAO,
        patient,
        starts,
    )
    assert [event["summary"] for event in await fetched(world, path)] == [
        "Visit · in person · 20 min",
        "Visit · video · 20 min",
    ]


async def test_only_the_desk_shares_a_clinic_and_a_branch_is_only_itself(world: World) -> None:
    for name in ("ananya", "rao", "hari", "jaya"):
        assert (await (await world.api(name)).post("/clinics/asha/feeds", json={})).status_code == 404
    api = await world.api("farida")
    assert (await api.post("/clinics/asha/feeds", json={"branch_id": str(uuid7())})).status_code == 404
    assert (await api.post("/me/feeds", json={"kind": "doctor"})).status_code == 404, "she is none"
    assert (await api.post("/me/feeds", json={"kind": "clinic"})).status_code == 422
    branch = uuid7()
    await world.sql("asha", "INSERT INTO branches (id, name) VALUES ($1, 'Kothrud')", branch)
    await world.booked("ananya")
    path = await subscribed(world, "farida", "/clinics/asha/feeds", branch_id=str(branch))
    assert await fetched(world, path) == []
    await world.sql("asha", "UPDATE appointments SET branch_id = $1", branch)
    assert len(await fetched(world, path)) == 1
    gita = await world.api("gita")
    [listed] = (await gita.get("/clinics/asha/feeds")).json()["items"]
    assert (listed["made_by"], listed["branch_id"]) == ("Farida Sheikh", str(branch))
    hari = await world.api("hari")
    assert (await hari.delete(f"/clinics/nadi/feeds/{listed['id']}")).status_code == 404
    assert (await gita.delete(f"/clinics/asha/feeds/{listed['id']}")).status_code == 204
    await gone(world, path)


async def test_of_whom_she_acts_for_by_first_name(world: World) -> None:
    await world.booked("kavya")
    path = await subscribed(world, "ananya", kind="patient")
    assert await fetched(world, path) == []
    [patient] = await world.sql("asha", "SELECT id FROM patients WHERE account_id = $1", IDS["kavya"])
    [clinic] = await world.sql(None, "SELECT id FROM clinics WHERE slug = 'asha'")
    await world.sql(
        None, "INSERT INTO account_clinics (account_id, clinic_id) VALUES ($1, $2)", IDS["ananya"], clinic["id"]
    )
    await world.sql(
        "asha",
        "INSERT INTO guardianships (id, patient_id, account_id, name, email, phone, locale, zone, relation, basis,"
        " granted_by) VALUES ($1, $2, $3, 'Ananya', '', '', 'en', 'UTC', 'sister', 'stated', $3)",
        uuid7(),
        patient["id"],
        IDS["ananya"],
    )
    [event] = await fetched(world, path)
    assert event["summary"] == "For Kavya · Dr Meera Rao · Asha Ayurveda"
    await world.sql("asha", "UPDATE guardianships SET valid_until = now()")
    assert await fetched(world, path) == []


async def test_long_and_odd_names_are_folded_and_escaped(world: World) -> None:
    name = "Dr Meera; Rao, \\ “वैद्या” née Śāstrī-Vāgbhaṭa of the very long name that no line can hold\nSUMMARY:x"
    await world.booked("ananya")
    await world.sql("asha", "UPDATE practitioners SET name = $1", name)
    [event] = await fetched(world, await subscribed(world, "ananya", kind="patient"))
    assert event["summary"] == f"{name} · Asha Ayurveda"


async def test_a_visit_across_the_change_of_clocks(world: World) -> None:
    """As wall-clock time in New York an hour and a half; as instants half an hour."""
    year = datetime.now(UTC).year + 1
    march = datetime(year, 3, 8, tzinfo=ZoneInfo("America/New_York"))
    sunday = march + timedelta(days=(6 - march.weekday()) % 7)
    starts = sunday.replace(hour=1, minute=45).astimezone(UTC)
    booked = await world.booked("ananya")
    await world.sql(
        "asha",
        "UPDATE appointments SET starts_at = $1, ends_at = $1::timestamptz + interval '30 minutes' WHERE id = $2",
        starts,
        UUID(booked["id"]),
    )
    [event] = await fetched(world, await subscribed(world, "ananya", kind="patient"))
    assert (event["dtstart"].dt, event["dtend"].dt) == (starts, starts + timedelta(minutes=30))
    assert event["dtend"].dt.astimezone(ZoneInfo("America/New_York")).hour == 3


@pytest.mark.parametrize("name", ["x.ics", "x", "é.ics", "%00.ics", "a" * 500 + ".ics", "x.ics.ics", ".ics", "x.txt"])
async def test_nobody_guesses_one(world: World, name: str) -> None:
    assert (await (await world.web()).get(f"/feeds/{name}")).status_code in (400, 404)


async def test_twenty_are_enough(world: World) -> None:
    api = await world.api("ananya")
    for _ in range(20):
        assert (await api.post("/me/feeds", json={"kind": "patient"})).status_code == 201
    answer = await api.post("/me/feeds", json={"kind": "patient"})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_feeds")


async def test_made_copied_and_revoked_on_a_page(world: World) -> None:
    browser = await world.web("farida")
    page = await browser.get("/calendars")
    assert 'value="clinic/asha"' in page.text and 'value="doctor"' not in page.text
    made = await browser.post("/calendars", data={"what": "clinic/asha"})
    found = re.search(r"/feeds/[\w-]{32}\.ics", made.text)
    assert found and "webcal://" in made.text
    assert await fetched(world, found[0]) == []
    page = await browser.get("/calendars")
    assert found[0] not in page.text
    [action] = re.findall(r'action="(/calendars/[\w-]+/revoke)"', page.text)
    assert (await browser.post(action)).status_code == 303
    await gone(world, found[0])
    for wrong in ("clinic/nadi", "clinic/asha/x", "", "pigeon"):
        assert (await browser.post("/calendars", data={"what": wrong})).status_code == 422


async def test_what_is_to_come_is_there_however_busy_the_month_was(world: World) -> None:
    booked = await world.booked("ananya")
    await world.sql(
        "asha",
        "INSERT INTO appointments (id, doctor_id, patient_id, starts_at, ends_at, mode, status, fee_paise, made_by)"
        " SELECT gen_random_uuid(), doctor_id, patient_id, now() - k * interval '15 min',"
        " now() - k * interval '15 min' + interval '10 min', mode, 'completed', 1, made_by"
        " FROM appointments, generate_series(1, 2500) k",
    )
    found = await fetched(world, await subscribed(world, "farida", "/clinics/asha/feeds"))
    assert len(found) == 2000 and found[-1]["uid"] == f"{booked['id']}@svastha"
