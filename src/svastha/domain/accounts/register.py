import re
from uuid import UUID

from svastha.domain import audit
from svastha.domain.accounts import passwords
from svastha.domain.accounts.model import CodeWanted
from svastha.kit.db import ControlTx
from svastha.kit.i18n import N_
from svastha.kit.ids import uuid7
from svastha.kit.outbox import announce
from svastha.kit.refusals import FieldError, Invalid

_EMAIL = re.compile(
    r"[^@\s\x00-\x1f<>\",;:\\()\[\]]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)


async def register(
    tx: ControlTx, *, email: str, password: str, name: str, locale: str = "en", zone: str = "Asia/Kolkata"
) -> None:
    """A new account, or nothing new for an address that has one: the caller cannot tell. Either way a mail goes.

    ``locale`` and ``zone`` are those of the page she signs up on, one of ours and an IANA name.
    """
    email, name = email.strip(), " ".join(name.split())
    check(email=email, password=password, name=name)
    account_id, known = uuid7(), False
    password_hash = await passwords.hash_password(password)
    # An account nobody has confirmed belongs to nobody yet: the latest sign-up may take it over.
    owner: UUID | None = await tx.value(
        """
        INSERT INTO accounts (id, email, name, password_hash, locale, zone)
        VALUES (:id, :email, :name, :password_hash, :locale, :zone)
        ON CONFLICT ON CONSTRAINT one_account_per_email DO UPDATE
            SET name = excluded.name, password_hash = excluded.password_hash, locale = excluded.locale,
                zone = excluded.zone
            WHERE accounts.email_verified_at IS NULL
        RETURNING id
        """,
        id=account_id,
        email=email,
        name=name,
        password_hash=password_hash,
        locale=locale,
        zone=zone,
    )
    if owner is None:
        known, owner = (True, await tx.value("SELECT id FROM accounts WHERE email = :email", email=email))
        assert owner is not None
    audit.note(tx, owner, "register", "account", owner)
    announce(tx, CodeWanted(owner, known))


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
