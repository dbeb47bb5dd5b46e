from collections.abc import Iterable
from uuid import UUID

from svastha.kit.caller import caller
from svastha.kit.db import Batch, ControlTx, Tx
from svastha.kit.ids import uuid7

ENTRIES = Batch(
    "INSERT INTO audit_entries"
    " (id, account_id, whose, people, action, subject_kind, subject_id, why, came_from, device, request_id)"
    " SELECT id, account_id, whose, people, action, subject_kind, subject_id, why, came_from, device, request_id"
    " FROM jsonb_to_recordset(:rows) AS r(id uuid, account_id uuid, whose uuid, people uuid[], action text,"
    " subject_kind text, subject_id text, why text, came_from text, device text, request_id text)"
)


def note(
    tx: Tx,
    who: UUID | None,
    action: str,
    kind: str,
    subject: UUID | str,
    *,
    why: str | None = None,
    whose: UUID | None = None,
    people: Iterable[UUID] = (),
) -> None:
    """Written with the act itself. ``action`` is a verb such as ``read``; never put what was read in ``why``.

    ``who`` is the account that acts; ``whose`` the person the record is about: in a clinic's database the patient, in
    the control database the account. ``people``: all who stand in a list that was read, each once.
    """
    called = caller.get()
    tx.write_at_the_door(
        ENTRIES,
        id=uuid7(),
        account_id=who,
        whose=subject if whose is None and kind == "account" and isinstance(subject, UUID) else whose,
        people=sorted(set(people)) or None,
        action=action,
        subject_kind=kind,
        subject_id=str(subject),
        why=why,
        came_from=called.address,
        device=called.device,
        request_id=called.request_id,
    )


def note_refused(tx: ControlTx, actor_id: UUID, what: str, where: str) -> None:
    """Somebody tried a door that is not hers. ``what``: the permission it needs; ``where``: the route, without ids."""
    note(tx, actor_id, "refused", "permission", what, why=where)
