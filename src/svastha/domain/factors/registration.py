from typing import Any
from uuid import UUID

import msgspec
from webauthn import generate_registration_options, verify_registration_response
from webauthn.helpers import options_to_json_dict
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from svastha.domain import audit
from svastha.domain.factors import ceremonies
from svastha.domain.factors.model import FactorsChanged, Options, PasskeyRefused, Site
from svastha.kit.db import ControlTx
from svastha.kit.i18n import N_
from svastha.kit.ids import uuid7
from svastha.kit.outbox import announce
from svastha.kit.refusals import Conflict, FieldError, Invalid

MOST = 20  # of one account
TRANSPORTS = {"usb", "nfc", "ble", "smart-card", "internal", "hybrid", "cable"}


class PasskeyKnown(Conflict):
    code = "passkey_known"
    says = N_("This passkey is set up already.")


class TooManyPasskeys(Conflict):
    code = "too_many_passkeys"
    says = N_("You have as many passkeys as there can be. Remove one first.")


class _Credential(msgspec.Struct, frozen=True):
    credential_id: bytes


async def begin_registration(tx: ControlTx, account_id: UUID, site: Site, *, label: str, name: str) -> Options:
    """What the browser is asked to make: a passkey that can be found without typing, and knows her by finger, face or
    PIN. ``label`` (her address) and ``name`` are what the device shows."""
    known = await tx.all(
        _Credential, "SELECT credential_id FROM passkeys WHERE account_id = :id ORDER BY id", id=account_id
    )
    if len(known) >= MOST:
        raise TooManyPasskeys
    id, challenge = await ceremonies.begin(tx, account_id, "register")
    options = generate_registration_options(
        rp_id=site.rp_id,
        rp_name=site.name,
        user_id=account_id.bytes,
        user_name=label or name,
        user_display_name=name,
        challenge=challenge,
        timeout=ceremonies.SECONDS * 1000,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one.credential_id) for one in known],
    )
    return Options(id, options_to_json_dict(options))


async def finish_registration(
    tx: ControlTx, account_id: UUID, site: Site, *, ceremony: UUID, answer: dict[str, Any], name: str
) -> UUID:
    """The new passkey's id. ``answer`` is the browser's credential in JSON. Raises CeremonyOver or PasskeyRefused."""
    name = name_of(name)
    challenge = await ceremonies.spend(tx, ceremony, account_id, "register")
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=list(site.origins),
            require_user_verification=True,
        )
    except Exception as wrong:  # whatever bytes were sent: the library lets more through than its own exceptions
        raise PasskeyRefused from wrong
    given = answer["response"].get("transports")
    id = uuid7()
    async with tx.refusing(one_passkey_per_credential=PasskeyKnown):
        await tx.run(
            """
            INSERT INTO passkeys (id, account_id, credential_id, public_key, sign_count, name, transports, aaguid,
                backed_up)
            VALUES (:id, :account_id, :credential_id, :public_key, :sign_count, :name, :transports, :aaguid, :backed_up)
            """,
            id=id,
            account_id=account_id,
            credential_id=made.credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            name=name,
            transports=sorted(TRANSPORTS.intersection(one for one in given if isinstance(one, str)))
            if isinstance(given, list)
            else [],
            aaguid=made.aaguid,
            backed_up=made.credential_backed_up,
        )
    audit.note(tx, account_id, "passkey_added", "account", account_id)
    announce(tx, FactorsChanged(account_id, "passkey_added"))
    return id


def name_of(name: str) -> str:
    """What was typed, if it can be the name of a passkey. Raises Invalid."""
    name = " ".join(name.replace("\x00", " ").split())
    if not 1 <= len(name) <= 60:
        raise Invalid(FieldError("name", N_("Give it a name of at most 60 characters, such as the device's.")))
    return name
