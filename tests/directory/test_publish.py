from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from svastha.domain import directory
from svastha.domain.directory import FreeDay, Offer, Query
from svastha.kit.refusals import NotFound
from tests.directory.conftest import Town

SECRET = "only for tests"
VIDEO, CLINIC = Offer("video", 20, 50000), Offer("in_person", 30, 40000)


async def days(town: Town) -> Any:
    return await town.tx.value(
        "SELECT jsonb_agg(jsonb_build_array(mode, left_count) ORDER BY mode, day) FROM listing_days"
    )


async def test_an_older_computation_never_replaces_a_newer_one(town: Town) -> None:
    id = await town.doctor("Meera", at="surya")
    now = datetime.now(UTC)
    assert await town.free(id, "surya", {"video": [30]}, as_of=now + timedelta(seconds=2))
    assert not await town.free(id, "surya", {"video": [10]}, as_of=now + timedelta(seconds=1))
    [card] = (await directory.search(town.tx, Query(), secret=SECRET)).items
    assert card.next_free_at is not None
    assert card.next_free_at > now + timedelta(hours=29)
    assert await town.free(id, "surya", {"video": [30]}, as_of=now + timedelta(seconds=2)), "the same job may run twice"


async def test_times_replace_all_that_were_there(town: Town) -> None:
    id = await town.doctor("Meera", at="surya", offers=[VIDEO, CLINIC], free=[30, 60, 90])
    assert len(await days(town)) == 6
    await town.free(id, "surya", {"video": [60]})
    assert await days(town) == [["video", 3]]
    [card] = (await directory.search(town.tx, Query(), secret=SECRET)).items
    assert [mode.next_free_at is None for mode in card.clinics[0].modes] == [False, True]
    await town.free(id, "surya", {})
    assert await days(town) is None
    [card] = (await directory.search(town.tx, Query(), secret=SECRET)).items
    assert card.next_free_at is None


async def test_what_has_not_changed_is_not_written(town: Town) -> None:
    id = await town.doctor("Meera", at="surya", free=[30])
    free = datetime.now(UTC) + timedelta(hours=40)
    versions = (
        "SELECT array_agg(v) FROM (SELECT xmin::text AS v FROM listing_days UNION ALL SELECT xmin::text"
        " FROM listing_offers UNION ALL SELECT xmin::text FROM directory_entries) t"
    )

    async def publish() -> Any:
        await directory.publish_listing(town.tx, doctor_id=id, clinic_id=town.clinics["surya"], offers=[VIDEO])
        await directory.publish_times(
            town.tx,
            doctor_id=id,
            clinic_id=town.clinics["surya"],
            as_of=datetime.now(UTC),
            days=[FreeDay("video", free.date(), free, 2)],
        )
        return await town.tx.value(versions)

    assert await publish() == await publish()


async def test_times_of_what_is_not_offered_are_left_out(town: Town) -> None:
    id = await town.doctor("Meera", at="surya", offers=[VIDEO])
    assert await town.free(id, "surya", {"video": [30], "home_visit": [30]})
    assert await days(town) == [["video", 3]]
    other = await town.doctor("Not Here")
    assert not await town.free(other, "surya", {"video": [30]})


async def test_offers_change_and_go(town: Town) -> None:
    id = await town.doctor("Meera", at="surya", offers=[VIDEO, CLINIC], free=[30])
    await town.listed(id, "soma", [VIDEO])

    await directory.publish_listing(
        town.tx, doctor_id=id, clinic_id=town.clinics["surya"], offers=[Offer("video", 25, 60000)]
    )
    [card] = (await directory.search(town.tx, Query(clinic="surya"), secret=SECRET)).items
    assert [(m.mode, m.minutes, m.fee_paise) for m in card.clinics[0].modes] == [("video", 25, 60000)]
    assert card.next_free_at is not None, "the times of what stays, stay"
    assert await days(town) == [["video", 3]]

    await directory.withdraw(town.tx, doctor_id=id, clinic_id=town.clinics["surya"])
    [card] = (await directory.search(town.tx, Query(), secret=SECRET)).items
    assert [clinic.slug for clinic in card.clinics] == ["soma"]
    await directory.publish_listing(town.tx, doctor_id=id, clinic_id=town.clinics["soma"], offers=[])
    assert (await directory.search(town.tx, Query(), secret=SECRET)).items == []
    assert (await directory.doctor(town.tx, id)).clinics == [], "still a doctor who can be looked up"


async def test_a_new_name_is_found_and_the_old_one_is_not(town: Town) -> None:
    id = await town.doctor("Meera Joshi", languages=["kok"], at="surya")
    other = await town.doctor("Anil Joshi", gender="male", at="surya")
    assert [language.name_en for language in await directory.languages(town.tx)] == ["English", "Konkani"]
    await town.tx.run("UPDATE doctors SET name = 'Meera Gokhale', languages = '{hi}' WHERE id = :id", id=id)
    await directory.refresh(town.tx, id)
    await directory.refresh(town.tx, id)

    async def who(q: str) -> list[Any]:
        return [card.id for card in (await directory.search(town.tx, Query(q=q), secret=SECRET)).items]

    assert await who("gokhle") == [id]
    assert await who("joshi") == [other]
    assert [language.code for language in await directory.languages(town.tx)] == ["en", "hi"]
    await town.tx.run("UPDATE doctors SET state = 'submitted', verified_at = NULL WHERE id = :id", id=other)
    await directory.refresh(town.tx, other)
    assert await who("joshi") == []
    assert await town.tx.value("SELECT doctors FROM search_words WHERE kind = 'name' AND word = 'josi'") == 0


async def test_who_cannot_be_looked_up(town: Town) -> None:
    waiting = await town.doctor("Meera", at="surya", verified=False)
    suspended = await town.doctor("Anil", at="surya")
    await town.tx.run("UPDATE doctors SET state = 'suspended', suspended_at = now() WHERE id = :id", id=suspended)
    for id in (waiting, suspended, uuid4()):
        with pytest.raises(NotFound):
            await directory.doctor(town.tx, id)


async def test_the_twelve_specialties_in_order(town: Town) -> None:
    found = await directory.specialties(town.tx)
    assert (len(found), found[0].code, found[11].name_hi) == (12, "kayachikitsa", "रसशास्त्र")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kulkarni", "kulkarny"),
        ("Sharma", "शर्मा"),
        ("Choudhary", "चौधरी"),
        ("जोड़ों", "jodon"),
        ("खाँसी", "khansi"),
        ("क़ब्ज़", "kabz"),
        ("अम्लपित्त", "amlapitta"),
        ("मधुमेह", "madhumeha"),
        ("Āyurveda", "ayurveda"),
        ("child's", "child"),
        ("ज्ञान", "gyan"),
        ("Kashyap", "कश्यप"),
    ],
)
async def test_words_meet_across_scripts(town: Town, one: str, other: str) -> None:
    assert await town.tx.value("SELECT folded(:one) = folded(:other)", one=one, other=other)
