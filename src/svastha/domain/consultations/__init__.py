"""What happens between admitting a patient and the end of her visit: the note, the call, its chat and its log.

Owns: notes, chat_lines, call_log.
Announces: nothing of its own; admitting and completing are steps of the appointment.
"""

from svastha.domain.consultations.admission import admission, still_admitted
from svastha.domain.consultations.admit import admit
from svastha.domain.consultations.chat import chat, chat_of, say
from svastha.domain.consultations.complete import complete
from svastha.domain.consultations.log import log, log_of
from svastha.domain.consultations.model import (
    SEALED,
    Admission,
    ChatLine,
    LogLine,
    NotAdmitted,
    Note,
    NoteChanged,
    NoteFields,
    NoteSigned,
    Who,
)
from svastha.domain.consultations.read_note import for_record, read_note
from svastha.domain.consultations.save_note import save_note
from svastha.domain.consultations.sign_note import sign_note

__all__ = [
    "SEALED",
    "Admission",
    "ChatLine",
    "LogLine",
    "NotAdmitted",
    "Note",
    "NoteChanged",
    "NoteFields",
    "NoteSigned",
    "Who",
    "admission",
    "admit",
    "chat",
    "chat_of",
    "complete",
    "for_record",
    "log",
    "log_of",
    "read_note",
    "save_note",
    "say",
    "sign_note",
    "still_admitted",
]
