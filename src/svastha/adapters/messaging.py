"""What the HTTP channels have in common: a client with short patience, and names of templates from the settings."""

import ssl
from typing import Any

import httpx

from svastha.domain.notifications import NotTaken

CONNECT, WHOLE = 3.0, 8.0  # seconds: somebody waits for the code, and a transaction is open


class TryAgain(NotTaken):
    """The provider cannot do it now. Carries its code."""


class Provider:
    """Posts JSON to one address. One connection for each message: there are few, and no loop owns them."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self._url, self._headers = url, headers
        self._near = url.startswith("http://127.0.0.1")
        self._tls: ssl.SSLContext | bool = False if self._near else httpx.create_ssl_context()

    async def post(self, body: Any) -> tuple[int, dict[str, Any]]:
        """Status and what was answered, empty if that is no JSON object. Raises NotTaken when nobody was there to ask,
        httpx.HTTPError when the question was put and no answer came."""
        async with httpx.AsyncClient(
            headers=self._headers,
            verify=self._tls,
            timeout=httpx.Timeout(WHOLE, connect=CONNECT),
            trust_env=not self._near,
        ) as client:
            try:
                answer = await client.post(self._url, json=body)
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as nobody:
                raise NotTaken(type(nobody).__name__) from nobody
        return answer.status_code, object_in(answer) or {}


def object_in(answer: httpx.Response) -> dict[str, Any] | None:
    """None for what is no JSON object."""
    try:
        found = answer.json()
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def named(text: str) -> dict[str, str]:
    """``ours=theirs ours=theirs`` as it stands in a setting."""
    return dict(pair.split("=", 1) for pair in text.replace(",", " ").split() if "=" in pair)
