"""From what was written to what stands on the sheet: codes become words, a birth date an age."""

from datetime import date, datetime

from svastha.domain.appointments import Visit
from svastha.domain.clinics import ClinicCard
from svastha.domain.doctors import Doctor
from svastha.domain.prescriptions.model import Rx, RxItem
from svastha.domain.prescriptions.render import (
    MODES,
    PrintedClinic,
    PrintedDoctor,
    PrintedItem,
    PrintedPatient,
    PrintedPrescription,
    moment,
)
from svastha.domain.prescriptions.terms import Lang, labels

YEARS: dict[Lang, str] = {"en": "{} years", "hi": "{} वर्ष"}
MONTHS: dict[Lang, str] = {"en": "{} months", "hi": "{} माह"}
SEXES: dict[Lang, dict[str, str]] = {
    "en": {"female": "Female", "male": "Male", "other": "Other"},
    "hi": {"female": "महिला", "male": "पुरुष", "other": "अन्य"},
}


def on_paper(
    visit: Visit,
    rx: Rx,
    *,
    doctor: Doctor,
    clinic: ClinicCard,
    lang: Lang,
    code: str,
    verify_url: str,
    signed_at: datetime,
) -> PrintedPrescription:
    """``signed_at`` is in the zone of the clinic."""
    age = age_words(visit.birth_date, signed_at.date(), lang) if visit.birth_date else ""
    return PrintedPrescription(
        lang=lang,
        clinic=PrintedClinic(clinic.name, f"{clinic.address}, {clinic.city}, {clinic.state}", clinic.phone),
        doctor=PrintedDoctor(doctor.name, doctor.qualifications, doctor.council, doctor.registration_no),
        patient=PrintedPatient(visit.appointment.patient_name, age, SEXES[lang].get(visit.sex or "", "")),
        issued_at_text=moment(signed_at, lang),
        mode_text=MODES[lang][visit.appointment.mode],
        items=tuple(_item(item, lang) for item in rx.items),
        code=code,
        verify_url=verify_url,
        signed_at=signed_at,
        diagnosis=rx.diagnosis,
        diet=rx.diet,
        advice=rx.advice,
        follow_up=rx.follow_up,
    )


def _item(item: RxItem, lang: Lang) -> PrintedItem:
    known = labels(lang)
    return PrintedItem(
        item.medicine,
        known.form.get(item.form, item.form),
        item.dose,
        known.kala.get(item.kala, item.kala),
        known.anupana.get(item.anupana, item.anupana),
        str(item.days) if item.days else "",
        item.instructions,
    )


def age_words(born: date, on: date, lang: Lang) -> str:
    """Full years; for a child under two full months."""
    months = (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)
    return YEARS[lang].format(months // 12) if months >= 24 else MONTHS[lang].format(max(0, months))
