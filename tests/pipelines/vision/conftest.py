"""Real photos from installed packages, and kitchens with the store's models."""

from __future__ import annotations

import importlib.util
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.params import Params
from pipelines.recipe import Kitchen, Made, Recipe
from pipelines.vision.models import row_of
from providers.weights.store import ModelStore
from tests.weights import pulled

_PHOTOS = {
    "bus": ("ultralytics", "assets/bus.jpg"),
    "zidane": ("ultralytics", "assets/zidane.jpg"),
    "astronaut": ("skimage", "data/astronaut.png"),
    "cat": ("skimage", "data/chelsea.png"),
    "coffee": ("skimage", "data/coffee.png"),
    "brick": ("skimage", "data/brick.png"),
    "gravel": ("skimage", "data/gravel.png"),
    "flower": ("sklearn", "datasets/images/flower.jpg"),
}
NOBODY = ("coffee", "brick", "gravel", "flower")

Look = Callable[..., Made]


def photo(name: str) -> Path:
    """A photo that an installed package brings along; the package itself is not imported."""
    package, inside = _PHOTOS[name]
    found = importlib.util.find_spec(package)
    assert found and found.origin
    return Path(found.origin).parent / inside


@pytest.fixture(scope="session")
def models() -> ModelStore:
    """Every model that comes in a package, pulled where it is missing."""
    return pulled()


@pytest.fixture
def kitchen(models: ModelStore, tmp_path: Path) -> Callable[..., Kitchen]:
    """`kitchen(files)` -> a kitchen with files by id, a folder of its own and the store's models."""

    def make(files: dict[uuid.UUID, Path], progress: Callable[[float, str], None] = lambda part, words: None) -> Kitchen:
        folder = tmp_path / uuid.uuid4().hex
        folder.mkdir()
        return Kitchen(files, folder, lambda command, on_line: None, progress, lambda name: models.weight(row_of(name)))

    return make


@pytest.fixture
def look(kitchen: Callable[..., Kitchen]) -> Look:
    """`look(recipe, path, …, param=value)` -> what the detector makes of these files."""

    def run(recipe: Recipe, *paths: Path, **params: Any) -> Made:
        files = {uuid.uuid4(): path for path in paths}
        asked: Params = recipe.params.model_validate({"sources": list(files), **params})
        return recipe.make(asked, kitchen(files))

    return run


def overlap(first: Sequence[float], second: Sequence[float]) -> float:
    """Intersection over union of two boxes given by their corners."""
    near, far = np.maximum(first[:2], second[:2]), np.minimum(first[2:], second[2:])
    shared = np.prod(np.clip(far - near, 0, None))
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (first, second)]
    return float(shared / (sum(areas) - shared))
