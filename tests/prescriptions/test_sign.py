import hashlib
import io
import re
from datetime import date

import pytest
from pypdf import PdfReader

from svastha.domain import prescriptions
from svastha.domain.prescriptions import Verified
from svastha.domain.prescriptions.paper import age_words
from svastha.doors import visit as door
from svastha.kit.refusals import NotFound
from tests.cast import RAO, World
from tests.consultations.test_admit import THE_TWO, admitted
from tests.consultations.test_note import locked_in_the_database
from tests.prescriptions.test_write import RX, put


async def signed(world: World) -> tuple[str, str]:
    """The path of a visit and the code on its signed prescription."""
    rao, visit = await world.api("rao"), await admitted(world)
    await put(rao, visit, RX, 0)
    answer = await rao.post(f"{visit}/prescription/sign")
    assert answer.status_code == 200, answer.text
    code: str = answer.json()["code"]
    return visit, code


async def verified(world: World, code: str, file: bytes | None = None) -> Verified:
    clinic, code = prescriptions.place_of(code)
    async with door.to_clinic(world.house, clinic) as tx:
        return await prescriptions.verify(tx, code, hashlib.sha256(file).digest() if file else None)


async def test_the_signed_document_carries_who_signed_and_what(world: World) -> None:
    visit, code = await signed(world)
    answer = await (await world.api("ananya")).get(f"{visit}/prescription.pdf")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["content-disposition"] == 'inline; filename="prescription.pdf"'
    assert answer.headers["cache-control"] == "no-store"
    text = re.sub(r"\s", "", PdfReader(io.BytesIO(answer.content)).pages[0].extract_text())
    for part in ("T-rao", "TestCouncil", "AshaAyurveda", "Avipattikarchurna", "Justbeforeameal", "Warmwater", code):
        assert part in text


@pytest.mark.parametrize(("name", "status"), THE_TWO)
async def test_the_document_is_for_the_doctor_and_the_patient(world: World, name: str | None, status: int) -> None:
    visit, _ = await signed(world)
    client = await world.api(name)
    assert (await client.get(f"{visit}/prescription")).status_code == status
    assert (await client.get(f"{visit}/prescription.pdf")).status_code == status


async def test_the_patient_sees_it_only_when_it_is_signed(world: World) -> None:
    rao, ananya, visit = await world.api("rao"), await world.api("ananya"), await admitted(world)
    await put(rao, visit, RX, 0)
    for path in ("prescription", "prescription.pdf"):
        assert (await ananya.get(f"{visit}/{path}")).status_code == 404
    await rao.post(f"{visit}/prescription/sign")
    assert (await ananya.get(f"{visit}/prescription")).json()["items"][1]["medicine"] == "Triphala"
    assert (await ananya.get(f"{visit}/prescription.pdf")).status_code == 200
    reads = await world.sql("asha", "SELECT 1 FROM audit_entries WHERE subject_kind = 'prescription_document'")
    assert len(reads) == 1


async def test_the_patient_is_told_where_but_not_what(world: World) -> None:
    visit, _ = await signed(world)
    await world.settle()
    [mail] = [mail for mail in world.mail("ananya") if mail.subject == "A document is ready for you"]
    assert visit.removeprefix("/clinics/asha/appointments/") in mail.text
    assert "Triphala" not in mail.text


async def test_signing_locks(world: World) -> None:
    visit, code = await signed(world)
    rao = await world.api("rao")
    late = await put(rao, visit, {"diet": "anything"}, 1)
    assert (late.status_code, late.json()["code"]) == (409, "prescription_signed")
    again = await rao.post(f"{visit}/prescription/sign")
    assert (again.status_code, again.json()["code"]) == (200, code)
    await locked_in_the_database(world, "prescriptions")
    documents = await world.sql("asha", "SELECT document FROM prescriptions")
    assert len(documents) == 1
    assert b"%PDF" not in documents[0]["document"]


async def test_only_what_was_read_is_signed(world: World) -> None:
    rao, visit = await world.api("rao"), await admitted(world)
    await put(rao, visit, RX, 0)
    stale = await rao.post(f"{visit}/prescription/sign", headers={"if-match": '"0"'})
    assert (stale.status_code, stale.json()["version"]) == (412, 1)
    assert (await rao.post(f"{visit}/prescription/sign", headers={"if-match": '"1"'})).status_code == 200


@pytest.mark.parametrize("rx", [None, {}, {"diagnosis": "Amlapitta", "diet": " "}])
async def test_an_empty_prescription_is_not_signed(world: World, rx: dict[str, str] | None) -> None:
    rao, visit = await world.api("rao"), await admitted(world)
    if rx is not None:
        await put(rao, visit, rx, 0)
    answer = await rao.post(f"{visit}/prescription/sign")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "items")


async def test_nothing_is_signed_before_the_patient_was_seen(world: World) -> None:
    rao, booked = await world.api("rao"), await world.booked()
    visit = f"/clinics/asha/appointments/{booked['id']}"
    await put(rao, visit, RX, 0)
    early = await rao.post(f"{visit}/prescription/sign")
    assert (early.status_code, early.json()["code"]) == (409, "patient_not_seen")
    await rao.post(f"{visit}/admit")
    await rao.post(f"{visit}/complete")
    assert (await rao.post(f"{visit}/prescription/sign")).status_code == 200


async def test_a_suspended_doctor_signs_nothing(world: World) -> None:
    rao, visit = await world.api("rao"), await admitted(world)
    await put(rao, visit, RX, 0)
    await world.sql(None, "UPDATE doctors SET state = 'suspended', suspended_at = now() WHERE id = $1", RAO)
    answer = await rao.post(f"{visit}/prescription/sign")
    assert (answer.status_code, answer.json()["code"]) == (403, "doctor_not_verified")


async def test_a_changed_byte_is_detected(world: World) -> None:
    visit, code = await signed(world)
    file = (await (await world.api("ananya")).get(f"{visit}/prescription.pdf")).content
    told = await verified(world, code, file)
    assert (told.matches, told.registration_no, told.council, told.clinic) == (
        True,
        "T-rao",
        "Test Council",
        "Asha Ayurveda",
    )
    assert told.sha256 == hashlib.sha256(file).hexdigest()
    middle = len(file) // 2
    assert (
        await verified(world, code, file[:middle] + bytes([file[middle] ^ 1]) + file[middle + 1 :])
    ).matches is False
    assert (await verified(world, code)).matches is None


async def test_a_code_says_nothing_about_the_patient_and_cannot_be_guessed(world: World) -> None:
    _, code = await signed(world)
    assert re.fullmatch(r"asha(-[0-9A-HJKMNP-TV-Z]{4}){4}", code)
    told = str(await verified(world, code))
    assert "Ananya" not in told
    assert "Triphala" not in told
    for spelling in (
        code.lower(),
        f"  {code} ",
        "asha-" + code[5:].replace("-", "").replace("0", "o").replace("1", "l"),
    ):
        assert (await verified(world, spelling)).code == code
    other = code[:-1] + ("A" if code[-1] != "A" else "B")
    for wrong in (other, "asha", "", "x" * 200, "asha-UUUU-UUUU-UUUU-UUUU", code.replace("asha", "nadi"), "../" + code):
        with pytest.raises(NotFound):
            await verified(world, wrong)


def test_ages_are_told_in_full_years_and_of_small_children_in_months() -> None:
    born = date(2020, 2, 29)
    assert age_words(born, date(2022, 2, 28), "en") == "23 months"
    assert age_words(born, date(2022, 3, 1), "en") == "2 years"
    assert age_words(born, date(2026, 11, 21), "hi") == "6 वर्ष"
    assert age_words(born, born, "en") == "0 months"
