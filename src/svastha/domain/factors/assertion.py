from typing import Any, Literal
from uuid import UUID

import msgspec
from webauthn import generate_authentication_options, verify_authentication_response
from webauthn.helpers import base64url_to_bytes, options_to_json_dict
from webauthn.helpers.structs import (
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    UserVerificationRequirement,
)

from svastha.domain import audit
from svastha.domain.factors import ceremonies
from svastha.domain.factors.model import Options, PasskeyRefused, Site
from svastha.kit.db import ControlTx

Asked = Literal["sign_in", "step_up"]


class _Credential(msgspec.Struct, frozen=True):
    credential_id: bytes
    transports: list[str]


class _Passkey(msgspec.Struct, frozen=True):
    id: UUID
    account_id: UUID
    public_key: bytes


async def begin_assertion(tx: ControlTx, account_id: UUID | None, site: Site, *, purpose: Asked = "sign_in") -> Options:
    """Ask for one of this account's passkeys; of nobody's in particular (None): the device offers those it has."""
    known = (
        await tx.all(
            _Credential,
            "SELECT credential_id, transports FROM passkeys WHERE account_id = :id ORDER BY id",
            id=account_id,
        )
        if account_id
        else []
    )
    id, challenge = await ceremonies.begin(tx, account_id, purpose)
    options = generate_authentication_options(
        rp_id=site.rp_id,
        challenge=challenge,
        timeout=ceremonies.SECONDS * 1000,
        allow_credentials=[
            PublicKeyCredentialDescriptor(
                id=one.credential_id, transports=[AuthenticatorTransport(name) for name in one.transports]
            )
            for one in known
        ],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return Options(id, options_to_json_dict(options))


async def finish_assertion(
    tx: ControlTx,
    account_id: UUID | None,
    site: Site,
    *,
    ceremony: UUID,
    answer: dict[str, Any],
    purpose: Asked = "sign_in",
) -> UUID:
    """Whose passkey answered: it knows her by finger, face or PIN, so this alone is two factors.

    ``account_id`` and ``purpose`` as the ceremony began. Raises CeremonyOver or PasskeyRefused; a passkey that counts
    backwards was copied, and is refused and noted.
    """
    challenge = await ceremonies.spend(tx, ceremony, account_id, purpose)
    try:
        credential_id = base64url_to_bytes(answer["id"])
    except Exception as wrong:
        raise PasskeyRefused from wrong
    found = await tx.maybe(
        _Passkey, "SELECT id, account_id, public_key FROM passkeys WHERE credential_id = :id", id=credential_id
    )
    if found is None or account_id not in (None, found.account_id):
        raise PasskeyRefused
    try:
        proved = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=list(site.origins),
            credential_public_key=found.public_key,
            credential_current_sign_count=0,  # compared below, where two at once cannot both pass
            require_user_verification=True,
        )
        handle = answer["response"].get("userHandle")
        if handle and base64url_to_bytes(handle) != found.account_id.bytes:
            raise PasskeyRefused
    except PasskeyRefused:
        raise
    except Exception as wrong:
        raise PasskeyRefused from wrong
    counted = await tx.run(
        "UPDATE passkeys SET sign_count = :count, last_used_at = now(), backed_up = :backed_up"
        " WHERE id = :id AND (sign_count < :count OR (sign_count = 0 AND :count = 0))",
        id=found.id,
        count=proved.new_sign_count,
        backed_up=proved.credential_backed_up,
    )
    if not counted:
        audit.note(tx, found.account_id, "passkey_refused", "account", found.account_id, why="it counted backwards")
        raise PasskeyRefused
    return found.account_id
