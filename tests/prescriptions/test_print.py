import hashlib
import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import cv2
import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PageObject, PdfReader
from pypdf.generic import ContentStream

from svastha.domain.prescriptions.render import (
    MODES,
    TEMPLATE,
    WORDS,
    PrintedClinic,
    PrintedDoctor,
    PrintedItem,
    PrintedPatient,
    PrintedPrescription,
    moment,
    render,
    sheet,
)
from svastha.domain.prescriptions.terms import ANUPANA, FORMS, KALA, Lang, labels
from svastha.kit import pdf

SIGNED = datetime(2026, 11, 21, 14, 5, tzinfo=ZoneInfo("Asia/Kolkata"))
URL = "https://asha.svastha.example/verify/7K3MQ9TDX4PW2H8N"


def prescription(lang: Lang = "en", **changes: Any) -> PrintedPrescription:
    of = labels(lang)
    usual = PrintedPrescription(
        lang=lang,
        clinic=PrintedClinic("Asha Ayurveda Clinic", "14 Tilak Marg, Pune 411004", "+91 20 5550 0142"),
        doctor=PrintedDoctor("Vaidya Meera Kulkarni", "BAMS, MD (Kayachikitsa)", "Test Council", "I-48213-A1"),
        patient=PrintedPatient("Rohan Deshpande", "42 years", "Male"),
        issued_at_text=moment(SIGNED, lang),
        mode_text=MODES[lang]["video"],
        diagnosis="Amlapitta; कटिशूल",
        items=(
            PrintedItem(
                medicine="अविपत्तिकर चूर्ण",
                form=of.form["CHURNA"],
                dose="3 g",
                kala=of.kala["PRAGBHAKTA"],
                anupana=of.anupana["USHNODAKA"],
                days="15",
                instructions="Before the कटि स्नान.",
            ),
            PrintedItem(medicine="Triphala (त्रिफला चूर्ण)", kala=of.kala["NISHI"], days="30"),
        ),
        diet="Old rice, moong dal.\nNo sour curd.",
        advice="Walk each morning.",
        follow_up="After 15 days.",
        code="RX-7K3M-Q9TD",
        verify_url=URL,
        signed_at=SIGNED,
    )
    return msgspec.structs.replace(usual, **changes)


def bare(items: tuple[PrintedItem, ...]) -> PrintedPrescription:
    """Nothing that may be left out."""
    return prescription(items=items, diagnosis="", diet="", advice="", follow_up="", mode_text="")


def pages(data: PrintedPrescription) -> list[PageObject]:
    return list(PdfReader(io.BytesIO(render(data))).pages)


def copied(page: PageObject) -> str:
    """The text a reader would copy from the page, without its spaces.

    pypdf's own extraction ignores /ActualText, which is where PDF says what a shaped group of letters spells.
    """
    fonts = {name: _letters(font) for name, font in page["/Resources"].get("/Font", {}).items()}  # type: ignore[attr-defined]
    letters: dict[int, str] = {}
    spans: list[str | None] = []
    text = ""
    for operands, operator in ContentStream(page.get_contents(), page.pdf).operations:
        if operator == b"Tf":
            letters = fonts[operands[0]]
        elif operator == b"BDC":
            spelt = operands[1].get("/ActualText") if isinstance(operands[1], dict) else None
            text += spelt or ""
            spans.append(spelt)
        elif operator == b"EMC":
            spans.pop()
        elif operator in (b"Tj", b"TJ") and not any(spans):
            for part in operands[0] if operator == b"TJ" else operands:
                if isinstance(part, bytes | str):
                    raw = part if isinstance(part, bytes) else part.original_bytes  # type: ignore[attr-defined]
                    text += "".join(letters.get(n, "") for n in np.frombuffer(raw, ">u2"))
    return squeezed(text)


def _letters(font: Any) -> dict[int, str]:
    table = font["/ToUnicode"].get_data().decode()
    singles = re.findall(r"^<(\w{4})> <(\w+)>$", table.split("endcodespacerange")[1], re.M)
    assert "beginbfrange" not in table
    return {int(glyph, 16): bytes.fromhex(signs).decode("utf-16-be") for glyph, signs in singles}


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b]", "", text)


def shows(data: PrintedPrescription, *texts: str) -> None:
    found = "".join(map(copied, pages(data)))
    assert [text for text in texts if squeezed(text) not in found] == []


@pytest.mark.parametrize("lang", ["en", "hi"])
def test_everything_the_guidelines_ask_for_is_on_the_sheet(lang: Lang) -> None:
    data = prescription(lang)
    words = [word for word in WORDS[lang].values() if isinstance(word, str) and "{" not in word]
    fields = {**msgspec.to_builtins(data), "lang": "", "signed_at": moment(SIGNED, lang)}
    values = [text for text in _texts(fields) if text]
    shows(data, *words, *WORDS[lang]["columns"], *values)


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        value = list(value.values())
    return [value] if isinstance(value, str) else [text for part in value for text in _texts(part)]


def test_devanagari_can_be_copied_as_it_was_typed() -> None:
    medicines = [
        "कटि स्नान",
        "त्रिफला चूर्ण",
        "अविपत्तिकर चूर्ण",
        "श्वासकुठार रस",
        "द्राक्षारिष्ट",
        "हिंग्वाष्टक",
        "मुक्ता पिष्टी",
        "क्षार",
    ]
    shows(bare(tuple(map(PrintedItem, medicines))), *medicines)


@pytest.mark.parametrize(
    "text", ["காயத்திருமேனி", "ധാന്വന്തരം", "চ্যবনপ্রাশ", "ત્રિફળા", "ਤ੍ਰਿਫਲਾ", "ತ್ರಿಫಲಾ", "ତ୍ରିଫଳା", "త్రిఫల", "≤ 5 → ½ ₹"]
)
def test_names_in_the_scripts_of_india_are_printed(text: str) -> None:
    data = prescription(patient=PrintedPatient(text, "42", "M"))
    shows(data, text)
    assert b"pdfaid" in render(data)


@pytest.mark.parametrize(
    "text",
    [
        "#panic()",
        '#read("/etc/passwd")',
        "*a* _b_ `c`",
        "$x^2$",
        "\\",
        "\\u{41}",
        "= a - b // c /* d */",
        "<a> @b",
        '"',
        "~ -- ...",
    ],
)
def test_markup_is_printed_as_it_was_typed(text: str) -> None:
    item = PrintedItem(*[text] * 7)
    data = prescription(patient=PrintedPatient(text, text, text), items=(item,), diagnosis=text, diet=text, code=text)
    assert sum(copied(page).count(squeezed(text)) for page in pages(data)) >= 12


def test_signs_nobody_can_see_are_dropped() -> None:
    data = prescription(patient=PrintedPatient("Ro\x00h\u202ean\u00ad \x1bDesh\tpande", "42", "M"))
    shows(data, "Rohan Desh pande")


def test_a_sign_no_font_has_costs_the_archival_mark_but_not_the_document() -> None:
    data = prescription(advice="Get well 🙂 soon")
    shows(data, "Get well", "soon")
    assert b"pdfaid" not in render(data)


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_can_be_printed(name: str, advice: str) -> None:
    assert render(prescription(patient=PrintedPatient(name, name, ""), items=(PrintedItem(name),), advice=advice))


@pytest.mark.parametrize("word", ["W" * 300, "त्रिफला" * 40])
def test_a_word_without_end_stays_inside_the_margins(word: str) -> None:
    data = prescription(patient=PrintedPatient(word, "42", "M"), items=(PrintedItem(*[word] * 7),), diet=word)
    shows(data, word)
    for page in _pictures(data):
        margin = page.shape[1] * 15 // 210
        assert page[:, -margin:].min() == 255


def test_what_is_not_given_leaves_no_trace() -> None:
    text = copied(pages(bare((PrintedItem("Brahmi"),)))[0])
    for name in ("diagnosis", "diet", "advice", "follow_up"):
        assert WORDS["en"][name] not in text


def test_advice_alone_needs_no_table() -> None:
    text = copied(pages(prescription(items=()))[0])
    assert "Walkeachmorning." in text
    assert "Medicine" not in text


def test_forty_medicines_flow_over_pages() -> None:
    items = tuple(PrintedItem(f"medicine-{i};", instructions="As told.") for i in range(1, 41))
    texts = list(map(copied, pages(prescription(items=items))))
    assert len(texts) > 1
    for number, text in enumerate(texts, 1):
        assert "No.MedicineDose" in text
        assert f"Page{number}of{len(texts)}" in text
        assert "RX-7K3M-Q9TD" in text
        assert "RohanDeshpande" in text
    assert re.findall(r"medicine-(\d+);", "".join(texts)) == [str(i) for i in range(1, 41)]
    assert [WORDS["en"]["check"].replace(" ", "") in text for text in texts] == [False] * (len(texts) - 1) + [True]


@pytest.mark.parametrize("count", range(12, 26))
def test_the_signature_is_never_alone_on_a_sheet(count: int) -> None:
    items = tuple(PrintedItem(f"medicine-{i};", form="Tablet") for i in range(1, count + 1))
    assert f"medicine-{count};" in copied(pages(bare(items))[-1])
    assert "After15days." in copied(pages(prescription(items=items))[-1])


def test_the_same_prescription_is_the_same_file() -> None:
    data = prescription()
    with ThreadPoolExecutor(4) as threads:
        prints = {hashlib.sha256(file).hexdigest() for file in threads.map(render, [data] * 12)}
    assert len(prints) == 1
    assert hashlib.sha256(render(prescription(follow_up="After 16 days."))).hexdigest() not in prints


def test_the_file_says_what_it_is_but_not_for_whom() -> None:
    data = prescription("hi")
    file = PdfReader(io.BytesIO(render(data)))
    assert file.metadata is not None
    assert file.metadata.title == "औषधि पर्चा RX-7K3M-Q9TD"
    assert file.metadata.creation_date == SIGNED
    assert str(file.root_object["/Lang"]) == "hi-IN"
    about = file.root_object["/Metadata"].get_data().decode()  # type: ignore[attr-defined]
    assert "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>" in about
    assert "Rohan" not in about + str(dict(file.metadata))


def test_only_the_shipped_fonts_are_used() -> None:
    fonts = pages(prescription())[0]["/Resources"]["/Font"].values()  # type: ignore[index]
    assert {font["/BaseFont"].split("+")[1].split("-")[0] for font in fonts} == {"NotoSans", "NotoSansDevanagari"}
    assert "SIL OPEN FONT LICENSE" in (pdf.FONTS / "OFL.txt").read_text()


@pytest.mark.parametrize("url", [URL, "https://svastha.example/c/asha-ayurveda-pune/verify/" + "7K3MQ9TDX4PW2H8N" * 2])
def test_the_qr_code_leads_to_the_verification_page(url: str) -> None:
    page = _pictures(prescription(verify_url=url))[-1]
    found, _, _ = cv2.QRCodeDetector().detectAndDecode(page)
    assert found == url
    links = [note.get_object()["/A"]["/URI"] for note in pages(prescription(verify_url=url))[0]["/Annots"]]  # type: ignore[attr-defined]
    assert set(links) == {url}


def _pictures(data: PrintedPrescription) -> list[np.ndarray[Any, Any]]:
    pngs = pdf.pictures(TEMPLATE, sheet(data), at=data.signed_at)
    found = [cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE) for png in pngs]
    return [page for page in found if page is not None]


@pytest.mark.parametrize("terms", [KALA, ANUPANA, FORMS])
def test_every_term_has_its_own_code_and_all_its_names(terms: tuple[Any, ...]) -> None:
    assert len({term.code for term in terms}) == len(terms)
    assert all(re.fullmatch(r"[A-Z_]+", term.code) and term.en and term.iast for term in terms)
    assert all(re.search(r"[\u0900-\u097f]", term.hi) for term in terms)


def test_labels_turn_codes_into_words_of_one_language() -> None:
    assert len(labels("en").kala) == 11
    assert labels("en").kala["NISHI"] == "At bedtime"
    assert labels("hi").kala["NISHI"] == "रात को सोते समय"
    assert labels("hi").anupana["MADHU"] == "शहद"
    assert labels("en").form["VATI"] == "Tablet (vati)"


def test_moments_name_their_zone() -> None:
    assert moment(SIGNED, "en") == "21 November 2026, 2:05 pm, India Time"
    assert moment(SIGNED, "hi") == "21 नवंबर 2026, 2:05 pm, भारत समय"
    assert moment(SIGNED.astimezone(UTC), "en") == "21 November 2026, 8:35 am, Coordinated Universal Time"
