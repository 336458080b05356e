"""Secrets at rest and signatures."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography.fernet import Fernet

from core.crypto import decrypt, encrypt, is_signed, sign, token_hash
from core.errors import NotConfigured

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_keys_can_be_rotated(configure: Callable[..., None]) -> None:
    """With a new key in front, old secrets are still read and new ones need the new key alone."""
    configure(ENCRYPTION_KEYS=OLD)
    before = encrypt("hush")
    configure(ENCRYPTION_KEYS=f"{NEW}, {OLD}")
    assert decrypt(before) == "hush"
    after = encrypt("hush")
    configure(ENCRYPTION_KEYS=NEW)
    assert decrypt(after) == "hush"
    with pytest.raises(NotConfigured, match="cannot be read") as lost:
        decrypt(before)
    assert "older key" in lost.value.hint


def test_the_same_secret_is_written_differently_each_time(configure: Callable[..., None]) -> None:
    """Nobody sees from the rows that two accounts share a password."""
    configure(ENCRYPTION_KEYS=NEW)
    assert encrypt("same") != encrypt("same")


def test_a_key_that_is_none_is_told_by_name(configure: Callable[..., None]) -> None:
    """A typing error in ENCRYPTION_KEYS is not met as a crash."""
    configure(ENCRYPTION_KEYS="not-a-key")
    with pytest.raises(NotConfigured, match="ENCRYPTION_KEYS"):
        encrypt("x")


def test_without_keys_of_its_own_the_secret_key_serves(configure: Callable[..., None]) -> None:
    """In development secrets at rest hang on SECRET_KEY."""
    configure(ENCRYPTION_KEYS="", SECRET_KEY="a" * 40)
    written = encrypt("x")
    assert decrypt(written) == "x"
    configure(SECRET_KEY="b" * 40)
    with pytest.raises(NotConfigured):
        decrypt(written)


def test_a_signature_is_good_for_one_purpose_and_message() -> None:
    """What was signed for a link opens nothing else."""
    signature = sign("message", "link")
    assert is_signed("message", "link", signature)
    assert not is_signed("message", "login", signature)
    assert not is_signed("massage", "link", signature)


def test_a_token_is_stored_as_its_hash() -> None:
    """The same token has the same hash, and the hash does not show it."""
    assert token_hash("t") == token_hash("t") != token_hash("u")
    assert len(token_hash("t")) == 64
