"""The mailbox takes real mail and shows it as it was sent."""

import smtplib
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from svastha.adapters import mailbox


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mailbox"


@pytest.fixture
def port(folder: Path) -> Iterator[int]:
    twin = mailbox.SmtpTwin(folder)
    yield twin.start()
    twin.stop()


def mail(to: str = "meera@svastha.test", subject: str = "Your visit", message_id: str | None = None) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Svastha <no-reply@svastha.test>"
    message["To"] = to
    message["Subject"] = subject
    if message_id:
        message["Message-ID"] = message_id
    message.set_content("Namaste, आपका समय तय है।\n")
    message.add_alternative("<p>Namaste</p>\n", subtype="html")
    return message


def send(port: int, message: EmailMessage, to: list[str] | None = None) -> None:
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.send_message(message, to_addrs=to)


def test_a_mail_is_read_as_it_was_sent(folder: Path, port: int) -> None:
    message = mail(subject="आपका समय")
    message.add_attachment("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", subtype="calendar", filename="visit.ics")
    message.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename="visit.pdf")
    send(port, message)
    [got] = mailbox.read(folder)
    assert (got.channel, got.to, got.subject) == ("email", "meera@svastha.test", "आपका समय")
    assert (got.text, got.html) == ("Namaste, आपका समय तय है।\n", "<p>Namaste</p>\n")
    assert [(a.name, a.content_type) for a in got.attachments] == [
        ("visit.ics", "text/calendar"),
        ("visit.pdf", "application/pdf"),
    ]
    assert got.attachments[0].text.startswith("BEGIN:VCALENDAR")
    assert got.attachments[1].text == ""


def test_newest_first_to_one_person_and_no_more_than_asked(folder: Path, port: int) -> None:
    for number in range(3):
        send(port, mail("meera@svastha.test", f"to Meera {number}"))
        send(port, mail("arjun@svastha.test", f"to Arjun {number}"))
    to_meera = mailbox.read(folder, to="Meera@Svastha.test", limit=2)
    assert [message.subject for message in to_meera] == ["to Meera 2", "to Meera 1"]
    assert mailbox.read(folder, limit=1)[0].subject == "to Arjun 2"
    assert mailbox.read(folder, to="svastha.test") == []


def test_who_got_it_counts_not_what_the_header_says(folder: Path, port: int) -> None:
    send(port, mail("a-list@svastha.test"), to=["meera@svastha.test", "arjun@svastha.test"])
    assert mailbox.read(folder, to="arjun@svastha.test")[0].to == "meera@svastha.test, arjun@svastha.test"
    assert mailbox.read(folder, to="a-list@svastha.test") == []


def test_the_same_message_sent_twice_is_there_once(folder: Path, port: int) -> None:
    for _ in range(2):
        send(port, mail(message_id="<visit-1@svastha.test>"))
    send(port, mail(message_id="<visit-2@svastha.test>"))
    assert len(mailbox.read(folder)) == 2


def test_another_channel_says_so(folder: Path) -> None:
    message = mail("+919800000001")
    message[mailbox.CHANNEL_HEADER] = "sms"
    assert mailbox.put(folder, bytes(message), ["+919800000001"])
    assert mailbox.read(folder, to="+919800000001")[0].channel == "sms"


def test_many_writers_at_once_lose_nothing(folder: Path, port: int) -> None:
    senders = [threading.Thread(target=send, args=(port, mail(subject=str(number)))) for number in range(20)]
    for sender in senders:
        sender.start()
    while any(sender.is_alive() for sender in senders):
        mailbox.read(folder)
    assert {message.subject for message in mailbox.read(folder)} == {str(number) for number in range(20)}


def test_an_unknown_charset_and_an_empty_mailbox(folder: Path) -> None:
    assert mailbox.read(folder) == []
    odd = b"To: meera@svastha.test\r\nContent-Type: text/plain; charset=klingon\r\n\r\nNamaste\r\n"
    mailbox.put(folder, odd, ["meera@svastha.test"])
    assert mailbox.read(folder)[0].text == "Namaste\n"
