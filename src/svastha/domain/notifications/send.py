from collections.abc import Sequence

import msgspec

from svastha.domain.notifications.model import Attachment, Deliver, Recipient
from svastha.domain.notifications.templates import SIGN_OFF, TEMPLATES
from svastha.kit.db import Tx
from svastha.kit.i18n import translator
from svastha.kit.ids import uuid7
from svastha.kit.outbox import announce


async def send(tx: Tx, to: Recipient, template: str, *, attachments: Sequence[Attachment] = (), **words: str) -> None:
    """Write a message in the recipient's language, to be delivered once this transaction has committed."""
    _ = translator(to.locale)
    subject, body = TEMPLATES[template]
    message_id = uuid7()
    await tx.run(
        "INSERT INTO messages (id, channel, address, account_id, template, subject, body, attachments)"
        " VALUES (:id, 'email', :address, :account_id, :template, :subject, :body, :attachments)",
        id=message_id,
        address=to.email,
        account_id=to.account_id,
        template=template,
        subject=_(subject).format(**words),
        body=f"{_(body).format(**words)}\n\n-- \n{_(SIGN_OFF)}\n",
        attachments=msgspec.to_builtins(list(attachments)),
    )
    announce(tx, Deliver(message_id))
