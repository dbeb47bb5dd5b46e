"""What the OpenID provider of ``adapters/oidc_twin.py`` looks like from outside: its addresses and its two pages."""

import hashlib
import html
import json
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

if TYPE_CHECKING:
    from svastha.adapters.oidc_twin import OpenIdTwin

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>:root{{color-scheme:light dark}}
body{{font:1rem/1.5 system-ui;max-width:24rem;margin:2rem auto;padding:0 1rem}}
button,input{{font:inherit;width:100%;padding:.6rem;margin:.25rem 0;box-sizing:border-box}}</style>
<h1>Who do you want to be?</h1><p>This stands in for {name} while you develop. No password is asked.</p>
{people}<form method="post" action="/authorize">{kept}
<label>E-mail <input name="email" type="email" required></label><label>Name <input name="name"></label>
<button>Continue</button></form>
<form method="post" action="/authorize">{kept}<input type="hidden" name="decline" value="1"><button>Cancel</button>
</form></html>"""


class Somebody(msgspec.Struct, frozen=True):
    email: str
    name: str = ""
    confirmed: bool = True

    @property
    def subject(self) -> str:
        return hashlib.sha256(self.email.lower().encode()).hexdigest()[:20]


class TwinHandler(BaseHTTPRequestHandler):
    provider: "OpenIdTwin"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path, asked = urlsplit(self.path).path, dict(parse_qsl(urlsplit(self.path).query))
        self.provider.asked.append(path)
        match path:
            case "/.well-known/openid-configuration":
                self._json(200, self.provider.metadata())
            case "/keys":
                self._json(200, self.provider.keys())
            case "/userinfo":
                found = self.provider.info(self.headers.get("Authorization", ""))
                self._json(200 if found else 401, found or {"error": "invalid_token"})
            case "/authorize" if self.provider.fits(asked):
                self._answer(200, "text/html; charset=utf-8", _who(self.provider, asked))
            case "/authorize":
                self._answer(400, "text/plain; charset=utf-8", "This request is not one of a client we know.")
            case _:
                self._answer(404, "text/plain; charset=utf-8", "Not found.")

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        self.provider.asked.append(path)
        length = min(int(self.headers.get("Content-Length", "0")), 65536)
        form = dict(parse_qsl(self.rfile.read(length).decode(errors="replace"), keep_blank_values=True))
        if path == "/token" and self.provider.misbehave == "garbage":
            self._answer(200, "application/json", "<html>not what you asked for</html>")
        elif path == "/token":
            answer = self.provider.exchange(form, self.headers.get("Authorization", ""))
            self._json(400 if "error" in answer else 200, answer)
        elif path == "/authorize" and self.provider.fits(asked := dict(parse_qsl(form.get("asked", "")))):
            email = form.get("email", "").strip()
            who = None if form.get("decline") or not email else Somebody(email, form.get("name", "").strip())
            self._back(asked, self.provider.chosen(asked, who), who)
        else:
            self._answer(400, "text/plain; charset=utf-8", "This request is not one of a client we know.")

    def _back(self, asked: dict[str, str], returned: dict[str, str], who: Somebody | None) -> None:
        if asked.get("response_mode") != "form_post":
            self.send_response(303)
            self.send_header("Location", f"{asked['redirect_uri']}?{urlencode(returned)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if who:  # Apple tells the name here, and only here
            first, _, last = who.name.partition(" ")
            returned |= {"user": json.dumps({"name": {"firstName": first, "lastName": last}})}
        fields = "".join(_hidden(name, value) for name, value in returned.items())
        form = f'<form method="post" action="{html.escape(asked["redirect_uri"])}">{fields}<button>Continue</button>'
        self._answer(200, "text/html; charset=utf-8", f"<!doctype html><title>Continue</title>{form}</form>")

    def _json(self, status: int, body: Any) -> None:
        self._answer(status, "application/json", json.dumps(body))

    def _answer(self, status: int, kind: str, body: str) -> None:
        raw = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(raw)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: codes would be in the log."""


def _who(twin: "OpenIdTwin", asked: dict[str, str]) -> str:
    kept = _hidden("asked", urlencode(asked))
    people = "".join(
        f'<form method="post" action="/authorize">{kept}{_hidden("email", one.email)}{_hidden("name", one.name)}'
        f"<button>{html.escape(one.name)}<br><small>{html.escape(one.email)}</small></button></form>"
        for one in twin.people
    )
    return PAGE.format(
        title=html.escape(twin.label), name=html.escape(twin.label.partition(" (")[0]), people=people, kept=kept
    )


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
