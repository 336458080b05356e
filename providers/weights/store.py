"""The folder of weights: which are there, and whether each is what its row says."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from core.errors import ModelUnavailable
from providers.contracts.weights import Weight

_hashed: dict[tuple[Path, int, int], str] = {}  # by path, size and time of change: each file is read once a process


@dataclass(frozen=True)
class ModelStore:
    folder: Path

    def path(self, row: Weight) -> Path:
        return self.folder / row.file

    def has(self, row: Weight) -> bool:
        """Whether there is a file; its content is not looked at."""
        return self.path(row).is_file()

    def is_sound(self, row: Weight) -> bool:
        """Whether the file is there with the row's SHA-256."""
        return self.has(row) and _known_sha256(self.path(row)) == row.sha256

    def weight(self, row: Weight) -> Path:
        """The file of a row, its hash checked. Raises ModelUnavailable, naming the command that brings it."""
        hint = f"Run ./drumbeat models pull {row.name}."
        if not self.has(row):
            raise ModelUnavailable(f"The weights of {row.name} are not in {self.folder}", hint=hint)
        if (found := _known_sha256(self.path(row))) != row.sha256:
            detail = f"{self.path(row)} is not the {row.name} that was asked for: its SHA-256 is {found}, not {row.sha256}"
            raise ModelUnavailable(detail, hint=f"It is damaged or was replaced. {hint}")
        return self.path(row)


def _known_sha256(path: Path) -> str:
    about = path.stat()
    key = (path.resolve(), about.st_size, about.st_mtime_ns)
    if key not in _hashed:
        _hashed[key] = sha256_of(path)
    return _hashed[key]


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
