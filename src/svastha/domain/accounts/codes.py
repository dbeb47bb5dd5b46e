"""Codes of six digits. Each is for one purpose and one subject, works once, and allows five guesses in ten minutes."""

import hmac
import secrets
from uuid import UUID

import msgspec

from svastha.domain.accounts.model import CodeSpent, Purpose
from svastha.kit.db import ControlTx
from svastha.kit.ids import uuid7
from svastha.kit.outbox import announce

MINUTES, TRIES = 10, 5


class Issued(msgspec.Struct, frozen=True):
    """``told_id`` is the message's, so that it can be stopped once the code was used."""

    code: str
    told_id: UUID


class _Code(msgspec.Struct, frozen=True):
    subject: UUID
    version: int
    hash: bytes
    told_id: UUID


async def issue(tx: ControlTx, purpose: Purpose, subject: UUID) -> Issued:
    """A fresh code; the one before ends. Stored as a keyed digest: a million digests of bare codes are soon tried."""
    code, told_id = f"{secrets.randbelow(10**6):06}", uuid7()
    version = (tx.keys.active or (1,))[-1]
    await tx.run(
        """
        INSERT INTO codes (purpose, subject, version, hash, told_id, expires_at)
        VALUES (:purpose, :subject, :version, :hash, :told_id, now() + make_interval(mins => :minutes))
        ON CONFLICT ON CONSTRAINT one_live_code_per_purpose DO UPDATE
        SET version = excluded.version, hash = excluded.hash, told_id = excluded.told_id, tries = 0,
            expires_at = excluded.expires_at
        """,
        purpose=purpose,
        subject=subject,
        version=version,
        hash=_digest(tx, version, purpose, subject, code),
        told_id=told_id,
        minutes=MINUTES,
    )
    return Issued(code, told_id)


async def spend(tx: ControlTx, purpose: Purpose, subjects: list[UUID], code: str) -> UUID | None:
    """Whose code this is, of these; with it all codes of theirs end. None is a wrong guess and has been counted, so the
    caller's refusal must commit. As much work where there is no code at all."""
    waiting = await tx.all(
        _Code,
        "UPDATE codes SET tries = tries + 1 WHERE purpose = :purpose AND subject = ANY(:subjects::uuid[])"
        " AND tries < :tries AND expires_at > now() RETURNING subject, version, hash, told_id",
        purpose=purpose,
        subjects=subjects,
        tries=TRIES,
    )
    right = [one for one in waiting if _same(tx, purpose, one, code)]
    if not right:
        return None
    await tx.run(
        "DELETE FROM codes WHERE purpose = :purpose AND subject = ANY(:subjects::uuid[])",
        purpose=purpose,
        subjects=subjects,
    )
    announce(tx, CodeSpent(right[0].told_id))
    return right[0].subject


def _same(tx: ControlTx, purpose: Purpose, one: _Code, code: str) -> bool:
    if one.version not in tx.keys.index_versions:
        return False
    return hmac.compare_digest(one.hash, _digest(tx, one.version, purpose, one.subject, code))


def _digest(tx: ControlTx, version: int, purpose: Purpose, subject: UUID, code: str) -> bytes:
    return tx.keys.index(version, "code", f"{purpose}/{subject}/{code}")


def typed(code: str) -> str:
    """As people type and paste it: with spaces, a dash, or digits of another script."""
    digits = "".join(letter for letter in code[:60] if not letter.isspace() and letter not in "-–\x00")
    return "".join(str(int(letter)) if letter.isdecimal() else letter for letter in digits)
