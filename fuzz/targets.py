"""Everything of ours that reads what strangers, providers or operators write. Each takes bytes, and may raise nothing:
the refusals that are its answer are caught here.

``tests/hostile/test_parsers.py`` gives each a few hundred inputs, ``python -m fuzz`` as many as there is time for.
"""

import asyncio
import base64
import csv
import hmac
import io
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, MagicMock, patch
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from icalendar import Calendar
from jwt.algorithms import ECAlgorithm as ES256

from svastha import settings
from svastha.adapters import kms, messaging, oidc
from svastha.adapters.sms import Msg91
from svastha.adapters.smtp import as_mail
from svastha.adapters.whatsapp import WhatsApp
from svastha.domain import accounts, audit, calendars, notifications, prescriptions
from svastha.domain.appointments import links
from svastha.domain.calendars.model import Followed
from svastha.domain.directory import understand
from svastha.domain.doctors.documents import media_type_of
from svastha.domain.keys import ProviderAway
from svastha.domain.notifications import Letter, NotTaken, Unreachable
from svastha.domain.notifications.compose import registered
from svastha.domain.notifications.templates import SHORT
from svastha.doors import address, audit_file, bell, federated, instants, media, refused, versions
from svastha.doors.cli import audit as audit_cli
from svastha.doors.hooks import reported, sms, whatsapp
from svastha.doors.live import signalling
from svastha.doors.live.relay import Relay, Told
from svastha.doors.web import ids
from svastha.doors.web.public import federated as federated_pages
from svastha.kit import crypto, openid, pages, user_agent, wire
from svastha.kit.keyring import Keyring, SigningKey, new_signing_key
from svastha.kit.refusals import BadRequest, Invalid, NotFound
from svastha.kit.trust import Trust

SECRET = "a secret for fuzzing alone, of no other use"
ID = UUID(int=7)
AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
ISSUER = "https://provider.test"
PROVIDERS_KEY = ec.generate_private_key(ec.SECP256R1())
KEYRING = Keyring(issuer="svastha", audience="svastha")
KEYRING.learn(index={}, active=(), signing={"k": SigningKey("k", new_signing_key()[1], None, True)}, kid="k")
NEAR = "http://127.0.0.1:1"  # nobody is asked
ACCOUNTS: Any = SimpleNamespace(
    **{"sms_url": NEAR, "sms_key": "k", "sms_sender": "SVASTH", "sms_templates": "x.en=1"},
    **{"whatsapp_url": NEAR, "whatsapp_token": "t", "whatsapp_phone_id": "1", "whatsapp_templates": "x=x"},
    **{"kms_url": NEAR, "kms_key_id": "k", "kms_access_key": "a", "kms_secret_key": "s", "kms_region": "ap-south-1"},
)
Target = Callable[[bytes], object]
TARGETS: dict[str, Target] = {}


def target(read: Target) -> Target:
    TARGETS[read.__name__] = read
    return read


def text_of(data: bytes) -> str:
    """As wild as a text can be: with lone surrogates where there is a way to send them."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def header_of(data: bytes) -> str:
    return data.decode("latin-1").replace("\r", "").replace("\n", "").replace("\0", "")


def request(**headers: str) -> Any:
    return SimpleNamespace(cookies={}, headers={name.replace("_", "-"): value for name, value in headers.items()})


@target
def cursor(data: bytes) -> None:
    with suppress(BadRequest):
        cursors = pages.Cursors(tuple[datetime, UUID], secret=SECRET, purpose="fuzz")
        assert cursors.place(text_of(data)) is None, "a cursor nobody has signed"


@target
def signed_body(data: bytes) -> None:
    """What is inside a token of ours, should its secret ever leak: of the wrong shape it is none."""
    mac = hmac.digest(SECRET.encode(), b"media\0" + data, "sha256")[:16]
    token = base64.urlsafe_b64encode(mac + data).rstrip(b"=").decode()
    crypto.signed(SECRET, "media", token, media.Admitted)


@target
def pass_into_a_call(data: bytes) -> None:
    given: Any = SimpleNamespace(secret=SECRET)
    assert media.admitted(given, text_of(data)) is None


@target
def link_of_a_message(data: bytes) -> None:
    with suppress(NotFound):
        links.token_of(text_of(data), secret=SECRET)
        raise AssertionError("a link nobody has signed")


@target
def code_of_a_prescription(data: bytes) -> None:
    with suppress(NotFound):
        clinic, code = prescriptions.place_of(text_of(data))
        assert code.isascii()
        assert code.startswith(clinic + "-")


@target
def sealed_text(data: bytes) -> None:
    vault = crypto.Vault(ID, {1: b"k" * 32, 2: b"l" * 32}, 2)
    with suppress(crypto.Unreadable, crypto.KeyNotYetKnown):
        vault.open("notes", "text", ID, data)
        raise AssertionError("opened what nobody sealed")


@target
def version_of_a_writer(data: bytes) -> None:
    with suppress(BadRequest):
        assert -1 <= versions.expected(header_of(data)) < 10**9


@target
def device(data: bytes) -> None:
    browser, system = user_agent.device_of(header_of(data))
    assert browser + system == "" or (browser + system).isprintable()


@target
def language(data: bytes) -> None:
    assert refused.language_of(request(accept_language=header_of(data))) in ("en", "hi")


@target
def forwarded_for(data: bytes) -> None:
    scope: Any = {"client": ("10.0.0.1", 1), "headers": [(b"x-forwarded-for", data)]}
    found = address.client_of(scope, "10.0.0.0/8 fd00::/8")
    address.network_of(found)
    assert len(found) < 50


@target
def instant(data: bytes) -> None:
    with suppress(Invalid):
        found = instants.instant("at", text_of(data), ZoneInfo("Asia/Kolkata"), days=1)
        assert found.tzinfo


@target
def id_in_an_address(data: bytes) -> None:
    ids.uuid_of(text_of(data))


@target
def address_of_somebody(data: bytes) -> None:
    with suppress(Invalid):
        found = accounts.address_of(text_of(data))
        assert found.value.splitlines() == [found.value]


@target
def search_words(data: bytes) -> None:
    assert "\0" not in understand.plain(text_of(data))


@target
def report_of_an_sms(data: bytes) -> None:
    reported.understood(data, sms._Report | list[sms._Report], hook="fuzz")
    reported.understood(data, sms._Reply, hook="fuzz")


@target
def report_of_whatsapp(data: bytes) -> None:
    reported.understood(data, whatsapp._Notice, hook="fuzz")


@target
def signature_of_a_hook(data: bytes) -> None:
    assert not reported.same(header_of(data), "sha256=" + "0" * 64 + "x")
    assert not reported.same(header_of(data), "")


@target
def ring(data: bytes) -> None:
    """Of another process, over PostgreSQL or the Redis protocol: in pieces, or whole."""
    text = data.decode(errors="replace")
    bell.ring_of(text)
    wire.Whole(bell.ring_of)(text)


@target
def message_of_a_call(data: bytes) -> None:
    """What is taken reaches another process as it is."""
    text = data.decode(errors="replace")  # the server has refused what is no text
    message = signalling._read(text)
    if message is not None:
        note = Told({**message, "from": "sid"}, "doctor", "sid")
        assert asyncio.run(_passed_on(note)) == (ID, note)


async def _passed_on(note: Told) -> object:
    here, there = Relay(AsyncMock(), SECRET), Relay(AsyncMock(), SECRET)
    here.send(ID, note)
    return there.read(here._waiting[0])


@target
def note_between_processes(data: bytes) -> None:
    """Of nobody, and of a process of ours of another version."""
    relay = Relay(AsyncMock(), SECRET)
    assert relay.read(text_of(data)) is None
    sealed = base64.b64encode(crypto.seal(relay._key, data, ID.bytes)).decode()
    relay.read(msgspec.json.encode(("another", ID, sealed)).decode())


@target
def whom_to_forget(data: bytes) -> None:
    async def told() -> None:
        Trust(MagicMock(), "control")._told(None, 1, "", data.decode(errors="replace"))

    asyncio.run(told())


@target
def access_token(data: bytes) -> None:
    assert KEYRING.claims_of(header_of(data)) is None


@target
def sealed_cookie(data: bytes) -> None:
    house: Any = SimpleNamespace(settings=SimpleNamespace(secret=SECRET))
    assert federated.found(house, "way", text_of(data), federated.Way) is None
    inside = crypto.seal(federated._key(house), data, b"way")
    federated.found(house, "way", base64.urlsafe_b64encode(inside).decode(), federated.Way)


@target
def name_from_a_provider(data: bytes) -> None:
    assert len(federated_pages._name_in(data.decode(errors="replace"))) <= 120


@target
def id_token(data: bytes) -> None:
    """Of anybody, and of a provider gone wrong."""
    for token in (data.decode(errors="replace"), jwt.PyJWS().encode(data, PROVIDERS_KEY, "ES256", {"kid": "k"})):
        with suppress(oidc._Unfit):
            asyncio.run(_believed(token))


async def _believed(token: str) -> None:
    provider = oidc.OpenIdProvider(openid.ProviderSettings("g", "G", ISSUER, "client"))
    provider._published = oidc._Published(ISSUER, ISSUER, ISSUER, ISSUER)
    provider._published_at = provider._keys_at = time.monotonic()
    provider._keys = [jwt.PyJWK({**ES256.to_jwk(PROVIDERS_KEY.public_key(), as_dict=True), "kid": "k"})]
    provider._vouched(await provider._believe(token, "nonce", {"client"}), token)


@target
def keys_of_a_provider(data: bytes) -> None:
    with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # told by whoever fetches them
        oidc._understood(msgspec.json.decode(data, type=oidc._KeySet))


@target
def reference_in_a_receipt(data: bytes) -> None:
    found = notifications.place_of(text_of(data))
    assert found is None or isinstance(found[1], UUID)


@target
def answer_about_an_sms(data: bytes) -> None:
    asyncio.run(_sent(Msg91(ACCOUNTS), data))


@target
def answer_about_a_whatsapp(data: bytes) -> None:
    with suppress(LookupError):  # taken, it seems
        asyncio.run(_sent(WhatsApp(ACCOUNTS), data))


async def _sent(channel: Any, data: bytes) -> None:
    letter = Letter(ID, "+919800000000", "", "", "x", "en")
    for status in (500, 400, 200):
        answer = messaging.object_in(httpx.Response(status, content=data)) or {}
        channel._api.post = AsyncMock(return_value=(status, answer))
        with suppress(Unreachable, NotTaken):
            assert isinstance(await channel.send(letter), str)


@target
def answer_of_the_key_service(data: bytes) -> None:
    asyncio.run(_asked(data))


async def _asked(data: bytes) -> None:
    service: Any = kms.Kms(ACCOUNTS)
    with patch.object(kms, "PAUSES", (0.0,)):
        for status in (400, 200):
            service._post = AsyncMock(return_value=kms._understood(httpx.Response(status, content=data)))
            for ask in (lambda: service.wrap(b"key", "x"), lambda: service.unwrap(b"key", "x"), service.check):
                with suppress(ProviderAway, crypto.Unreadable):
                    await ask()


@target
def upload(data: bytes) -> None:
    assert media_type_of(data) in (None, "application/pdf", "image/jpeg", "image/png")


@target
def every_setting(data: bytes) -> None:
    """The same odd value for one setting after the other: said to be wrong by name, or taken."""
    text = text_of(data).replace("\0", "")
    for field in msgspec.structs.fields(settings.Settings):
        name = settings.env_name(field.name)
        with suppress(settings.SettingsTrouble):
            settings.load({"SVASTHA_MODE": "production", "SVASTHA_PORT": "8000", name: text})


@target
def providers(data: bytes) -> None:
    with suppress(ValueError):
        openid.providers_of(text_of(data), https=True)


@target
def copy_of_the_audit(data: bytes) -> None:
    verifier = audit.Verifier()
    with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        for record in audit_cli.records_in(io.BytesIO(data)):
            verifier.feed(record)
    verifier.close()


@target
def row_of_a_table(data: bytes) -> None:
    """Read back it is the same, and nothing a spreadsheet would work out."""
    text = text_of(data).replace("\0", "")[:100_000]  # more the reader here does not take
    cell = audit_file.harmless(text)
    assert not cell.startswith(audit_file.FORMULA)
    [[read, after]] = csv.reader(io.StringIO(audit_file.row_of([cell, "after"]), newline=""))
    assert (read, after) == (cell, "after")


@target
def calendar(data: bytes) -> None:
    """Read by another program, whoever gives herself whatever name has added nothing to the calendar."""
    name = text_of(data).encode(errors="replace").decode()
    visit = calendars.Entry(ID, 1, AT, AT, AT + timedelta(minutes=20), "video", "confirmed", name, name, "asha", name)
    feed = Followed(ID, "patient", ID, None, "en", ["asha"])
    read = Calendar.from_ical(calendars.written(feed, [visit], site="https://svastha.test"))
    [event] = read.walk("VEVENT")
    assert not read.errors
    assert not event.errors
    assert set(event) == {"UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "URL", "STATUS"}


@target
def mail(data: bytes) -> None:
    """No header more than there should be, and one recipient, whatever is in a name."""
    name = text_of(data).encode(errors="replace").decode()
    letter = Letter(ID, "ananya@cast.test", f"Your visit with {name}", f"Hello {name},\n\nbye", "x", "en")
    sent = message_from_bytes(as_mail(letter, "Svastha <no-reply@svastha.test>").as_bytes(), policy=policy.default)
    names = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"]
    assert [one for one in sent if one not in ("Content-Type", "Content-Transfer-Encoding", "MIME-Version")] == names
    assert sent["To"] == "ananya@cast.test"


@target
def text_of_a_message(data: bytes) -> None:
    """Words are put in once: braces in a name are braces."""
    words = text_of(data)
    for text in SHORT.values():
        if "{name}" in text:
            assert words in text.format_map(_Same(words))
    assert "{" not in registered("one_time_code", "hi").replace("{#var#}", "")


class _Same(dict[str, str]):
    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def __missing__(self, key: str) -> str:
        return self._text
