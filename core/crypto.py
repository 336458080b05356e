"""Secrets at rest, and hashes of tokens."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from core.errors import NotConfigured
from core.settings import Settings, get_settings


def _keys(settings: Settings) -> MultiFernet:
    named = [k.strip() for k in settings.encryption_keys.get_secret_value().split(",") if k.strip()]
    if not named:  # production refuses to start without ENCRYPTION_KEYS
        digest = hashlib.sha256(b"drumbeat-at-rest:" + settings.secret_key.get_secret_value().encode()).digest()
        named = [base64.urlsafe_b64encode(digest).decode()]
    try:
        return MultiFernet([Fernet(k) for k in named])
    except ValueError as error:
        raise NotConfigured(f"ENCRYPTION_KEYS holds a value that is not a Fernet key: {error}") from None


def encrypt(text: str) -> str:
    """Authenticated encryption with the newest key (Fernet: AES-128-CBC with HMAC-SHA256)."""
    return _keys(get_settings()).encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """The text back, whichever of the keys it was written with. Raises NotConfigured when none fits."""
    try:
        return _keys(get_settings()).decrypt(token.encode()).decode()
    except InvalidToken:
        raise NotConfigured(
            "A stored secret cannot be read with the present ENCRYPTION_KEYS",
            hint="Append the older key to ENCRYPTION_KEYS, or connect the account again.",
        ) from None


def token_hash(token: str) -> str:
    """How random tokens are stored: SHA-256, hex. Enough for 128 bits or more of randomness."""
    return hashlib.sha256(token.encode()).hexdigest()


def sign(message: str, purpose: str) -> str:
    """HMAC-SHA256 (hex) under a key derived for one purpose from SECRET_KEY."""
    key = hashlib.sha256(f"{purpose}:{get_settings().secret_key.get_secret_value()}".encode()).digest()
    return hmac.new(key, message.encode(), hashlib.sha256).hexdigest()


def is_signed(message: str, purpose: str, signature: str) -> bool:
    """Constant-time check of `sign`."""
    return hmac.compare_digest(sign(message, purpose), signature)
