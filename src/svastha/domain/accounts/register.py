import re
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts import attempts, passwords
from svastha.domain.accounts.model import CodeWanted
from svastha.domain.accounts.zones import zones
from svastha.kit.db import ControlTx
from svastha.kit.i18n import N_
from svastha.kit.ids import uuid7
from svastha.kit.outbox import announce
from svastha.kit.refusals import FieldError, Invalid

_EMAIL = re.compile(
    r"[^@\s\x00-\x1f<>\",;:\\()\[\]]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)


class SignUp(msgspec.Struct, frozen=True):
    email: str
    name: str
    password_hash: str
    locale: str
    zone: str


async def prepare_sign_up(
    *, email: str, password: str, name: str, locale: str = "en", zone: str = "Asia/Kolkata"
) -> SignUp:
    """What ``register`` takes. Hashing is slow, so this is done before a transaction is open.

    ``locale`` is one of ours; a ``zone`` nobody lives in becomes Asia/Kolkata, for it may come from a cookie.
    """
    email, name = email.strip(), " ".join(name.split())
    check(email=email, password=password, name=name)
    return SignUp(
        email, name, await passwords.hash_password(password), locale, zone if zone in zones() else "Asia/Kolkata"
    )


async def register(tx: ControlTx, wanted: SignUp) -> UUID:
    """Remember a sign-up until its code comes back. A mail goes, at most one a minute to one address.

    All the same for an address that has an account: the caller cannot tell. Returns the id of the sign-up.
    """
    await attempts.one_at_a_time(tx, wanted.email)
    id = uuid7()
    await tx.run(
        "INSERT INTO sign_ups (id, email, name, password_hash, locale, zone)"
        " VALUES (:id, :email, :name, :password_hash, :locale, :zone)",
        id=id,
        email=wanted.email,
        name=wanted.name,
        password_hash=wanted.password_hash,
        locale=wanted.locale,
        zone=wanted.zone,
    )
    audit.note(tx, None, "register", "account", id)
    if not await attempts.too_many(tx, "mail", wanted.email):
        await attempts.count(tx, "mail", wanted.email)
        owner: UUID | None = await tx.value("SELECT id FROM accounts WHERE email = :email", email=wanted.email)
        announce(tx, CodeWanted(id, owner))
    return id


async def register_verified(
    tx: ControlTx, *, account_id: UUID, email: str, name: str, password_hash: str, locale: str = "en"
) -> None:
    """An account whose address needs no confirmation, such as an invited colleague's or an invented person's."""
    await tx.run(
        "INSERT INTO accounts (id, email, name, password_hash, locale, email_verified_at)"
        " VALUES (:id, :email, :name, :password_hash, :locale, now())",
        id=account_id,
        email=email,
        name=name,
        password_hash=password_hash,
        locale=locale,
    )


def check(*, email: str, password: str, name: str) -> None:
    errors = []
    if not _EMAIL.fullmatch(email) or len(email) > 254:
        errors.append(FieldError("email", N_("This does not look like an e-mail address.")))
    if len(password) < passwords.SHORTEST:
        errors.append(FieldError("password", N_("Use at least 10 characters. A few words are easy to remember.")))
    elif len(password) > passwords.LONGEST:
        errors.append(FieldError("password", N_("Use at most 200 characters.")))
    if not name or len(name) > 120 or "\x00" in name:
        errors.append(FieldError("name", N_("Please give your name, at most 120 characters.")))
    if errors:
        raise Invalid(*errors)
