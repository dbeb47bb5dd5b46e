"""The whole record of a patient at a clinic, and the glass before it.

A doctor who cares for her reads it; anybody else breaks the glass: with a reason, for an hour, told to whoever runs the
clinic, and reviewed by somebody else.

Owns: openings.
Announces: GlassBroken.
"""

from svastha.domain.records.access import RecordClosed, record_of
from svastha.domain.records.break_glass import break_glass
from svastha.domain.records.find import Found, find
from svastha.domain.records.model import SEALED, Entry, GlassBroken, Opening, Record
from svastha.domain.records.own import own_record
from svastha.domain.records.review import openings, review

__all__ = [
    "SEALED",
    "Entry",
    "Found",
    "GlassBroken",
    "Opening",
    "Record",
    "RecordClosed",
    "break_glass",
    "find",
    "openings",
    "own_record",
    "record_of",
    "review",
]
