import msgspec

from svastha.domain import audit
from svastha.domain.accounts.actor import Actor
from svastha.domain.accounts.contacts import contacts_of
from svastha.domain.accounts.model import Me
from svastha.domain.accounts.sessions import forget
from svastha.domain.accounts.zones import zones
from svastha.kit.db import ControlTx
from svastha.kit.i18n import LOCALES, N_
from svastha.kit.names import is_name
from svastha.kit.refusals import FieldError, Invalid


async def me(tx: ControlTx, actor: Actor) -> Me:
    contacts = await contacts_of(tx, actor.account_id)
    reached = {one.kind: one for one in reversed(contacts) if one.verified_at}
    row = await tx.one(_Row, "SELECT name, locale, zone FROM accounts WHERE id = :id", id=actor.account_id)
    email, phone = reached.get("email"), reached.get("phone")
    return Me(
        actor.account_id,
        email.value if email else None,
        row.name,
        row.locale,
        row.zone,
        email.verified_at if email else None,
        phone.value if phone else None,
    )


class _Row(msgspec.Struct, frozen=True):
    name: str
    locale: str
    zone: str


async def change_profile(
    tx: ControlTx, actor: Actor, *, name: str | None = None, locale: str | None = None, zone: str | None = None
) -> Me:
    """What is None stays as it is."""
    errors = []
    if name is not None:
        name = " ".join(name.split())
        if not is_name(name):
            errors.append(FieldError("name", N_("Please give your name, at most 120 characters.")))
    if locale is not None and locale not in LOCALES:
        errors.append(FieldError("locale", N_("We do not speak this language yet.")))
    if zone is not None and zone not in zones():
        errors.append(FieldError("zone", N_("This is not the name of a time zone, such as Asia/Kolkata.")))
    if errors:
        raise Invalid(*errors)
    await tx.run(
        "UPDATE accounts SET name = coalesce(:name, name), locale = coalesce(:locale, locale),"
        " zone = coalesce(:zone, zone) WHERE id = :id",
        id=actor.account_id,
        name=name,
        locale=locale,
        zone=zone,
    )
    forget(tx, actor.account_id)
    audit.note(tx, actor.account_id, "change", "account", actor.account_id)
    return await me(tx, actor)


def note_export(tx: ControlTx, actor: Actor) -> None:
    """She takes a copy of everything along."""
    audit.note(tx, actor.account_id, "export", "account", actor.account_id)
