"""Put a prescription on paper: a PDF in English or Hindi, the same bytes for the same prescription."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from babel.dates import format_datetime

from svastha.domain.prescriptions.terms import Lang
from svastha.kit import pdf

TEMPLATE = Path(__file__).with_name("prescription.typ").read_bytes()

WORDS: dict[Lang, dict[str, Any]] = {
    "en": {
        "title": "Prescription",
        "registration": "Reg. no.",
        "patient": "Patient",
        "age": "Age",
        "sex": "Sex",
        "diagnosis": "Diagnosis",
        "columns": ["No.", "Medicine", "Dose", "When to take", "Take with", "Days"],
        "diet": "Diet",
        "advice": "Advice",
        "follow_up": "Follow-up",
        "signed": "Signed electronically by",
        "check": "Check that this document is genuine:",
        "document": "Document",
        "page": "Page {0} of {1}",
    },
    "hi": {
        "title": "औषधि पर्चा",
        "registration": "पंजीकरण सं.",
        "patient": "रोगी",
        "age": "आयु",
        "sex": "लिंग",
        "diagnosis": "निदान",
        "columns": ["क्र.", "औषधि", "मात्रा", "कब लें", "अनुपान", "दिन"],
        "diet": "पथ्य",
        "advice": "सलाह",
        "follow_up": "अगला परामर्श",
        "signed": "इलेक्ट्रॉनिक हस्ताक्षर",
        "check": "जाँचें कि यह दस्तावेज़ असली है:",
        "document": "दस्तावेज़",
        "page": "पृष्ठ {0} / {1}",
    },
}

MODES: dict[Lang, dict[str, str]] = {
    "en": {
        "video": "Issued on teleconsultation",
        "in_person": "Issued at the clinic",
        "home_visit": "Issued on a home visit",
    },
    "hi": {
        "video": "दूर-परामर्श (टेलीकंसल्टेशन) पर जारी",
        "in_person": "क्लिनिक में जारी",
        "home_visit": "घर पर परामर्श के बाद जारी",
    },
}


class PrintedClinic(msgspec.Struct, frozen=True):
    name: str
    address: str
    phone: str = ""


class PrintedDoctor(msgspec.Struct, frozen=True):
    name: str
    qualifications: str
    council: str
    registration_no: str


class PrintedPatient(msgspec.Struct, frozen=True):
    name: str
    age_text: str
    sex_text: str


class PrintedItem(msgspec.Struct, frozen=True):
    """One medicine, every field as the patient reads it (codes already turned to text); only the name is required."""

    medicine: str
    form: str = ""
    dose: str = ""
    kala: str = ""
    anupana: str = ""
    days: str = ""
    instructions: str = ""


class PrintedPrescription(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on the sheet. `signed_at` is aware and is printed in its own zone; an empty text is left out."""

    lang: Lang
    clinic: PrintedClinic
    doctor: PrintedDoctor
    patient: PrintedPatient
    issued_at_text: str
    mode_text: str
    items: tuple[PrintedItem, ...]
    code: str
    verify_url: str
    signed_at: datetime
    diagnosis: str = ""
    diet: str = ""
    advice: str = ""
    follow_up: str = ""


def render(data: PrintedPrescription) -> bytes:
    """The signed sheet as PDF/A-2b. 10 to 20 ms of processor time: call it off the event loop."""
    return pdf.typeset(TEMPLATE, sheet(data), at=data.signed_at)


def sheet(data: PrintedPrescription) -> dict[str, Any]:
    """What the template is given: the prescription, the fixed words of its language and its QR code."""
    return {
        **msgspec.to_builtins(data),
        "words": WORDS[data.lang],
        "qr": pdf.qr(data.verify_url, dark="#1b2520", quiet=0),
        "signed_text": moment(data.signed_at, data.lang),
    }


def moment(at: datetime, lang: Lang) -> str:
    """An aware time with the name of its own zone: "21 November 2026, 2:05 pm, India Time"."""
    zone = "VVVV" if isinstance(at.tzinfo, ZoneInfo) else "zzzz"  # a bare offset has no place to be named after
    return format_datetime(at, f"d MMMM y, h:mm a, {zone}", tzinfo=at.tzinfo, locale=f"{lang}_IN")
