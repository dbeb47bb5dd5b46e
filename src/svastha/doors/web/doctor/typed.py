"""What a doctor typed into the note and the prescription, from form fields and back to them."""

import re
from collections.abc import Mapping

import msgspec

from svastha.domain.consultations import NoteFields
from svastha.domain.prescriptions import Rx, RxItem
from svastha.kit.i18n import N_

ROW = re.compile(r"rx-(\d{1,4})-(medicine|form|dose|kala|anupana|days|instructions)")
REST = ("diagnosis", "diet", "advice", "follow_up")

# How a field is called where two versions of it are compared.
NAMES = {
    "subjective": N_("Subjective"),
    "objective": N_("Objective"),
    "jihva": N_("Jihva (tongue)"),
    "agni": N_("Agni (digestion)"),
    "mala": N_("Mala (stool)"),
    "nadi": N_("Nadi (pulse)"),
    "assessment": N_("Assessment"),
    "plan": N_("Plan"),
    "medicine": N_("Medicine"),
    "form": N_("Form"),
    "dose": N_("Dose"),
    "kala": N_("When to take"),
    "anupana": N_("Take with"),
    "days": N_("Days"),
    "instructions": N_("Instructions"),
    "diagnosis": N_("Diagnosis"),
    "diet": N_("Diet and daily routine"),
    "advice": N_("Advice"),
    "follow_up": N_("Follow-up"),
}


class Difference(msgspec.Struct, frozen=True):
    """A field of which two windows hold different texts; ``row`` counts from 1 where there are several."""

    name: str
    row: int | None
    theirs: str
    mine: str


def note_of(form: Mapping[str, str]) -> NoteFields:
    return NoteFields(**{name: _plain(form.get(name, "")) for name in NoteFields.__struct_fields__})


def rx_of(form: Mapping[str, str]) -> Rx:
    """Rows in which nothing was typed are none; days that are no number become -1, which nobody accepts."""
    rows: dict[int, dict[str, str]] = {}
    for name, value in form.items():
        row = ROW.fullmatch(name)
        if row:
            rows.setdefault(int(row[1]), {})[row[2]] = _plain(value).strip()
    items = [_item(rows[n]) for n in sorted(rows) if any(rows[n].values())]
    return Rx(tuple(items), **{name: _plain(form.get(name, "")) for name in REST})


def _item(row: dict[str, str]) -> RxItem:
    days = row.pop("days", "")
    return RxItem(**row, days=int(days or 0) if (days or "0").isdecimal() and len(days) < 6 else -1)


def fields_of(written: NoteFields | Rx) -> dict[str, str]:
    """By the names of the form."""
    if isinstance(written, NoteFields):
        return {name: getattr(written, name) for name in NoteFields.__struct_fields__}
    found = {}
    for n, item in enumerate(written.items):
        for name, value in msgspec.structs.asdict(item).items():
            found[f"rx-{n}-{name}"] = str(value or "")
    return found | {name: getattr(written, name) for name in REST}


def differences(theirs: Mapping[str, str], mine: Mapping[str, str]) -> list[Difference]:
    found = []
    for name in dict.fromkeys([*theirs, *mine]):
        one, other = theirs.get(name, ""), mine.get(name, "")
        if one != other:
            row = ROW.fullmatch(name)
            found.append(Difference(row[2] if row else name, int(row[1]) + 1 if row else None, one, other))
    return found


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n")
