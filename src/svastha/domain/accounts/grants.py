"""Who gets which role from whom. What ended is in the audit, with who ended it; the table holds what is and will be."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts.actor import Actor
from svastha.domain.accounts.permissions import OF_PLATFORM, ROLES, may_appoint
from svastha.domain.accounts.sessions import forget, shorten
from svastha.kit.clock import now
from svastha.kit.db import ControlTx
from svastha.kit.i18n import N_
from svastha.kit.ids import uuid7
from svastha.kit.outbox import announce
from svastha.kit.refusals import Conflict, FieldError, Forbidden, Invalid, NotFound

RUNS = {True: "clinic_admin", False: "platform_admin"}  # at a clinic, or not
LONGEST = timedelta(days=50 * 365)
OPEN = "a.suspended_at IS NULL AND a.closed_at IS NULL"
IN_EFFECT = "g.valid_from <= now() AND (g.valid_until IS NULL OR g.valid_until > now())"


class RoleGiven(msgspec.Struct, frozen=True):
    """Somebody works at a clinic in this role from now on; without a clinic, for the platform. She is told."""

    account_id: UUID
    role: str
    clinic_id: UUID | None


class RoleTaken(msgspec.Struct, frozen=True):
    account_id: UUID
    role: str
    clinic_id: UUID | None


class NotYourself(Forbidden):
    code = "not_yourself"
    says = N_("Nobody gives a role to herself. Please ask somebody else who may.")


class AboveYourOwn(Forbidden):
    code = "above_your_own"
    says = N_("Your own role does not allow you to give or take this one.")


class LastAdmin(Conflict):
    code = "last_admin"
    says = N_("Somebody has to be in charge here. Appoint another person to it first.")


class BeforeItBegins(Invalid):
    def __init__(self) -> None:
        super().__init__(FieldError("until", N_("This is before it begins.")))


class Standing(msgspec.Struct, frozen=True):
    """A grant somebody holds at this moment."""

    role: str
    clinic_id: UUID | None
    until: datetime | None


async def grant(tx: ControlTx, account_id: UUID, role: str, *, clinic_id: UUID | None, by: UUID | None) -> None:
    """Give a role, once. ``by`` is nobody only where the house itself grants, such as at its founding."""
    await tx.run(
        "INSERT INTO grants (id, account_id, role, clinic_id, granted_by)"
        " VALUES (:id, :account_id, :role, :clinic_id, :by)"
        " ON CONFLICT ON CONSTRAINT one_grant_per_role DO NOTHING",
        id=uuid7(),
        account_id=account_id,
        role=role,
        clinic_id=clinic_id,
        by=by,
    )
    audit.note(tx, by, f"grant {role}", "account", account_id)


async def appoint(
    tx: ControlTx,
    actor: Actor,
    account_id: UUID,
    role: str,
    clinic_id: UUID | None,
    *,
    from_at: datetime | None = None,
    until: datetime | None = None,
) -> None:
    """Give a role, or change from when until when it is held. None: from now, without end.

    Whoever does not work there yet is invited first; only the platform appoints anybody. Raises Invalid, NotYourself,
    AboveYourOwn, LastAdmin, NotFound.
    """
    if not actor.is_a("platform_admin") and not await _works_at(tx, account_id, clinic_id):
        raise NotFound
    await give(tx, actor.account_id, account_id, role, clinic_id, from_at=from_at, until=until)
    announce(tx, RoleGiven(account_id, role, clinic_id))


async def _works_at(tx: ControlTx, account_id: UUID, clinic_id: UUID | None) -> bool:
    return bool(
        await tx.value(
            "SELECT 1 FROM grants WHERE account_id = :account_id AND clinic_id = :clinic_id"
            " AND (valid_until IS NULL OR valid_until > now()) LIMIT 1",
            account_id=account_id,
            clinic_id=clinic_id,
        )
    )


async def give(
    tx: ControlTx,
    by: UUID,
    account_id: UUID,
    role: str,
    clinic_id: UUID | None,
    *,
    from_at: datetime | None = None,
    until: datetime | None = None,
) -> None:
    """The same in the name of ``by``, by what she may at this moment, and without telling."""
    await one_at_a_time(tx, clinic_id)
    check_place(role, clinic_id)
    if by == account_id:
        raise NotYourself
    check_days(from_at, until)
    anew, from_at = from_at is not None, from_at if from_at and from_at > now() else None
    check_reach(await standing(tx, by), role, clinic_id, until)
    if not await tx.value(f"SELECT 1 FROM accounts a WHERE a.id = :id AND {OPEN} FOR KEY SHARE", id=account_id):
        raise NotFound
    async with tx.refusing(grant_ends_after_it_begins=BeforeItBegins):
        await tx.run(
            """
            INSERT INTO grants (id, account_id, role, clinic_id, granted_by, valid_from, valid_until)
            VALUES (:id, :account_id, :role, :clinic_id, :by, greatest(:from_at::timestamptz, now()), :until)
            ON CONFLICT ON CONSTRAINT one_grant_per_role DO UPDATE
            SET granted_by = excluded.granted_by, valid_until = excluded.valid_until, valid_from =
                CASE WHEN :later OR grants.valid_until <= now() THEN excluded.valid_from
                ELSE least(grants.valid_from, excluded.valid_from) END
            """,
            id=uuid7(),
            account_id=account_id,
            role=role,
            clinic_id=clinic_id,
            by=by,
            from_at=from_at,
            until=until,
            later=anew,
        )
    if role == RUNS[clinic_id is not None]:
        await check_somebody_runs(tx, clinic_id)  # it may have been put off until later
        await forget_keys_of(tx, account_id)
    await shorten(tx, account_id)
    forget(tx, account_id)
    audit.note(tx, by, f"grant {role}", "clinic", clinic_id or "platform", whose=account_id, why=_words(from_at, until))


def check_days(from_at: datetime | None, until: datetime | None) -> None:
    if until and until <= max(from_at or now(), now()):
        raise BeforeItBegins
    for field, at in (("from_at", from_at), ("until", until)):
        if at and at > now() + LONGEST:
            raise Invalid(FieldError(field, N_("Please choose a day within the next fifty years.")))


async def dismiss(tx: ControlTx, actor: Actor, clinic_id: UUID | None, account_id: UUID, grant_id: UUID) -> None:
    """Take a role from somebody, or give up one's own. Raises NotFound, AboveYourOwn, LastAdmin.

    Keys for other systems that she has made for the clinic end with her running it: she has seen their secrets.
    """
    await one_at_a_time(tx, clinic_id)
    found = await tx.maybe(
        _Held,
        "SELECT account_id, role FROM grants"
        " WHERE id = :id AND account_id = :account_id AND clinic_id IS NOT DISTINCT FROM :clinic_id",
        id=grant_id,
        account_id=account_id,
        clinic_id=clinic_id,
    )
    if found is None:
        raise NotFound
    check_reach(await standing(tx, actor.account_id), found.role, clinic_id, None, taking=True)
    await tx.run("DELETE FROM grants WHERE id = :id", id=grant_id)
    if found.role == RUNS[clinic_id is not None]:
        await check_somebody_runs(tx, clinic_id)
        await _end_keys_of(tx, found.account_id, clinic_id, actor.account_id)
    forget(tx, found.account_id)
    audit.note(tx, actor.account_id, f"dismiss {found.role}", "clinic", clinic_id or "platform", whose=found.account_id)
    announce(tx, RoleTaken(found.account_id, found.role, clinic_id))


class _Held(msgspec.Struct, frozen=True):
    account_id: UUID
    role: str


async def one_at_a_time(tx: ControlTx, clinic_id: UUID | None) -> None:
    """Changes of who runs a clinic, or the platform, see each other. A statement of its own, for one that also looked
    would not see what was committed while it waited."""
    await tx.value("SELECT pg_advisory_xact_lock(hashtextextended(:what, 12))", what=f"people {clinic_id}")


async def standing(tx: ControlTx, account_id: UUID) -> list[Standing]:
    """What somebody holds as of this moment, whatever her session was told before."""
    return await tx.all(
        Standing,
        f"SELECT g.role, g.clinic_id, g.valid_until AS until FROM grants g JOIN accounts a ON a.id = g.account_id"
        f" WHERE a.id = :id AND {IN_EFFECT} AND {OPEN}",
        id=account_id,
    )


def check_place(role: str, clinic_id: UUID | None) -> None:
    """A clinic's role belongs to a clinic, the platform's to none; an auditor's to either."""
    fits = role == "auditor" or (clinic_id is None) == (role in OF_PLATFORM)
    if role not in ROLES or not fits:
        raise Invalid(FieldError("role", N_("There is no such role here.")))


def check_reach(
    own: list[Standing], role: str, clinic_id: UUID | None, until: datetime | None, *, taking: bool = False
) -> None:
    """Never above one's own, never elsewhere, never for longer."""
    reaching = [one for one in own if may_appoint(one.role, role) and one.clinic_id in (clinic_id, None)]
    if not reaching:
        raise AboveYourOwn
    if taking or any(one.until is None for one in reaching):
        return
    if until is None or until > max(one.until for one in reaching if one.until):
        raise Invalid(FieldError("until", N_("Your own role ends before that. Please choose an earlier day.")))


async def check_somebody_runs(tx: ControlTx, clinic_id: UUID | None) -> None:
    left = await tx.value(
        f"SELECT 1 FROM grants g JOIN accounts a ON a.id = g.account_id WHERE g.role = :role"
        f" AND g.clinic_id IS NOT DISTINCT FROM :clinic_id AND {IN_EFFECT} AND {OPEN} LIMIT 1",
        role=RUNS[clinic_id is not None],
        clinic_id=clinic_id,
    )
    if not left:
        raise LastAdmin


async def forget_keys_of(tx: ControlTx, maker: UUID) -> None:
    """Keys count only while their maker runs the clinic: look again."""
    for row in await tx.all(_Key, "SELECT id FROM api_keys WHERE made_by = :maker AND revoked_at IS NULL", maker=maker):
        forget(tx, row.id)


async def _end_keys_of(tx: ControlTx, maker: UUID, clinic_id: UUID | None, by: UUID) -> None:
    rows = await tx.all(
        _Key,
        "UPDATE api_keys SET revoked_at = now(), revoked_by = :by"
        " WHERE made_by = :maker AND clinic_id = :clinic_id AND revoked_at IS NULL RETURNING id",
        maker=maker,
        clinic_id=clinic_id,
        by=by,
    )
    for row in rows:
        forget(tx, row.id)
        audit.note(tx, by, "revoke", "api_key", row.id, why="its maker no longer runs the clinic")


class _Key(msgspec.Struct, frozen=True):
    id: UUID


def _words(from_at: datetime | None, until: datetime | None) -> str | None:
    parts = [f"{word} {at.isoformat()}" for word, at in (("from", from_at), ("until", until)) if at]
    return " ".join(parts) or None
