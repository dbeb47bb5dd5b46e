from datetime import date
from uuid import UUID

import msgspec


class Patient(msgspec.Struct, frozen=True):
    """``mine``: whoever asks is the patient, or acts for her."""

    id: UUID
    account_id: UUID | None
    name: str
    email: str
    locale: str
    zone: str
    birth_date: date | None
    sex: str | None
    city: str
    mine: bool


COLUMNS = "id, account_id, name, email, locale, zone, birth_date, sex, city"
