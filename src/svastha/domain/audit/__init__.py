"""What was done, by whom, to whose record.

Owns: audit_entries, audit_seals, audit_leaves, audit_anchors (in both kinds of database), sealing_keys.
Announces: nothing.
"""

from svastha.domain.audit.anchor import Anchor, anchor, last_anchor
from svastha.domain.audit.model import CONTROL, Entry, Seal
from svastha.domain.audit.note import note, note_refused
from svastha.domain.audit.records import Head, Record, records
from svastha.domain.audit.seal import MOST, seal
from svastha.domain.audit.search import (
    Person,
    Wish,
    patients_like,
    patients_named,
    search,
    seen,
    staff,
    staff_like,
)
from svastha.domain.audit.signer import PublicKey, Signer, public_keys, signer
from svastha.domain.audit.verify import Problem, Verifier
from svastha.kit.sealed import Sealed

SEALED = (Sealed("sealing_keys", "sealed", kind="text"),)

__all__ = [
    "CONTROL",
    "MOST",
    "SEALED",
    "Anchor",
    "Entry",
    "Head",
    "Person",
    "Problem",
    "PublicKey",
    "Record",
    "Seal",
    "Signer",
    "Verifier",
    "Wish",
    "anchor",
    "last_anchor",
    "note",
    "note_refused",
    "patients_like",
    "patients_named",
    "public_keys",
    "records",
    "seal",
    "search",
    "seen",
    "signer",
    "staff",
    "staff_like",
]
