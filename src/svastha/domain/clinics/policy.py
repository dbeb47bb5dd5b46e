from uuid import UUID

from svastha.domain import accounts, audit
from svastha.domain.accounts import OF_PLATFORM, ROLES, SECOND_FACTOR, Actor
from svastha.kit.db import ControlTx
from svastha.kit.i18n import N_
from svastha.kit.refusals import FieldError, Invalid

# What a clinic may add to those that need a second factor everywhere.
CHOICES = tuple(role for role in ROLES if role not in SECOND_FACTOR | OF_PLATFORM | {"patient", "guardian"})


async def second_factor_roles(tx: ControlTx, clinic_id: UUID) -> list[str]:
    """Roles that need a second factor at this clinic, beyond those that need one everywhere."""
    found: list[str] = await tx.value("SELECT second_factor_roles FROM clinics WHERE id = :id", id=clinic_id)
    return found


async def require_second_factor(tx: ControlTx, actor: Actor, clinic_id: UUID, roles: list[str]) -> None:
    """Exactly these, from this moment: whoever has signed in with one factor alone has to show another."""
    roles = sorted(set(roles))
    if not set(roles) <= set(CHOICES):
        raise Invalid(FieldError("roles", N_("Choose from the list.")))
    before = await second_factor_roles(tx, clinic_id)
    await tx.run("UPDATE clinics SET second_factor_roles = :roles WHERE id = :id", id=clinic_id, roles=roles)
    for account_id in await accounts.holders_of(tx, clinic_id, sorted(set(roles) ^ set(before))):
        accounts.forget(tx, account_id)
    audit.note(
        tx, actor.account_id, "require_second_factor", "clinic", clinic_id, why=" ".join(roles) or "of nobody more"
    )
