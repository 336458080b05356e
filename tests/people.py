"""Who logs in in a test."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """A user with the password in clear, as a test logs in with it."""

    id: uuid.UUID
    org_id: uuid.UUID
    email: str
    password: str
    role: str
