"""Keys of stored files, and streams that are counted and hashed on their way in."""

from __future__ import annotations

import hashlib
import re
from typing import BinaryIO

from core.errors import InvalidInput, PayloadTooLarge
from providers.contracts.storage import Blob

_KEY = re.compile(r"[A-Za-z0-9._/-]{1,512}")


def checked(key: str) -> str:
    """The key, when it is one. Raises InvalidInput for empty parts, `.`, `..`, and other characters."""
    if not _KEY.fullmatch(key) or any(part in ("", ".", "..") for part in key.split("/")):
        raise InvalidInput(f"{key[:100]!r} is not the key of a file")
    return key


class Measured:
    """A readable stream that knows how much of it was read, and refuses to go past a limit."""

    def __init__(self, source: BinaryIO, limit: int | None) -> None:
        self._source, self._limit, self._hash = source, limit, hashlib.sha256()
        self.bytes = 0

    def read(self, size: int = -1) -> bytes:
        """Raises PayloadTooLarge once more than `limit` bytes came."""
        chunk = self._source.read(size)
        self.bytes += len(chunk)
        if self._limit is not None and self.bytes > self._limit:
            raise PayloadTooLarge(f"the file is larger than {self._limit:,} bytes")
        self._hash.update(chunk)
        return chunk

    def blob(self, key: str, media_type: str) -> Blob:
        return Blob(key=key, bytes=self.bytes, sha256=self._hash.hexdigest(), media_type=media_type)
