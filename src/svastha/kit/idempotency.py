"""The same request twice is done once (draft-ietf-httpapi-idempotency-key-header-07).

A key belongs to account, method, route and body. The lease on a key is the transaction itself: a lock that the database
lets go when the transaction ends, however it ends. So a key is in progress exactly as long as somebody works on it; a
refusal, a server error or a crash leaves nothing behind, and only success is remembered, in the same commit.
"""

from typing import Any
from uuid import UUID

import msgspec

from svastha.kit.crypto import digest
from svastha.kit.db import Batch, ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.refusals import BadRequest, Conflict, Invalid
from svastha.kit.sealed import Sealed

SEALED = (Sealed("idempotency_keys", "reply", "scope", "encode(scope, 'hex')", "bytea"),)
LONGEST_KEY = 255

REPLIES = Batch(
    "INSERT INTO idempotency_keys (scope, body_hash, status, reply)"
    " SELECT scope::bytea, body_hash::bytea, status, reply::bytea"
    " FROM jsonb_to_recordset(:rows) AS r(scope text, body_hash text, status int, reply text)"
    " ON CONFLICT (scope) DO UPDATE"
    " SET body_hash = excluded.body_hash, status = excluded.status, reply = excluded.reply, made_at = now()"
)


class KeyMissing(BadRequest):
    code = "idempotency_key_missing"
    says = N_("Send an Idempotency-Key header with this request, a new one for each new wish.")


class KeyTooLong(BadRequest):
    code = "idempotency_key_too_long"
    says = N_("An Idempotency-Key has at most 255 characters.")


class KeyInProgress(Conflict):
    code = "idempotency_key_in_progress"
    says = N_("This very request is being worked on. Ask again in a moment.")


class KeyReused(Invalid):
    code = "idempotency_key_reused"
    says = N_("This Idempotency-Key was used for a different request.")


class _Asked(msgspec.Struct, frozen=True):
    """``taken``: the key is ours for this transaction. The rest is what it stands for already."""

    taken: bool
    body_hash: bytes | None
    status: int | None
    reply: bytes | None


class Once(msgspec.Struct, frozen=True):
    """One use of a key."""

    scope: bytes
    body_hash: bytes

    def remember(self, tx: ClinicTx, status: int, reply: Any) -> None:
        """The answer is kept sealed: it may hold what a patient wrote."""
        sealed = tx.vault.seal("idempotency_keys", "reply", self.scope.hex(), msgspec.json.encode(reply))
        tx.write_at_the_door(
            REPLIES,
            scope="\\x" + self.scope.hex(),
            body_hash="\\x" + self.body_hash.hex(),
            status=status,
            reply="\\x" + sealed.hex(),
        )


async def begin(
    tx: ClinicTx, *, key: str | None, account_id: UUID, method: str, route: str, body: bytes
) -> Once | tuple[int, Any]:
    """Take the key, or answer with the status and body that its first use had."""
    if not key:
        raise KeyMissing
    if len(key) > LONGEST_KEY:
        raise KeyTooLong
    once = Once(digest(f"{account_id}\n{method}\n{route}\n{key}"), digest(body))
    kept = await tx.one(
        _Asked,
        "SELECT taken, body_hash, status, reply FROM take_key(:lock, :scope)",
        lock=int.from_bytes(once.scope[:8], signed=True),
        scope=once.scope,
    )
    if not kept.taken:
        raise KeyInProgress(retry_after=1)
    if kept.reply is None or kept.status is None:
        return once
    if kept.body_hash != once.body_hash:
        raise KeyReused
    return kept.status, msgspec.json.decode(tx.vault.open("idempotency_keys", "reply", once.scope.hex(), kept.reply))


async def forget(tx: ClinicTx) -> int:
    """Remove what is kept longer than promised. For the worker, now and then."""
    return await tx.run("DELETE FROM idempotency_keys WHERE made_at < now() - interval '25 hours'")
