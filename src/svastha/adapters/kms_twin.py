"""A key management service on this machine that speaks AWS KMS's wire protocol over real HTTP.

It checks what the real one checks: Signature Version 4 over the very bytes that came, the age of a request, the target,
the key, and that a ciphertext opens only with the EncryptionContext it was made with.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
import re
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

OLDEST = timedelta(minutes=5)
LARGEST = 64 * 1024
AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/,]+)/(\d{8})/([a-z0-9-]+)/kms/aws4_request, ?"
    r"SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})"
)
NEEDED = {"host", "x-amz-date", "x-amz-target"}


class Refused(Exception):
    def __init__(self, kind: str, status: int = 400) -> None:
        super().__init__(kind)
        self.kind, self.status = kind, status


class KmsTwin:
    region, key_id = "ap-south-1", "alias/svastha"

    def __init__(self, access_key: str = "AKIATWIN", secret_key: str = "of the twin alone") -> None:  # noqa: S107
        self.access_key, self.secret_key = access_key, secret_key
        self.enabled, self.down = True, False
        self.asked: list[tuple[str, dict[str, Any]]] = []  # action, EncryptionContext
        self._master = {self.key_id: AESGCM(os.urandom(32))}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="kms-twin", daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def environ(self) -> dict[str, str]:
        """The settings that lead here."""
        return {
            "SVASTHA_KEY_PROVIDER": "kms",
            "SVASTHA_KMS_URL": self.url,
            "SVASTHA_KMS_KEY_ID": self.key_id,
            "SVASTHA_KMS_REGION": self.region,
            "SVASTHA_KMS_ACCESS_KEY": self.access_key,
            "SVASTHA_KMS_SECRET_KEY": self.secret_key,
        }

    def answer(self, method: str, path: str, headers: dict[str, str], raw: bytes) -> dict[str, Any]:
        if self.down:
            raise Refused("KMSInternalException", 500)
        self._check_signature(method, path, headers, raw)
        if headers.get("content-type") != "application/x-amz-json-1.1":
            raise Refused("SerializationException")
        body = json.loads(raw)
        action = headers["x-amz-target"].removeprefix("TrentService.")
        self.asked.append((action, body.get("EncryptionContext", {})))
        if action == "DescribeKey":
            self._key(body)
            return {"KeyMetadata": {"KeyId": self.key_id, "Enabled": self.enabled, "KeyUsage": "ENCRYPT_DECRYPT"}}
        if action == "Encrypt":
            return self._encrypt(body, _data(body, "Plaintext"))
        if action == "GenerateDataKey":
            plain = os.urandom(32)
            return {**self._encrypt(body, plain), "Plaintext": base64.b64encode(plain).decode()}
        if action == "Decrypt":
            return self._decrypt(body)
        raise Refused("UnknownOperationException")

    def _key(self, body: dict[str, Any]) -> AESGCM:
        found = self._master.get(body.get("KeyId", self.key_id))
        if found is None:
            raise Refused("NotFoundException")
        return found

    def _encrypt(self, body: dict[str, Any], plain: bytes) -> dict[str, Any]:
        if not self.enabled:
            raise Refused("DisabledException")
        if not 1 <= len(plain) <= 4096:
            raise Refused("ValidationException")
        nonce = os.urandom(12)
        blob = nonce + self._key(body).encrypt(nonce, plain, _context(body))
        return {
            "CiphertextBlob": base64.b64encode(blob).decode(),
            "KeyId": self.key_id,
            "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        }

    def _decrypt(self, body: dict[str, Any]) -> dict[str, Any]:
        if not self.enabled:
            raise Refused("DisabledException")
        blob = _data(body, "CiphertextBlob")
        try:
            plain = self._key(body).decrypt(blob[:12], blob[12:], _context(body))
        except (InvalidTag, ValueError):
            raise Refused("InvalidCiphertextException") from None
        return {"Plaintext": base64.b64encode(plain).decode(), "KeyId": self.key_id}

    def _check_signature(self, method: str, path: str, headers: dict[str, str], raw: bytes) -> None:
        """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html"""
        given = AUTHORIZATION.fullmatch(headers.get("authorization", ""))
        if given is None:
            raise Refused("IncompleteSignatureException")
        access_key, day, region, signed, signature = given.groups()
        names = signed.split(";")
        if access_key != self.access_key:
            raise Refused("UnrecognizedClientException")
        if region != self.region or names != sorted(names) or not set(names) >= NEEDED:
            raise Refused("InvalidSignatureException")
        stamp = headers.get("x-amz-date", "")
        try:
            at = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        except ValueError:
            raise Refused("InvalidSignatureException") from None
        if abs(datetime.now(UTC) - at) > OLDEST or not stamp.startswith(day):
            raise Refused("InvalidSignatureException")
        wanted = signature_of(
            self.secret_key, method, path, {name: headers.get(name, "") for name in names}, raw, region
        )
        if not hmac.compare_digest(wanted, signature):
            raise Refused("InvalidSignatureException")

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        twin = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(min(int(self.headers.get("content-length") or 0), LARGEST))
                headers = {name.lower(): value for name, value in self.headers.items()}
                status = 200
                try:
                    said = twin.answer("POST", self.path, headers, raw)
                except Refused as refused:
                    status, said = refused.status, {"__type": refused.kind}
                except (ValueError, KeyError, AttributeError):
                    status, said = 400, {"__type": "SerializationException"}
                content = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("content-type", "application/x-amz-json-1.1")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                """Silent."""

        return Handler


def signature_of(
    secret: str, method: str, path: str, headers: dict[str, str], raw: bytes, region: str, service: str = "kms"
) -> str:
    """Signature Version 4 over these headers, all of which are signed."""
    url = urlsplit(path)
    canonical = "\n".join(
        [
            method,
            url.path or "/",
            url.query,
            *(f"{name}:{' '.join(headers[name].split())}" for name in sorted(headers)),
            "",
            ";".join(sorted(headers)),
            hashlib.sha256(raw).hexdigest(),
        ]
    )
    stamp = headers["x-amz-date"]
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def _context(body: dict[str, Any]) -> bytes:
    return json.dumps(body.get("EncryptionContext", {}), sort_keys=True).encode()


def _data(body: dict[str, Any], field: str) -> bytes:
    try:
        return base64.b64decode(body[field], validate=True)
    except (KeyError, TypeError, binascii.Error):
        raise Refused("ValidationException") from None
