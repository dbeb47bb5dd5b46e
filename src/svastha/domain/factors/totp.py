import hmac
from uuid import UUID

import msgspec
import pyotp

from svastha.domain import audit
from svastha.domain.factors import misses
from svastha.domain.factors.model import FactorsChanged, TotpAlreadyOn, TotpBegun, WrongFactorCode
from svastha.kit.db import ControlTx
from svastha.kit.outbox import announce

STEP = 30  # seconds


class Kept(msgspec.Struct, frozen=True):
    """``step``: the one it is now, by the clock of the database; that of a server may be wrong."""

    secret: str
    last_step: int
    step: int


class _Row(msgspec.Struct, frozen=True):
    sealed: bytes
    last_step: int
    step: int


async def begin_totp(tx: ControlTx, account_id: UUID, label: str, *, issuer: str = "Svastha") -> TotpBegun:
    """A secret that counts once a code made with it was confirmed. ``label`` is what the app shows beside the codes.

    Asked again within ten minutes it is the same one, so that a page may be loaded again. Raises TotpAlreadyOn.
    """
    await misses.one_at_a_time(tx, account_id)
    kept = await kept_totp(tx, account_id, confirmed=False)
    secret = kept.secret if kept else pyotp.random_base32()
    if not kept and not await _put(tx, account_id, secret):
        raise TotpAlreadyOn
    return TotpBegun(secret, pyotp.TOTP(secret).provisioning_uri(name=label[:64], issuer_name=issuer))


async def confirm_totp(tx: ControlTx, account_id: UUID, code: str, *, drift: int = 1) -> None:
    """From here on codes of the app count. Raises WrongFactorCode or TooManyCodes."""
    await misses.allow(tx, account_id)
    kept = await kept_totp(tx, account_id, confirmed=False)
    step = step_of(kept, code, drift) if kept else None
    confirmed = step is not None and await tx.run(
        "UPDATE totp_secrets SET confirmed_at = now(), last_step = :step"
        " WHERE account_id = :id AND confirmed_at IS NULL",
        id=account_id,
        step=step,
    )
    if not confirmed:
        await misses.count(tx, account_id)
        raise WrongFactorCode
    audit.note(tx, account_id, "totp_added", "account", account_id)
    announce(tx, FactorsChanged(account_id, "totp_added"))


async def check_totp(tx: ControlTx, account_id: UUID, code: str, *, drift: int = 1) -> bool:
    """Is this a code of her app that was not used yet? ``drift``: how many steps its clock may be off.

    A code counts once, and none older than the last one used; of racers with the same code one wins. Does not count
    misses: ``check`` does.
    """
    kept = await kept_totp(tx, account_id)
    step = step_of(kept, code, drift) if kept else None
    return step is not None and bool(
        await tx.run(
            "UPDATE totp_secrets SET last_step = :step"
            " WHERE account_id = :id AND confirmed_at IS NOT NULL AND last_step < :step",
            id=account_id,
            step=step,
        )
    )


async def enrol_totp(tx: ControlTx, account_id: UUID) -> None:
    """For invented people, who have no app to confirm with: their codes are shown in the development mailbox."""
    if await _put(tx, account_id, pyotp.random_base32()):
        await tx.run("UPDATE totp_secrets SET confirmed_at = now() WHERE account_id = :id", id=account_id)


async def kept_totp(tx: ControlTx, account_id: UUID, *, confirmed: bool = True) -> Kept | None:
    row = await tx.maybe(
        _Row,
        f"SELECT sealed, last_step, floor(extract(epoch FROM clock_timestamp()) / {STEP})::bigint AS step"
        " FROM totp_secrets"
        " WHERE account_id = :id AND CASE WHEN :confirmed::boolean THEN confirmed_at IS NOT NULL"
        " ELSE confirmed_at IS NULL AND made_at > now() - interval '10 minutes' END",
        id=account_id,
        confirmed=confirmed,
    )
    if row is None:
        return None
    secret = tx.keys.platform.open("totp_secrets", "sealed", account_id, row.sealed).decode()
    return Kept(secret, row.last_step, row.step)


def step_of(kept: Kept, code: str, drift: int) -> int | None:
    """The first step later than the last used one that has this code. All are compared, in the same time."""
    typed, found = "".join(code.split())[:12].encode(), None
    for step, right in reversed(codes(kept, drift)):
        if hmac.compare_digest(right.encode(), typed):
            found = step
    return found


def codes(kept: Kept, drift: int) -> list[tuple[int, str]]:
    """Steps that may still be used, each with its code, earliest first."""
    app, steps = pyotp.TOTP(kept.secret), range(kept.step - drift, kept.step + drift + 1)
    return [(step, app.generate_otp(step)) for step in steps if step > kept.last_step]


async def _put(tx: ControlTx, account_id: UUID, secret: str) -> bool:
    """False where a confirmed one is already."""
    sealed = tx.keys.platform.seal("totp_secrets", "sealed", account_id, secret.encode())
    return bool(
        await tx.run(
            "INSERT INTO totp_secrets (account_id, sealed) VALUES (:id, :sealed)"
            " ON CONFLICT (account_id) DO UPDATE SET sealed = :sealed, made_at = now()"
            " WHERE totp_secrets.confirmed_at IS NULL",
            id=account_id,
            sealed=sealed,
        )
    )
