from datetime import datetime
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.records.model import Opening
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.refusals import Conflict, FieldError, Forbidden, Invalid, NotFound

VERDICTS = ("in_order", "not_in_order")


class OwnOpening(Forbidden):
    code = "own_opening"
    says = N_("Somebody else has to review what you opened yourself.")


class ReviewedAlready(Conflict):
    code = "reviewed_already"
    says = N_("This was reviewed meanwhile.")


class _Row(msgspec.Struct, frozen=True):
    id: UUID
    patient_id: UUID
    patient_name: str
    account_id: UUID
    account_name: str
    reason: bytes
    opened_at: datetime
    open_until: datetime
    reviewed_at: datetime | None
    reviewer_name: str | None
    verdict: str | None
    remark: bytes | None


_ROWS = """
    SELECT o.id, o.patient_id, p.name AS patient_name, o.account_id, o.account_name, o.reason, o.opened_at,
        o.open_until, o.reviewed_at, o.reviewer_name, o.verdict, o.remark
    FROM openings o JOIN patients p ON p.id = o.patient_id
"""


async def openings(tx: ClinicTx, actor: Actor, *, most: int = 100) -> list[Opening]:
    """Those that wait for a review first, then the latest."""
    if not actor.may("record.review", tx.clinic.id):
        raise NotFound
    rows = await tx.all(_Row, f"{_ROWS} ORDER BY o.reviewed_at IS NOT NULL, o.opened_at DESC LIMIT :most", most=most)
    if rows:
        audit.note(tx, actor.account_id, "read", "openings", tx.clinic.slug, people={row.patient_id for row in rows})
    return [_shown(tx, row) for row in rows]


async def review(tx: ClinicTx, actor: Actor, opening_id: UUID, *, verdict: str, remark: str = "") -> None:
    """Was it right to open? ``not_in_order`` closes it at once and needs a remark."""
    if not actor.may("record.review", tx.clinic.id):
        raise NotFound
    if verdict not in VERDICTS:
        raise Invalid(FieldError("verdict", N_("Choose one of the two.")))
    remark = remark.strip()
    if verdict == "not_in_order" and not remark:
        raise Invalid(FieldError("remark", N_("Say what was not in order.")))
    if len(remark) > 1000 or "\x00" in remark:
        raise Invalid(FieldError("remark", N_("Use at most 1,000 characters.")))
    row = await tx.maybe(_Row, f"{_ROWS} WHERE o.id = :id FOR UPDATE OF o", id=opening_id)
    if row is None:
        raise NotFound
    if row.account_id == actor.account_id:
        raise OwnOpening
    if row.reviewed_at is not None:
        raise ReviewedAlready
    await tx.run(
        "UPDATE openings SET reviewed_at = now(), reviewed_by = :by, reviewer_name = :name, verdict = :verdict,"
        " remark = :remark WHERE id = :id",
        id=opening_id,
        by=actor.account_id,
        name=actor.name,
        verdict=verdict,
        remark=tx.vault.seal("openings", "remark", opening_id, remark.encode()) if remark else None,
    )
    audit.note(
        tx, actor.account_id, "review", "opening", opening_id, whose=row.patient_id, why=verdict.replace("_", " ")
    )


def _shown(tx: ClinicTx, row: _Row) -> Opening:
    return Opening(
        row.id,
        row.patient_id,
        row.patient_name,
        row.account_id,
        row.account_name,
        tx.vault.open("openings", "reason", row.id, row.reason).decode(),
        row.opened_at,
        row.open_until,
        row.reviewed_at,
        row.reviewer_name,
        row.verdict,
        tx.vault.open("openings", "remark", row.id, row.remark).decode() if row.remark else "",
    )
