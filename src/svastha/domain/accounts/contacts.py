import re
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import phonenumbers

from svastha.domain import keys
from svastha.kit.db import ControlTx
from svastha.kit.i18n import N_
from svastha.kit.ids import uuid7
from svastha.kit.refusals import Conflict, FieldError, Invalid

_EMAIL = re.compile(
    r"[^@\s\x00-\x1f<>\",;:\\()\[\]]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)


class Address(msgspec.Struct, frozen=True):
    """Where somebody can be reached: ``kind`` is ``email`` (lower case) or ``phone`` (E.164)."""

    kind: str
    value: str


class Contact(msgspec.Struct, frozen=True):
    id: UUID
    kind: str
    value: str
    verified_at: datetime | None


class AddressTaken(Conflict):
    code = "address_taken"
    says = N_("This address cannot be used. Perhaps it belongs to another account of yours.")


def address_of(text: str, *, field: str = "contact") -> Address:
    """What was typed as an e-mail address or a telephone number, Indian unless it says otherwise. Raises Invalid."""
    text = text.strip()
    if "@" in text:
        if not _EMAIL.fullmatch(text) or len(text) > 254:
            raise Invalid(FieldError(field, N_("This does not look like an e-mail address.")))
        return Address("email", text.lower())
    try:
        number = phonenumbers.parse(text[:40], "IN")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number) or number.extension:
        raise Invalid(FieldError(field, N_("This is neither an e-mail address nor a telephone number.")))
    return Address("phone", phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


async def owner_of(tx: ControlTx, address: Address) -> UUID | None:
    """Whose verified address this is."""
    owner: UUID | None = await tx.value(
        "SELECT c.account_id FROM contact_indexes i JOIN contacts c ON c.id = i.contact_id"
        " WHERE i.index = ANY(:indexes::bytea[]) AND c.verified_at IS NOT NULL",
        indexes=await keys.indexes_for_reading(tx, address.kind, address.value),
    )
    return owner


async def put_contact(tx: ControlTx, account_id: UUID, address: Address) -> UUID:
    """A verified address of this account, from now on. Raises AddressTaken if it is anybody's already."""
    id = uuid7()
    indexes = await keys.indexes_for_writing(tx, address.kind, address.value)
    async with tx.refusing(one_account_per_address=AddressTaken):
        await tx.run(
            """
            WITH put AS (INSERT INTO contacts (id, account_id, kind, sealed, verified_at)
                VALUES (:id, :account_id, :kind, :sealed, now()) RETURNING id)
            INSERT INTO contact_indexes (version, index, contact_id)
            SELECT v.version, v.index, put.id FROM put, unnest(:versions::int[], :indexes::bytea[]) AS v(version, index)
            """,
            id=id,
            account_id=account_id,
            kind=address.kind,
            sealed=tx.vault.seal("contacts", "sealed", id, address.value.encode()),
            versions=[version for version, _ in indexes],
            indexes=[index for _, index in indexes],
        )
    return id


async def drop_contact(tx: ControlTx, account_id: UUID, contact_id: UUID) -> bool:
    return bool(
        await tx.run(
            "DELETE FROM contacts WHERE id = :id AND account_id = :account_id", id=contact_id, account_id=account_id
        )
    )


class _Sealed(msgspec.Struct, frozen=True):
    id: UUID
    kind: str
    sealed: bytes
    verified_at: datetime | None


async def contacts_of(tx: ControlTx, account_id: UUID) -> list[Contact]:
    """All of a person, oldest first."""
    rows = await tx.all(
        _Sealed,
        "SELECT id, kind, sealed, verified_at FROM contacts WHERE account_id = :account_id ORDER BY made_at, id",
        account_id=account_id,
    )
    return [
        Contact(row.id, row.kind, tx.vault.open("contacts", "sealed", row.id, row.sealed).decode(), row.verified_at)
        for row in rows
    ]


# Part of a larger SELECT: what ``reachable_at`` takes.
CONTACTS = """coalesce((
    SELECT jsonb_agg(jsonb_build_object('id', c.id, 'kind', c.kind, 'sealed', encode(c.sealed, 'hex'))
        ORDER BY c.made_at, c.id)
    FROM contacts c WHERE c.account_id = a.id AND c.verified_at IS NOT NULL), '[]')"""


def reachable_at(tx: ControlTx, contacts: list[dict[str, Any]], kind: str) -> str:
    """The first verified address of this kind, or an empty text."""
    for row in contacts:
        if row["kind"] == kind:
            return tx.vault.open("contacts", "sealed", row["id"], bytes.fromhex(row["sealed"])).decode()
    return ""


async def reindex(tx: ControlTx, version: int, most: int) -> int:
    """Give up to ``most`` addresses their index of this version. Returns how many got one; 0: all have it."""
    rows = await tx.all(
        _Sealed,
        "SELECT id, kind, sealed, verified_at FROM contacts c WHERE NOT EXISTS"
        " (SELECT 1 FROM contact_indexes i WHERE i.contact_id = c.id AND i.version = :version)"
        " ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED",
        version=version,
        most=most,
    )
    for row in rows:
        value = tx.vault.open("contacts", "sealed", row.id, row.sealed).decode()
        await tx.run(
            "INSERT INTO contact_indexes (version, index, contact_id) VALUES (:version, :index, :id)"
            " ON CONFLICT DO NOTHING",
            version=version,
            index=tx.keys.index(version, row.kind, value),
            id=row.id,
        )
    return len(rows)


class _Plain(msgspec.Struct, frozen=True):
    id: UUID
    email: str


async def seal_plain(tx: ControlTx, most: int = 500) -> int:
    """Addresses stored before they were sealed. Returns how many were moved; 0: none is left."""
    rows = await tx.all(
        _Plain,
        "SELECT id, email::text AS email FROM accounts WHERE email IS NOT NULL LIMIT :most FOR UPDATE SKIP LOCKED",
        most=most,
    )
    for row in rows:
        await put_contact(tx, row.id, Address("email", row.email.strip().lower()))
        await tx.run("UPDATE accounts SET email = NULL WHERE id = :id", id=row.id)
    return len(rows)
