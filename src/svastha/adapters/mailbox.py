"""The outside world's inbox, here: in development and tests every message the house sends ends up in one Maildir.

Mail arrives by real SMTP. The twins of other channels put their messages here too, and say in the header
``X-Svastha-Channel`` which channel it was.
"""

import asyncio
import contextlib
import email.policy
import hashlib
import mailbox
import os
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesHeaderParser, BytesParser
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session
from msgspec import Struct

CHANNEL_HEADER = "X-Svastha-Channel"
LARGEST_MAIL = 25 * 2**20  # bytes


class Attachment(Struct, frozen=True):
    name: str
    content_type: str
    text: str  # empty unless it is text, such as a calendar entry


class Message(Struct, frozen=True):
    channel: str  # email, sms, whatsapp
    to: str  # who it was delivered to, with commas between several
    subject: str
    text: str
    html: str
    sent_at: datetime
    attachments: list[Attachment]
    id: str


def put(folder: Path, content: bytes, to: Sequence[str]) -> bool:
    """Store one message as it was sent. False when the same Message-ID came to the same people before: dropped."""
    _make(folder)
    message_id = BytesHeaderParser(policy=email.policy.compat32).parsebytes(content)["Message-ID"] or uuid.uuid4()
    key = hashlib.sha256("\n".join([str(message_id).strip(), *sorted(to)]).encode()).hexdigest()[:32]
    draft = folder / "tmp" / uuid.uuid4().hex
    draft.write_bytes(f"Delivered-To: {', '.join(to)}\r\n".encode() + content)
    os.utime(draft, ns=(time.time_ns(), time.time_ns()))  # the file system's own clock ticks too slowly to sort by
    try:
        os.link(draft, folder / "new" / key)  # unlike a rename it refuses to replace: of two at once, one is kept
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def read(folder: Path, to: str | None = None, limit: int = 100) -> list[Message]:
    """The newest messages first, all of them or those delivered to one address. Messages may arrive meanwhile."""
    found: list[Message] = []
    for path, arrived in _newest_first(folder):
        if len(found) == limit:
            break
        with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
            if to is None or to.lower() in _delivered_to(file.readline()):
                file.seek(0)
                found.append(
                    _message(
                        path.name,
                        arrived,
                        BytesParser(policy=email.policy.default).parse(file),
                    )
                )
    return found


class SmtpTwin:
    """A mail server on a free port of this machine, in a thread of its own, that puts all mail into ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="smtp twin", daemon=True)

    def start(self) -> int:
        """Returns the port."""
        _make(self.folder)
        server = self._loop.run_until_complete(self._loop.create_server(self._session, "127.0.0.1", 0))
        self._thread.start()
        port: int = server.sockets[0].getsockname()[1]
        return port

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=2)

    def _session(self) -> SMTP:
        return SMTP(
            self,
            loop=self._loop,
            hostname="localhost",
            data_size_limit=LARGEST_MAIL,
            enable_SMTPUTF8=True,
        )

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        put(self.folder, envelope.original_content or b"", envelope.rcpt_tos)
        return "250 OK"


def _make(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    mailbox.Maildir(folder, create=True)


def _newest_first(folder: Path) -> Iterator[tuple[Path, datetime]]:
    arrivals = []
    for path in [*folder.glob("new/*"), *folder.glob("cur/*")]:
        with contextlib.suppress(FileNotFoundError):
            arrivals.append((path.stat().st_mtime_ns, path))
    for nanoseconds, path in sorted(arrivals, reverse=True):
        yield path, datetime.fromtimestamp(nanoseconds / 1e9, UTC)


def _delivered_to(first_line: bytes) -> list[str]:
    people = first_line.decode(errors="replace").removeprefix("Delivered-To:")
    return [address.strip().lower() for address in people.split(",")]


def _message(key: str, arrived: datetime, mail: EmailMessage) -> Message:
    text = html = ""
    attachments = []
    for part in mail.walk():
        kind = part.get_content_type()
        if part.is_multipart():
            continue
        if kind == "text/plain" and not part.is_attachment() and not text:
            text = _text(part).replace("\r\n", "\n")
        elif kind == "text/html" and not part.is_attachment() and not html:
            html = _text(part).replace("\r\n", "\n")
        else:
            readable = _text(part) if part.get_content_maintype() == "text" else ""
            attachments.append(Attachment(part.get_filename() or "", kind, readable))
    return Message(
        channel=str(mail.get(CHANNEL_HEADER, "email")),
        to=str(mail.get("Delivered-To") or mail.get("To", "")),
        subject=str(mail.get("Subject", "")),
        text=text,
        html=html,
        sent_at=arrived,
        attachments=attachments,
        id=key.partition(":")[0],
    )


def _text(part: EmailMessage) -> str:
    try:
        return str(part.get_content())
    except (LookupError, ValueError):  # a charset nobody knows
        content = part.get_payload(decode=True)
        return content.decode(errors="replace") if isinstance(content, bytes) else ""
