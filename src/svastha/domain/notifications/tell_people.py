"""What is told about somebody's work: an invitation, a role, an account that was suspended, a lost second factor."""

from uuid import UUID

from svastha.domain import accounts
from svastha.domain.notifications.model import Recipient
from svastha.domain.notifications.recipient import recipient_of
from svastha.domain.notifications.send import send
from svastha.domain.notifications.send_secret import send_secret
from svastha.kit.db import ControlTx
from svastha.kit.i18n import translator


async def send_invitation(tx: ControlTx, event: accounts.InvitationWanted, *, site: str) -> None:
    issued = await accounts.issue_invitation(tx, event.invitation_id)
    if issued is None:
        return
    to = Recipient.at(None, issued.locale, {issued.address.kind: issued.address.value})
    url = f"{site}/invitation/{issued.secret}"
    await send_secret(tx, to, "invitation", expires_at=issued.expires_at, clinic=issued.clinic, by=issued.by, url=url)


async def tell_accepted(tx: ControlTx, event: accounts.InvitationAccepted, *, site: str) -> None:
    to, inviter = await _known(tx, event.invited_by)
    _, who = await _known(tx, event.account_id)
    clinic, slug = await _clinic(tx, event.clinic_id)
    await send(tx, to, "invitation_accepted", name=inviter, who=who, clinic=clinic, url=f"{site}/c/{slug}/people")


async def tell_role_given(tx: ControlTx, event: accounts.RoleGiven, *, site: str) -> None:
    await _tell_role(tx, event.account_id, event.role, event.clinic_id, "role_given", site)


async def tell_role_taken(tx: ControlTx, event: accounts.RoleTaken, *, site: str) -> None:
    await _tell_role(tx, event.account_id, event.role, event.clinic_id, "role_taken", site)


async def _tell_role(
    tx: ControlTx, account_id: UUID, role: str, clinic_id: UUID | None, template: str, site: str
) -> None:
    to, name = await _known(tx, account_id)
    place = (await _clinic(tx, clinic_id))[0] if clinic_id else "Svastha"
    said = translator(to.locale)(accounts.ROLES[role])
    await send(tx, to, template, name=name, role=said, place=place, url=f"{site}/sign-in")


async def tell_suspended(tx: ControlTx, event: accounts.AccountSuspended) -> None:
    to, name = await _known(tx, event.account_id)
    await send(tx, to, "account_suspended" if event.suspended else "account_reinstated", name=name)


async def send_factor_reset(tx: ControlTx, event: accounts.FactorResetWanted, *, site: str) -> None:
    """The link where she wants to be told, and to every address of hers that there is one."""
    issued = await accounts.issue_factor_reset(tx, event.reset_id)
    if issued is None:
        return
    to, name = await _known(tx, issued.account_id)
    url = f"{site}/second-factor-lost/{issued.secret}"
    await send_secret(tx, to, "factor_reset", expires_at=issued.expires_at, name=name, url=url)
    for contact in await accounts.contacts_of(tx, issued.account_id):
        if contact.verified_at:
            at = {contact.kind: contact.value}
            await send(tx, Recipient.at(issued.account_id, to.locale, at), "factor_reset_notice", name=name)


async def _known(tx: ControlTx, account_id: UUID) -> tuple[Recipient, str]:
    name: str = await tx.value("SELECT name FROM accounts WHERE id = :id", id=account_id)
    return await recipient_of(tx, account_id), name


async def _clinic(tx: ControlTx, clinic_id: UUID) -> tuple[str, str]:
    name: str = await tx.value("SELECT name FROM clinics WHERE id = :id", id=clinic_id)
    slug: str = await tx.value("SELECT slug FROM clinics WHERE id = :id", id=clinic_id)
    return name, slug
