from collections.abc import Iterator
from datetime import date

import msgspec

from svastha.domain.doctors.model import DEGREES, KINDS, Application, Changes, Degree
from svastha.kit import clock
from svastha.kit.db import ControlTx
from svastha.kit.i18n import N_
from svastha.kit.names import is_name
from svastha.kit.refusals import FieldError, Invalid

FIRST = date(1940, 1, 1)
MOST_DEGREES, MOST_LANGUAGES, MOST_SPECIALTIES, LONGEST_ABOUT = 6, 12, 6, 1000


async def checked(tx: ControlTx, before: Application, changes: Changes) -> Application:
    """The application with these changes. Raises Invalid, naming each field that cannot be right."""
    given = {name: value for name, value in msgspec.structs.asdict(changes).items() if value is not None}
    given.pop("no_end")
    for name in ("name", "registration_no"):
        if name in given:
            given[name] = " ".join(given[name].split())
    for name in ("languages", "specialties"):
        if name in given:
            given[name] = list(dict.fromkeys(given[name]))
    if "about" in given:
        given["about"] = given["about"].replace("\r\n", "\n").strip()
    if "degrees" in given:
        given["degrees"] = [
            Degree(one.degree, " ".join(one.university.split()), one.year, " ".join(one.subject.split()))
            for one in given["degrees"]
        ]
    after = msgspec.structs.replace(before, **given)
    if changes.no_end:
        after = msgspec.structs.replace(after, valid_to=None)
    errors = [*_errors(after), *await _unknown(tx, after)]
    if before.state != "draft":
        errors += [error for error in missing(after) if error.field not in KINDS]
    if errors:
        raise Invalid(*{error.field: error for error in reversed(errors)}.values())
    if "council_code" in given:
        name = await tx.value("SELECT name FROM councils WHERE code = :code", code=after.council_code)
        after = msgspec.structs.replace(after, council=name)
    return after


def _errors(after: Application) -> Iterator[FieldError]:
    today = clock.now().date()
    if not is_name(after.name):
        yield FieldError("name", N_("Please give your name as it is registered, at most 120 characters."))
    number = after.registration_no
    if number and (len(number) > 40 or not any(c.isascii() and c.isalnum() for c in number)):
        yield FieldError("registration_no", N_("Please give the number as it is on the certificate."))
    if after.registered_on and not FIRST <= after.registered_on <= today:
        yield FieldError("registered_on", N_("This day cannot be right."))
    if after.valid_to and not (after.registered_on or FIRST) < after.valid_to <= date(2200, 1, 1):
        yield FieldError("valid_to", N_("This must be after the day of registration."))
    if len(after.degrees) > MOST_DEGREES:
        yield FieldError("degrees", N_("At most six degrees, please."))
    for number_of, one in enumerate(after.degrees):
        field = f"degrees.{number_of}"
        if one.degree not in DEGREES or len(one.subject) > 80:
            yield FieldError(f"{field}.degree", N_("Please choose a degree."))
        if not 1 <= len(one.university) <= 160:
            yield FieldError(f"{field}.university", N_("Please name the university."))
        if not FIRST.year <= one.year <= today.year:
            yield FieldError(f"{field}.year", N_("This year cannot be right."))
    if len(after.about) > LONGEST_ABOUT:
        yield FieldError("about", N_("Please be brief: at most 1,000 characters."))


async def _unknown(tx: ControlTx, after: Application) -> list[FieldError]:
    """Codes that nobody knows."""
    errors = []
    for field, most, known in (
        ("languages", MOST_LANGUAGES, "SELECT code FROM languages"),
        ("specialties", MOST_SPECIALTIES, "SELECT code FROM specialties"),
    ):
        codes: list[str] = getattr(after, field)
        strange = len(codes) > most or await tx.value(
            f"SELECT EXISTS (SELECT unnest(:codes::text[]) EXCEPT {known})", codes=codes[: most + 1]
        )
        if strange:
            errors.append(FieldError(field, N_("Please choose from the list.")))
    if after.council_code and not await tx.value(
        "SELECT EXISTS (SELECT FROM councils WHERE code = :code)", code=after.council_code
    ):
        errors.append(FieldError("council_code", N_("Please choose from the list.")))
    return errors


def missing(one: Application) -> list[FieldError]:
    """What has to be there before somebody can look at it."""
    there = {document.kind for document in one.documents if document.replaced_at is None}
    wanted = {
        "name": (one.name, N_("Please give your name as it is registered, at most 120 characters.")),
        "gender": (one.gender, N_("Please choose.")),
        "languages": (one.languages, N_("Please choose at least one language.")),
        "council_code": (one.council, N_("Please choose your council.")),
        "registration_no": (one.registration_no, N_("Please give the number as it is on the certificate.")),
        "registered_on": (one.registered_on or one.verified_at, N_("Please give the day of registration.")),
        "degrees": (one.degrees or one.verified_at, N_("Please give at least one degree.")),
        "specialties": (one.specialties, N_("Please choose at least one specialty.")),
        "registration": ("registration" in there, N_("Please upload your registration certificate.")),
        "degree": ("degree" in there, N_("Please upload your degree certificate.")),
        "identity": ("identity" in there, N_("Please upload a proof of identity.")),
    }
    return [FieldError(field, words) for field, (value, words) in wanted.items() if not value]
