"""Files in a folder of this machine."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from core.errors import NotFound, Unavailable
from providers.contracts.storage import Blob
from providers.storage import links
from providers.storage.keys import Measured, checked

_CHUNK = 256 * 1024
_UNFINISHED = ".unfinished"


class FolderStorage:
    """A Storage. A file appears under its key whole and on the disk, or not at all."""

    vendor = "folder"

    def __init__(self, root: Path, public_url: str) -> None:
        self._root, self._public_url = root, public_url

    def put(self, key: str, source: BinaryIO, *, media_type: str, limit: int | None = None) -> Blob:
        path, measured = self._path(key), Measured(source, limit)
        unfinished = self._root / _UNFINISHED / uuid.uuid4().hex
        try:
            unfinished.parent.mkdir(parents=True, exist_ok=True)
            path.parent.mkdir(parents=True, exist_ok=True)
            with unfinished.open("xb") as file:
                shutil.copyfileobj(measured, file, _CHUNK)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
            _sync(path.parent)
        except OSError as error:
            raise Unavailable(f"the file store in {self._root} cannot be written: {error.strerror or error}") from error
        finally:
            with contextlib.suppress(OSError):
                unfinished.unlink()
        return measured.blob(key, media_type)

    def open(self, key: str, *, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        return _chunks(self._opened(key), start, length)

    def download(self, key: str, path: Path) -> None:
        with self._opened(key) as source, path.open("wb") as target:
            shutil.copyfileobj(source, target, _CHUNK)

    def size(self, key: str) -> int:
        with self._opened(key) as file:
            return os.fstat(file.fileno()).st_size

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def link(self, key: str, *, seconds: int, media_type: str = "", filename: str = "") -> str:
        return links.link(self._public_url, checked(key), seconds=seconds, media_type=media_type, filename=filename)

    def check(self) -> None:
        key = f"checks/{uuid.uuid4().hex}"
        self.put(key, io.BytesIO(b"drumbeat"), media_type="text/plain")
        found = b"".join(self.open(key))
        self.delete(key)
        if found != b"drumbeat":
            raise Unavailable(f"the file store in {self._root} does not give back what was written")

    def _path(self, key: str) -> Path:
        return self._root / checked(key)

    def _opened(self, key: str) -> BinaryIO:
        try:
            return self._path(key).open("rb")
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            raise NotFound(f"there is no file {key}") from None


def _chunks(file: BinaryIO, start: int, length: int | None) -> Iterator[bytes]:
    with file:
        file.seek(start)
        while length is None or length > 0:
            chunk = file.read(_CHUNK if length is None else min(_CHUNK, length))
            if not chunk:
                return
            length = None if length is None else length - len(chunk)
            yield chunk


def _sync(folder: Path) -> None:
    """Make the rename itself durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
