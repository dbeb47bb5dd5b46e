"""Mail by SMTP. The local twin is a real SMTP server: ``adapters/mailbox.py``."""

import contextlib
from email import policy
from email.headerregistry import BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.utils import formatdate, parseaddr

import aiosmtplib

from svastha.domain.notifications import Letter, NotTaken, Unreachable
from svastha.settings import Settings

PERMANENT = 500
REACHED_WITHIN, TAKEN_WITHIN = 8, 12  # seconds


class _Headers(HeaderRegistry):
    """Remembers the classes it makes: one anew for each header is half of what it costs to write a mail."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[str, type[BaseHeader]] = {}

    def __getitem__(self, name: str) -> type[BaseHeader]:
        if name not in self._made:
            self._made[name] = super().__getitem__(name)
        return self._made[name]


POLICY = policy.default.clone(header_factory=_Headers())


class Smtp:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def send(self, letter: Letter) -> str:
        """Raises Unreachable for an address the other side refuses for good, NotTaken before it was asked and for every
        other no; what breaks off between the mail and the answer stays open."""
        s = self._settings
        client = aiosmtplib.SMTP(
            hostname=s.smtp_host,
            port=s.smtp_port,
            username=s.smtp_user or None,
            password=s.smtp_password or None,
            use_tls=s.smtp_tls == "tls",
            start_tls=s.smtp_tls == "starttls",
            timeout=REACHED_WITHIN,
        )
        try:
            await client.connect()
        except (aiosmtplib.SMTPException, OSError) as nobody:
            raise NotTaken(type(nobody).__name__) from nobody
        try:
            await client.send_message(as_mail(letter, s.mail_from), timeout=TAKEN_WITHIN)
        except aiosmtplib.SMTPRecipientsRefused as refused:
            code = max(recipient.code for recipient in refused.recipients)
            if code >= PERMANENT:
                raise Unreachable(f"smtp_{code}") from None  # what the server said quotes the address
            raise NotTaken(f"smtp_{code}") from None
        except aiosmtplib.SMTPResponseException as no:
            raise NotTaken(f"smtp_{no.code}") from None
        except BaseException:
            client.close()
            raise
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):  # it is theirs already
            await client.quit(timeout=2)
        client.close()
        return ""


def as_mail(letter: Letter, sender: str) -> EmailMessage:
    mail = EmailMessage(POLICY)
    mail["From"], mail["To"], mail["Subject"] = (
        sender,
        letter.to,
        " ".join(letter.subject.splitlines()),  # of every kind, also those a header must not hold unasked
    )
    mail["Date"] = formatdate()
    domain = parseaddr(sender)[1].rsplit("@", 1)[-1]
    mail["Message-ID"] = f"<{letter.id}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.body)
    for attachment in letter.attachments:
        maintype, _, rest = attachment.content_type.partition("/")
        subtype, *params = (part.strip() for part in rest.split(";"))
        mail.add_attachment(
            attachment.text.encode(),
            maintype=maintype,
            subtype=subtype,
            filename=attachment.name,
            params=dict(param.split("=", 1) for param in params),
        )
    return mail
