from contextvars import ContextVar
from uuid import UUID

from svastha.kit.db import Batch, Tx
from svastha.kit.ids import uuid7

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

ENTRIES = Batch(
    "INSERT INTO audit_entries (id, account_id, action, subject_kind, subject_id, why, request_id)"
    " SELECT id, account_id, action, subject_kind, subject_id, why, request_id FROM jsonb_to_recordset(:rows)"
    " AS r(id uuid, account_id uuid, action text, subject_kind text, subject_id text, why text, request_id text)"
)


def note(tx: Tx, who: UUID | None, action: str, kind: str, subject: UUID | str, *, why: str | None = None) -> None:
    """Written with the act itself. ``action`` is a verb such as ``read``; never put what was read in ``why``."""
    tx.write_at_the_door(
        ENTRIES,
        id=uuid7(),
        account_id=who,
        action=action,
        subject_kind=kind,
        subject_id=str(subject),
        why=why,
        request_id=request_id.get(),
    )
