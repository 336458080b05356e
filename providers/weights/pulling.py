"""Bringing a weight into the store: fetched from its sources, built where it needs it, then checked."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path

from core.errors import ModelUnavailable
from providers.contracts.weights import Weight
from providers.weights.fetching import Fetcher
from providers.weights.store import ModelStore, sha256_of


def pull(row: Weight, store: ModelStore, fetcher: Fetcher) -> Path:
    """The row's file in the store: complete and checked, or not there at all. May run twice, and in two processes at once.

    Raises ModelUnavailable, and whatever the fetcher's `run` and `tell` raise.
    """
    parts = {part.name: fetcher.fetch(part) for part in row.parts}
    store.folder.mkdir(parents=True, exist_ok=True)
    fresh = store.folder / f".{uuid.uuid4().hex}.part"
    try:
        _make(row, parts, fresh)
        if (found := sha256_of(fresh)) != row.sha256:
            raise ModelUnavailable(
                f"{row.name} was built with SHA-256 {found}, not {row.sha256}", hint="Install the versions that requirements/ locks."
            )
        fresh.replace(store.path(row))
    finally:
        fresh.unlink(missing_ok=True)
    return store.weight(row)


def _make(row: Weight, parts: dict[str, Path], target: Path) -> None:
    if row.build:
        row.build(parts, target)
    else:
        shutil.copyfile(parts[row.parts[0].name], target)
