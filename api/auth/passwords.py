"""Passwords: what is accepted, and how they are stored."""

from __future__ import annotations

import functools

import bcrypt
from zxcvbn import zxcvbn

from core.errors import InvalidInput
from core.settings import get_settings

SHORTEST = 10  # characters
LONGEST = 72  # bytes: bcrypt reads no more
WEAKEST = 2  # zxcvbn's score, 0..4
ROUNDS = 12
TEST_ROUNDS = 4


def checked_password(password: str, *, pointer: str, known: list[str]) -> str:
    """The password, if it is acceptable. known: words an attacker would try first. Raises InvalidInput."""
    fault = _fault(password, known)
    if fault:
        raise InvalidInput(f"The password is not accepted: {fault}", errors=[{"pointer": pointer, "detail": fault}])
    return password


def _fault(password: str, known: list[str]) -> str:
    if len(password) < SHORTEST:
        return f"shorter than {SHORTEST} characters"
    if len(password.encode()) > LONGEST:
        return f"longer than {LONGEST} bytes"
    guessed = zxcvbn(password, user_inputs=known)
    if guessed["score"] < WEAKEST:
        return "too easy to guess. " + " ".join([guessed["feedback"]["warning"], *guessed["feedback"]["suggestions"]]).strip()
    return ""


def hash_password(password: str) -> str:
    """bcrypt of a password that `checked_password` let through."""
    rounds = TEST_ROUNDS if get_settings().environment == "test" else ROUNDS
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(rounds)).decode()


def matches(password: str, stored: str | None) -> bool:
    """Whether it is the password; takes as long for an unknown account (None) as for a known one."""
    given = password.encode()
    right = bcrypt.checkpw(given[:LONGEST], (stored or _nobodys()).encode())
    return right and stored is not None and len(given) <= LONGEST


@functools.cache
def _nobodys() -> str:
    return hash_password("nobody has this password")
