"""What the twins of HTTP providers share: a server on a free port, and numbers that stand for what can go wrong.

A number ending in ``999`` and two digits means trouble, the first digit with WhatsApp, the second with SMS:

- 0  nothing special: taken and delivered, as for every other number
- 1  refused at once, such as a number without WhatsApp
- 2  taken, then reported as failed
- 3  taken, and never heard of again
- 4  the provider is down (503)
- 5  the provider answers after 30 seconds

So ``+91 98765 99930`` never gets a WhatsApp message and always gets its SMS.
"""

import json
import threading
import time
from contextlib import suppress
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from svastha.adapters import mailbox

REFUSED, FAILS, SILENT, DOWN, SLOW = "12345"
SLOWNESS = 30.0  # seconds
LARGEST = 64 * 1024


class Answer(NamedTuple):
    status: int
    body: dict[str, Any]
    reports: tuple[Any, ...] = ()  # told on the hook afterwards


class Wrong(Exception):
    """What the real one would not take, with what it would answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class Report(NamedTuple):
    body: bytes
    headers: dict[str, str]


class HttpTwin:
    """``hook``: where it reports. Empty: reports are only kept in ``reports``, for a test to hand over."""

    def __init__(self, folder: Path, *, hook: str = "") -> None:
        self.folder, self.hook = folder, hook
        self.reports: list[Report] = []
        self.asked = 0
        self._stopping = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name=type(self).__name__, daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> str:
        """Returns its address."""
        self._thread.start()
        return self.url

    def stop(self) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, headers: dict[str, str], body: Any) -> Answer:
        """``body`` is None when it was no JSON. Raises Wrong."""
        raise NotImplementedError

    def environ(self) -> dict[str, str]:
        """The settings that lead here."""
        raise NotImplementedError

    def signed(self, body: bytes) -> dict[str, str]:
        """Headers that prove to the hook who reports."""
        raise NotImplementedError

    def trouble(self, number: str, digit: int) -> str:
        """What this number stands for; slow ones have waited when this returns."""
        found = number[-2:][digit] if number[:-2].endswith("999") else "0"
        if found == SLOW:
            self._stopping.wait(SLOWNESS)
        return found

    def arrived(self, channel: str, number: str, text: str, id: str) -> None:
        message = EmailMessage()
        message["To"], message["Message-ID"], message[mailbox.CHANNEL_HEADER] = f"+{number}", f"<{id}>", channel
        message.set_content(text)
        mailbox.put(self.folder, bytes(message), [f"+{number}"])

    def _written(self, told: Any) -> Report:
        body = json.dumps(told).encode()
        return Report(body, {"content-type": "application/json", **self.signed(body)})

    def _tell(self, reports: list[Report]) -> None:
        with httpx.Client(trust_env=False) as client:
            for report in reports:
                for pause in (0.0, 1.0, 3.0):  # we may be starting, or mending ourselves
                    time.sleep(pause)
                    with suppress(httpx.HTTPError):
                        if client.post(self.hook, content=report.body, headers=report.headers).is_success:
                            break

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        twin = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                twin.asked += 1
                length = int(self.headers.get("content-length") or 0)
                raw = self.rfile.read(min(length, LARGEST))
                try:
                    body = json.loads(raw)
                except ValueError:
                    body = None
                try:
                    answer = twin.answer(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
                except Wrong as wrong:
                    answer = wrong.answer
                content, reports = json.dumps(answer.body).encode(), [twin._written(told) for told in answer.reports]
                twin.reports += reports
                try:
                    self.send_response(answer.status)
                    self.send_header("content-type", "application/json")
                    self.send_header("content-length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)
                except OSError:  # whoever asked has lost patience
                    return
                if twin.hook and reports:
                    threading.Thread(target=twin._tell, args=(reports,), daemon=True).start()

            def log_message(self, format: str, *args: Any) -> None:
                """Silent: what is asked of it names people."""

        return Handler
