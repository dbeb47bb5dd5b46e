from svastha.domain import accounts, factors
from svastha.domain.notifications.recipient import recipient_of
from svastha.domain.notifications.send import send
from svastha.kit.db import ControlTx
from svastha.kit.i18n import N_, translator

WHAT = {
    "totp_added": N_("An authenticator app was set up."),
    "totp_removed": N_("The authenticator app was removed."),
    "passkey_added": N_("A passkey was added."),
    "passkey_removed": N_("A passkey was removed."),
    "recovery_codes_renewed": N_("New recovery codes were made."),
    "recovery_code_used": N_("A recovery code was used to sign in."),
    "factors_reset": N_("All your passkeys, your app and your recovery codes were removed."),
}


async def tell_factors_changed(tx: ControlTx, event: factors.FactorsChanged, *, site: str) -> None:
    """To the owner of the account: if it was somebody else, she hears of it."""
    her = await accounts.reached(tx, event.account_id)
    what = translator(her.locale)(WHAT[event.what])
    to = await recipient_of(tx, event.account_id)
    await send(tx, to, "factors_changed", name=her.name, what=what, url=f"{site}/security")
