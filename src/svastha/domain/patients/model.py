from datetime import date
from uuid import UUID

import msgspec


class Patient(msgspec.Struct, frozen=True):
    id: UUID
    account_id: UUID | None
    name: str
    email: str
    locale: str
    zone: str
    birth_date: date | None
    sex: str | None
    city: str


COLUMNS = "id, account_id, name, email, locale, zone, birth_date, sex, city"
