"""AWS Key Management Service, or whatever speaks its wire protocol. The local twin is ``kms_twin.py``.

https://docs.aws.amazon.com/kms/latest/APIReference/ — JSON 1.1 over HTTPS, signed with Signature Version 4. A key is
wrapped by ``Encrypt`` with its context as EncryptionContext: for another one KMS does not open it, and it logs which.
"""

import asyncio
import base64
import ssl
from typing import Any

import httpx
import structlog
from httpx_auth import AWS4Auth

from svastha.adapters.messaging import object_in
from svastha.domain.keys import ProviderAway
from svastha.kit.crypto import Unreadable
from svastha.settings import Settings

PATIENCE = httpx.Timeout(5, connect=3)
PAUSES = (0.0, 0.2, 0.8)  # seconds before each try
PASSING = {"ThrottlingException", "KMSInternalException", "DependencyTimeoutException", "KeyUnavailableException"}
SHUT = {"InvalidCiphertextException", "IncorrectKeyException"}
log = structlog.get_logger()


class Kms:
    name = "kms"

    def __init__(self, settings: Settings) -> None:
        self._key_id = settings.kms_key_id
        self._url = settings.kms_url or f"https://kms.{settings.kms_region}.amazonaws.com"
        self._auth = AWS4Auth(settings.kms_access_key, settings.kms_secret_key, settings.kms_region, "kms")
        self._near = self._url.startswith("http://127.0.0.1")
        self._tls: ssl.SSLContext | bool = False if self._near else httpx.create_ssl_context()

    async def wrap(self, key: bytes, context: str) -> bytes:
        asked = {"KeyId": self._key_id, "Plaintext": _text(key), "EncryptionContext": {"owner": context}}
        return _bytes(await self._ask("Encrypt", asked), "CiphertextBlob")

    async def unwrap(self, wrapped: bytes, context: str) -> bytes:
        """The key that wrapped it is named by KMS itself, so keys wrapped by an older one still open."""
        asked = {"CiphertextBlob": _text(wrapped), "EncryptionContext": {"owner": context}}
        return _bytes(await self._ask("Decrypt", asked), "Plaintext")

    async def check(self) -> None:
        """Raises ProviderAway unless the key is there and in use."""
        found = (await self._ask("DescribeKey", {"KeyId": self._key_id})).get("KeyMetadata")
        if not isinstance(found, dict) or not found.get("Enabled") or found.get("KeyUsage") != "ENCRYPT_DECRYPT":
            raise ProviderAway(retry_after=60)

    async def _ask(self, action: str, body: dict[str, Any]) -> dict[str, Any]:
        why = ""
        for pause in PAUSES:
            await asyncio.sleep(pause)
            try:
                status, answer = await self._post(action, body)
            except httpx.HTTPError as trouble:
                why = type(trouble).__name__
                continue
            if status == httpx.codes.OK:
                return answer
            why = str(answer.get("__type", status)).rsplit("#", 1)[-1]
            if why in SHUT:
                raise Unreadable
            if status < 500 and why not in PASSING:
                break
        log.error("kms_refuses", action=action, why=why)
        raise ProviderAway(retry_after=5)

    async def _post(self, action: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        async with httpx.AsyncClient(verify=self._tls, timeout=PATIENCE, trust_env=not self._near) as client:
            answer = await client.post(
                self._url,
                json=body,
                headers={"content-type": "application/x-amz-json-1.1", "x-amz-target": f"TrentService.{action}"},
                auth=self._auth,
            )
        return _understood(answer)


def _understood(answer: httpx.Response) -> tuple[int, dict[str, Any]]:
    found = object_in(answer)
    return (502, {}) if found is None else (answer.status_code, found)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(answer: dict[str, Any], field: str) -> bytes:
    try:
        return base64.b64decode(answer[field], validate=True)
    except (KeyError, TypeError, ValueError) as trouble:
        raise ProviderAway(retry_after=5) from trouble
