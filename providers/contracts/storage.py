"""Where bytes live: a folder or an S3 bucket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol


@dataclass(frozen=True)
class Blob:
    """A stored file. key: `/`-separated, [A-Za-z0-9._/-], no `..`, at most 512 characters."""

    key: str
    bytes: int
    sha256: str
    media_type: str


class Storage(Protocol):
    vendor: str

    def put(self, key: str, source: BinaryIO, *, media_type: str, limit: int | None = None) -> Blob:
        """Stream `source` in, replacing what was there. PayloadTooLarge past `limit` bytes, and nothing is left."""
        ...

    def open(self, key: str, *, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes in chunks. NotFound when there is no such key."""
        ...

    def download(self, key: str, path: Path) -> None: ...

    def size(self, key: str) -> int: ...

    def delete(self, key: str) -> None:
        """May run twice; no error when it is gone."""
        ...

    def link(self, key: str, *, seconds: int, media_type: str = "", filename: str = "") -> str:
        """A URL that reads the file without a login until it expires."""
        ...

    def check(self) -> None:
        """Write, read and delete a small file; raises what a user of the store would meet."""
        ...
