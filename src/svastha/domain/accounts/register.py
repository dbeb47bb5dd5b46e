from uuid import UUID

import msgspec

from svastha.domain import audit, keys
from svastha.domain.accounts import passwords
from svastha.domain.accounts.by_code import may_send
from svastha.domain.accounts.contacts import Address, address_of, owner_of, put_contact
from svastha.domain.accounts.model import CodeWanted
from svastha.domain.accounts.visitor import Visitor
from svastha.domain.accounts.zones import zones
from svastha.kit.db import ControlTx
from svastha.kit.i18n import N_
from svastha.kit.ids import uuid7
from svastha.kit.names import is_name
from svastha.kit.outbox import announce
from svastha.kit.refusals import FieldError, Invalid


class SignUp(msgspec.Struct, frozen=True):
    address: Address
    name: str
    password_hash: str | None
    locale: str
    zone: str


async def prepare_sign_up(
    *,
    contact: str,
    password: str | None,
    name: str,
    locale: str = "en",
    zone: str = "Asia/Kolkata",
    field: str = "contact",
) -> SignUp:
    """What ``register`` takes. Hashing is slow, so this is done before a transaction is open.

    Without a ``password`` she signs in with codes. ``field`` is what the form calls the address. ``locale`` is one of
    ours; a ``zone`` nobody lives in becomes Asia/Kolkata, for it may come from a cookie.
    """
    name, address = " ".join(name.split()), None
    errors: list[FieldError] = []
    try:
        address = address_of(contact, field=field)
    except Invalid as wrong:
        errors += wrong.errors
    if password is not None and (weak := await passwords.wrong_with(password, contact[:254], name[:120])):
        errors.append(FieldError("password", weak))
    if not is_name(name):
        errors.append(FieldError("name", N_("Please give your name, at most 120 characters.")))
    if errors or address is None:
        raise Invalid(*errors)
    hashed = None if password is None else await passwords.hash_password(password)
    return SignUp(address, name, hashed, locale, zone if zone in zones() else "Asia/Kolkata")


async def register(tx: ControlTx, wanted: SignUp, visitor: Visitor) -> UUID:
    """Remember a sign-up until its code comes back. A message goes, at most one a minute to one address.

    All the same for an address that has an account: the caller cannot tell. Returns the id of the sign-up.
    """
    id, (*_, (_, index)) = uuid7(), await keys.indexes_for_writing(tx, wanted.address.kind, wanted.address.value)
    owner = await owner_of(tx, wanted.address)
    await tx.run(
        "INSERT INTO sign_ups (id, kind, sealed, index, name, password_hash, locale, zone)"
        " VALUES (:id, :kind, :sealed, :index, :name, :password_hash, :locale, :zone)",
        id=id,
        kind=wanted.address.kind,
        sealed=tx.vault.seal("sign_ups", "sealed", id, wanted.address.value.encode()),
        index=index,
        name=wanted.name,
        password_hash=wanted.password_hash,
        locale=wanted.locale,
        zone=wanted.zone,
    )
    audit.note(tx, None, "register", "account", id)
    if await may_send(tx, "sign_up", wanted.address, visitor):
        announce(tx, CodeWanted("sign_up", id, owner))
    return id


async def register_verified(
    tx: ControlTx, *, account_id: UUID, email: str, name: str, password_hash: str | None, locale: str = "en"
) -> None:
    """An account whose address needs no confirmation, such as an invited colleague's or an invented person's."""
    await tx.run(
        "INSERT INTO accounts (id, name, password_hash, locale, email_verified_at)"
        " VALUES (:id, :name, :password_hash, :locale, now())",
        id=account_id,
        name=name,
        password_hash=password_hash,
        locale=locale,
    )
    await put_contact(tx, account_id, address_of(email))
