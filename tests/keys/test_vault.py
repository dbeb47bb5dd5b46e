"""Sealing across versions: each opens, nothing opens elsewhere, and what only others know is asked for again."""

from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from svastha.kit.crypto import KeyNotYetKnown, Unreadable, Vault, header, new_key, seal
from svastha.kit.ids import uuid7

OWNER = UUID("01900000-0000-7000-8000-000000000001")
KEYS = {1: new_key(), 2: new_key(), 3: new_key()}


def test_every_version_opens_and_the_newest_seals() -> None:
    row = uuid7()
    sealed = {v: Vault(OWNER, KEYS, v).seal("notes", "content", row, b"Vata") for v in KEYS}
    vault = Vault(OWNER, KEYS, 3)
    assert [vault.open("notes", "content", row, text) for text in sealed.values()] == [b"Vata"] * 3
    assert [vault.needs_resealing(text) for text in sealed.values()] == [True, True, False]
    assert not sealed[1].startswith(header(2)[:-1]), "what is there already has no header"


@pytest.mark.parametrize("version", KEYS)
@pytest.mark.parametrize(
    "place",
    [("notes", "content", "b"), ("notes", "other", "a"), ("chat_lines", "content", "a")],
    ids=["row", "column", "table"],
)
def test_moved_text_does_not_open(version: int, place: tuple[str, str, str]) -> None:
    """Attack 27: ciphertext put into another row, column, table or clinic."""
    vault = Vault(OWNER, KEYS, version)
    sealed = vault.seal("notes", "content", "a", b"Vata")
    with pytest.raises(Unreadable):
        vault.open(*place, sealed)
    with pytest.raises(Unreadable):
        Vault(uuid7(), KEYS, version).open("notes", "content", "a", sealed)


def test_a_text_of_the_first_version_may_begin_like_a_header() -> None:
    """Nonces are random: once in 2^64 texts one looks like a later version."""
    key, place = KEYS[1], f"{OWNER}/notes/content/a".encode()
    alike = header(2) + b"\0\0"
    text = alike + AESGCM(key).encrypt(alike, b"Vata", place)
    assert Vault(OWNER, KEYS, 2).open("notes", "content", "a", text) == b"Vata"
    assert seal(key, b"Vata", place)[:12] != alike


def test_a_version_only_others_know_is_asked_for_again() -> None:
    old, new = Vault(OWNER, {1: KEYS[1]}, 1), Vault(OWNER, KEYS, 2)
    sealed = new.seal("notes", "content", "a", b"Vata")
    with pytest.raises(KeyNotYetKnown):
        old.open("notes", "content", "a", sealed)
    assert old.stale
    old.learn(KEYS, 2)
    assert old.open("notes", "content", "a", sealed) == b"Vata" and not old.stale


def test_a_destroyed_version_is_unreadable_rather_than_unknown() -> None:
    sealed = Vault(OWNER, KEYS, 2).seal("notes", "content", "a", b"Vata")
    vault = Vault(OWNER, KEYS, 3)
    vault.learn({3: KEYS[3]}, 3, newest=3)
    with pytest.raises(Unreadable):
        vault.open("notes", "content", "a", sealed)
    vault.learn({}, 0, newest=3)
    with pytest.raises(KeyNotYetKnown):
        vault.seal("notes", "content", "a", b"Vata")
