import asyncio
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from svastha.domain import directory
from svastha.domain.directory import Offer, Query
from svastha.domain.directory.understand import Understood, understand
from svastha.kit.db import ControlTx
from svastha.kit.pages import BadCursor
from tests.directory.conftest import Town

SECRET = "only for tests"
VIDEO, CLINIC, HOME = Offer("video", 20, 50000), Offer("in_person", 30, 40000), Offer("home_visit", 60, 150000)


async def found(town: Town, **wishes: Any) -> list[str]:
    page = await directory.search(town.tx, Query(**wishes), secret=SECRET)
    return [card.name for card in page.items]


async def test_a_card_says_who_she_is_where_and_when(town: Town) -> None:
    await town.clinic("asha-test", "Asha Ayurveda", "Pune")
    await town.clinic("nadi-test", "Nadi Clinic", "Nashik", zone="Asia/Kolkata")
    id = await town.doctor("Meera Kulkarni", "panchakarma", "kayachikitsa", languages=["mr", "en"], since=2011)
    await town.listed(id, "asha-test", [CLINIC, VIDEO], free=[30, 54])
    await town.listed(id, "nadi-test", [HOME])

    [card] = (await directory.search(town.tx, Query(), secret=SECRET)).items

    assert (card.id, card.name, card.gender, card.qualifications) == (id, "Meera Kulkarni", "female", "BAMS")
    assert (card.council, card.registration_no, card.verified) == ("Test Council", str(id), True)
    assert card.experience_years == datetime.now(UTC).year - 2011
    assert [s.code for s in card.specialties] == ["kayachikitsa", "panchakarma"]
    assert card.specialties[1].name_hi == "पंचकर्म"
    assert [(c.slug, c.name, c.city, c.zone) for c in card.clinics] == [
        ("asha-test", "Asha Ayurveda", "Pune", "Asia/Kolkata"),
        ("nadi-test", "Nadi Clinic", "Nashik", "Asia/Kolkata"),
    ]
    assert [(m.mode, m.minutes, m.fee_paise) for m in card.clinics[0].modes] == [
        ("video", 20, 50000),
        ("in_person", 30, 40000),
    ]
    assert card.fee_from_paise == 40000
    assert card.next_free_at is not None
    assert card.next_free_at == card.clinics[0].modes[0].next_free_at
    assert timedelta(hours=29) < card.next_free_at - datetime.now(UTC) < timedelta(hours=31)
    assert card.clinics[1].modes[0].next_free_at is None
    assert await directory.doctor(town.tx, id) == card


async def test_only_who_may_practise_at_a_clinic_that_is_open(town: Town) -> None:
    await town.clinic("shut", is_open=False)
    await town.doctor("Not Verified", at="open", verified=False)
    await town.doctor("Nowhere Listed")
    await town.doctor("Behind Closed Doors", at="shut")
    sits_here = await town.doctor("Sits Here", at="open")
    assert await found(town) == ["Sits Here"]

    await town.tx.run("UPDATE doctors SET state = 'suspended', suspended_at = now() WHERE id = :id", id=sits_here)
    assert await found(town) == [], "at once, even before anybody has looked again"
    await directory.refresh(town.tx, sits_here)
    assert await directory.count(town.tx, Query()) == 0
    await town.tx.run("UPDATE doctors SET state = 'verified', suspended_at = NULL WHERE id = :id", id=sits_here)
    await directory.refresh(town.tx, sits_here)
    assert await found(town) == ["Sits Here"]

    await town.tx.run("UPDATE clinics SET open_since = now() WHERE slug = 'shut'")
    await directory.refresh_clinic(town.tx, town.clinics["shut"])
    assert await found(town) == ["Behind Closed Doors", "Sits Here"]


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("Meera Kulkarni", ["Meera Kulkarni"]),
        ("kulkarny", ["Meera Kulkarni"]),
        ("dr. mira kulkarni", ["Meera Kulkarni"]),
        ("कुलकर्णी", ["Meera Kulkarni"]),
        ("kulk", ["Meera Kulkarni"]),
        ("panchkarma", ["Meera Kulkarni"]),
        ("पंचकर्म", ["Meera Kulkarni"]),
        ("Pañcakarma", ["Meera Kulkarni"]),
        ("piles", ["Ravi Joshi"]),
        ("bawasir", ["Ravi Joshi"]),
        ("बवासीर का इलाज", ["Ravi Joshi"]),
        ("arsha", ["Ravi Joshi"]),
        ("surgon", ["Ravi Joshi"]),
        ("PCOS", ["Sunita Rane"]),
        ("white discharge", ["Sunita Rane"]),
        ("अनियमित माहवारी", ["Sunita Rane"]),
        ("infertility", ["Sunita Rane"]),
        ("child's cold", ["Latha Nair"]),
        ("बच्चे को सर्दी", ["Latha Nair"]),
        ("acidty", ["Anil Deshmukh", "Meera Kulkarni"]),
        ("burning after food", ["Anil Deshmukh", "Meera Kulkarni"]),
        ("amlapitta", ["Anil Deshmukh", "Meera Kulkarni"]),
        ("जोड़ो का दर्द", ["Anil Deshmukh", "Meera Kulkarni"]),
        ("jodo ka dard", ["Anil Deshmukh", "Meera Kulkarni"]),
        ("very bad joint pain since 2 weeks", ["Anil Deshmukh", "Meera Kulkarni"]),
        ("madhumeh", ["Anil Deshmukh"]),
        ("diabtes", ["Anil Deshmukh"]),
        ("nashik", ["Ravi Joshi", "Sunita Rane"]),
        ("shanti clinic", ["Anil Deshmukh", "Latha Nair", "Meera Kulkarni"]),
        ("marathi", ["Meera Kulkarni"]),
        ("मराठी", ["Meera Kulkarni"]),
        ("acidity pune", ["Anil Deshmukh", "Meera Kulkarni"]),
        ("joint pain lady doctor", ["Meera Kulkarni"]),
        ("acidity and back pain", ["Anil Deshmukh", "Meera Kulkarni"]),
        ("panchakarma for back pain", ["Meera Kulkarni"]),
        ("piles and PCOS", ["Ravi Joshi", "Sunita Rane"]),
        ("women's health", ["Sunita Rane"]),
        ("acidity nashik", []),
        ("piles home visit", []),
        ("xqzzyw", []),
        ("12345", []),
        ("தமிழ்", []),
        ("\0 \0", ["Anil Deshmukh", "Latha Nair", "Meera Kulkarni", "Ravi Joshi", "Sunita Rane"]),
        ("k", ["Anil Deshmukh", "Latha Nair", "Meera Kulkarni", "Ravi Joshi", "Sunita Rane"]),
        ("doctor", ["Anil Deshmukh", "Latha Nair", "Meera Kulkarni", "Ravi Joshi", "Sunita Rane"]),
        ("  ", ["Anil Deshmukh", "Latha Nair", "Meera Kulkarni", "Ravi Joshi", "Sunita Rane"]),
        ("kulkarni xqzzyw", ["Meera Kulkarni"]),
        ("'; DROP TABLE doctors; -- %_\\ \x1f", []),
    ],
)
async def test_what_people_type(town: Town, q: str, names: list[str]) -> None:
    await town.clinic("shanti", "Shanti Clinic", "Pune")
    await town.clinic("omkar", "Omkar Chikitsalaya", "Nashik")
    await town.doctor("Anil Deshmukh", "kayachikitsa", gender="male", at="shanti")
    await town.doctor("Meera Kulkarni", "panchakarma", languages=["mr", "en"], at="shanti")
    await town.doctor("Latha Nair", "kaumarbhritya", languages=["ml"], at="shanti")
    await town.doctor("Ravi Joshi", "shalya_tantra", gender="male", at="omkar")
    await town.doctor("Sunita Rane", "prasuti_stri_roga", at="omkar")

    assert sorted(await found(town, q=q)) == names
    assert await directory.count(town.tx, Query(q=q)) == len(names)


async def test_every_term_leads_to_what_it_was_written_for(control_tx: ControlTx) -> None:
    terms = await control_tx.value("SELECT jsonb_object_agg(term, tags) FROM search_terms")
    assert len(terms) > 800
    for term, tags in terms.items():
        understood = await understand(control_tx, term)
        assert not understood.lost, term
        assert all(set(tags) <= set(group) for group in understood.groups), (term, understood)


async def test_who_is_called_exactly_that_comes_first(town: Town) -> None:
    await town.doctor("Kiran Rao", at="surya", free=[90])
    await town.doctor("Asha Kiran", at="surya", free=[100])
    await town.doctor("Sunita Rao", at="kiran", free=[2])
    assert await found(town, q="kiran") == ["Kiran Rao", "Asha Kiran", "Sunita Rao"]
    assert await found(town, q="kiran rao") == ["Kiran Rao", "Sunita Rao"]


async def test_filters(town: Town) -> None:
    await town.doctor("Anu", "rasayana", languages=["ta", "en"], at="surya", offers=[VIDEO])
    await town.doctor("Bela", "rasayana", "panchakarma", at="surya", offers=[CLINIC, HOME])
    await town.doctor("Chetan", "panchakarma", gender="male", at="soma", offers=[Offer("video", 15, 20000)])

    assert await found(town, specialty="rasayana") == ["Anu", "Bela"]
    assert await found(town, specialty="unheard_of") == []
    assert await found(town, language="ta") == ["Anu"]
    assert await found(town, gender="male") == ["Chetan"]
    assert await found(town, mode="home_visit") == ["Bela"]
    assert await found(town, max_fee=40000) == ["Bela", "Chetan"]
    assert await found(town, max_fee=39999) == ["Chetan"]
    assert await found(town, clinic="soma") == ["Chetan"]
    assert await found(town, clinic="none-such") == []
    assert await found(town, clinic="\0", specialty="\0", language="'") == []
    assert await found(town, specialty="panchakarma", gender="female", mode="in_person", max_fee=40000) == ["Bela"]
    assert await found(town, q="rasayana", language="en") == ["Anu", "Bela"]


async def test_filters_must_meet_in_one_visit(town: Town) -> None:
    id = await town.doctor("Meera", at="dear", offers=[Offer("video", 20, 90000)], free=[5])
    await town.listed(id, "cheap", [Offer("in_person", 20, 10000), HOME], free=[50])

    assert await found(town, mode="video", max_fee=10000) == []
    assert await found(town, mode="video", clinic="cheap") == []
    [card] = (await directory.search(town.tx, Query(max_fee=10000), secret=SECRET)).items
    assert card.fee_from_paise == 10000
    assert card.next_free_at is not None
    assert card.next_free_at > datetime.now(UTC) + timedelta(hours=49)
    [card] = (await directory.search(town.tx, Query(clinic="dear"), secret=SECRET)).items
    assert [clinic.slug for clinic in card.clinics] == ["dear"]


async def test_each_sort(town: Town) -> None:
    await town.doctor("Late", since=1990, at="surya", offers=[Offer("video", 20, 30000)], free=[70])
    await town.doctor("Never", since=2000, at="surya", offers=[Offer("video", 20, 10000)])
    id = await town.doctor("Soon", since=2015, at="surya", offers=[Offer("video", 20, 90000)], free=[40])
    await town.listed(id, "soma", [CLINIC], free=[3])

    assert await found(town, sort="soonest") == ["Soon", "Late", "Never"]
    assert await found(town, sort="fee") == ["Never", "Late", "Soon"]
    assert await found(town, sort="experience") == ["Late", "Never", "Soon"]
    assert await found(town, sort="fee", mode="in_person") == ["Soon"]


async def test_a_time_that_has_passed_is_no_time(town: Town) -> None:
    gone = await town.doctor("Gone", at="surya", free=[1, 30])
    await town.doctor("Later", at="surya", free=[60])
    await town.doctor("Never", at="surya")
    await town.tx.run(
        "UPDATE listing_offers SET next_free_at = now() - interval '1 second' WHERE doctor_id = :id", id=gone
    )
    await town.tx.run(
        "UPDATE listing_days SET first_at = now() - interval '1 second' WHERE first_at < now() + interval '9 h'"
    )

    page = await directory.search(town.tx, Query(), secret=SECRET)
    assert [(card.name, card.next_free_at is None) for card in page.items] == [
        ("Later", False),
        ("Never", True),
        ("Gone", True),
    ]


async def test_a_day_asks_for_its_own_times(town: Town) -> None:
    await town.doctor("Both", at="surya", free=[30, 54])
    await town.doctor("Second Day", at="surya", free=[53])
    await town.doctor("First Day", at="surya", free=[29])
    day = (datetime.now(UTC) + timedelta(hours=54)).date()
    expected = ["Second Day", "Both"] if day == (datetime.now(UTC) + timedelta(hours=53)).date() else ["Both"]

    page = await directory.search(town.tx, Query(day=day), secret=SECRET)

    assert [card.name for card in page.items] == expected
    assert all(card.next_free_at is not None and card.next_free_at.date() == day for card in page.items)
    assert await directory.count(town.tx, Query(day=day)) == len(expected)


async def crowd(town: Town) -> set[UUID]:
    """Many alike in what is sorted by, some without any time, some whose time has passed, some called Kiran."""
    everybody = set()
    await town.clinic("kiran")
    for n in range(23):
        id = await town.doctor(f"{'Kiran' if n % 4 == 0 else 'Asha'} Rao", since=2000 + n % 3, at="kiran")
        await town.listed(id, "soma", [Offer("in_person", 20, 30000 + n % 2)])
        everybody.add(id)
        if n % 5:
            await town.tx.run(
                "UPDATE listing_offers SET next_free_at = :at WHERE doctor_id = :id",
                id=id,
                at=datetime.now(UTC).replace(minute=0) + timedelta(hours=(n % 4 - 1) * 10 or -20),
            )
    return everybody


async def pages(town: Town, **wishes: Any) -> list[list[UUID]]:
    seen: list[list[UUID]] = []
    cursor = None
    while cursor or not seen:
        page = await directory.search(town.tx, Query(**wishes, limit=4, cursor=cursor), secret=SECRET)
        seen.append([card.id for card in page.items])
        cursor = page.next_cursor
    return seen


@pytest.mark.parametrize("wishes", [{}, {"sort": "fee"}, {"sort": "experience"}, {"q": "kiran"}, {"mode": "video"}])
async def test_pages_show_everybody_once(town: Town, wishes: dict[str, Any]) -> None:
    everybody = await crowd(town)
    whole = await directory.search(town.tx, Query(**wishes, limit=50), secret=SECRET)
    assert {card.id for card in whole.items} == everybody
    assert whole.next_cursor is None

    seen = await pages(town, **wishes)
    assert ([id for page in seen for id in page], len(seen)) == ([card.id for card in whole.items], 6)


async def test_few_some_and_many_come_in_the_same_order(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    everybody = await crowd(town)
    for wishes in ({"q": "kiran"}, {"q": "rao", "gender": "female"}, {"q": "kiran", "mode": "in_person"}):
        orders = []
        for few, soon in ((True, False), (False, True), (False, False)):

            async def so_many(*asked: Any, few: bool = few, soon: bool = soon, **more: Any) -> Understood:
                found = await understand(*asked, **more)
                return msgspec.structs.replace(found, few=few, few_called=few, soon=soon, soon_called=soon)

            monkeypatch.setattr(sys.modules[directory.found.__module__], "understand", so_many)
            orders.append(await pages(town, **wishes))
        assert orders[0] == orders[1] == orders[2]
        assert {id for page in orders[0] for id in page} == everybody


async def test_a_newcomer_does_not_shift_the_next_page(town: Town) -> None:
    for n in range(4):
        await town.doctor(f"Doctor {n}", at="surya", free=[10 + n])
    first = await directory.search(town.tx, Query(limit=2), secret=SECRET)
    await town.doctor("Newcomer", at="surya", free=[2])
    assert await found(town, limit=2, cursor=first.next_cursor) == ["Doctor 2", "Doctor 3"]


async def test_a_cursor_belongs_to_its_search(town: Town) -> None:
    for n in range(3):
        await town.doctor(f"Doctor {n}", at="surya")
    cursor = (await directory.search(town.tx, Query(limit=1), secret=SECRET)).next_cursor
    assert cursor
    assert len(await found(town, limit=2, cursor=cursor)) == 2
    for wrong in (
        Query(cursor=cursor, sort="fee"),
        Query(cursor=cursor, language="en"),
        Query(cursor=cursor[:-2] + "xx"),
        Query(cursor="nonsense"),
        Query(cursor="नमस्ते"),
    ):
        with pytest.raises(BadCursor):
            await directory.search(town.tx, wrong, secret=SECRET)
    with pytest.raises(BadCursor):
        await directory.search(town.tx, Query(cursor=cursor), secret="another")


async def test_a_page_costs_two_statements_however_many_there_are(town: Town) -> None:
    for n in range(12):
        await town.doctor(f"Doctor {n}", "panchakarma", at=f"clinic-{n % 3}", offers=[VIDEO, CLINIC], free=[5, 40])
    assert len(await found(town)) == 12  # told this connection how to plan, once
    connection = town.tx._connection
    statements: list[Any] = []
    with connection.query_logger(statements.append):
        assert len(await found(town, q="panchkarma", limit=12)) == 12
    await asyncio.sleep(0)
    assert len(statements) == 2


async def test_count_stops_counting(town: Town) -> None:
    for n in range(5):
        await town.doctor(f"Doctor {n}", at="surya", offers=[VIDEO, CLINIC])
    assert await directory.count(town.tx, Query()) == 5
    assert await directory.count(town.tx, Query(), most=3) == 4
    assert await directory.count(town.tx, Query(q="xqzzyw")) == 0
