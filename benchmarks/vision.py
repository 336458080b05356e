"""Our detectors beside bare library calls, on the same photos: pictures a second, from file to finding."""

from __future__ import annotations

import importlib.util
import shutil
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import vision_calls
from benchmarks.row import Row
from cli.environment import read_given
from pipelines.recipe import Kitchen, Recipe
from pipelines.video.process import standalone
from pipelines.vision import background, depth, faces, hands, objects
from pipelines.vision.models import row_of
from providers.weights.fetching import Fetcher
from providers.weights.pulling import pull
from providers.weights.store import ModelStore

PICTURES = 16
ROUNDS = 5

# The job kind adds a vendor's mattes; without any, this is its work.
_BACKGROUND = Recipe(
    "vision.background", background.BackgroundParams, lambda params, kitchen: background.make(params, kitchen, {}), summary=""
)


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="drumbeat-bench-") as folder:
        bench = Bench(Path(folder), _photos())
        return [
            bench.row("faces", faces.recipe, vision_calls.faces(bench.weight("centerface"))),
            bench.row("hands", hands.recipe, vision_calls.hands(bench.weight("hands"))),
            bench.row("objects", objects.recipe, vision_calls.objects(bench.weight("nanodet"))),
            bench.row("depth", depth.recipe, vision_calls.depth(bench.weight("nanodet")), preview=False),
            bench.row("background", _BACKGROUND, vision_calls.background(bench.weight("selfie"))),
        ]


def _photos() -> list[Path]:
    """The two that ultralytics brings along, over and over. It is not imported: that takes threads from OpenCV and torch."""
    found = importlib.util.find_spec("ultralytics")
    assert found and found.origin
    both = sorted((Path(found.origin).parent / "assets").glob("*.jpg"))
    return (both * PICTURES)[:PICTURES]


@dataclass
class Bench:
    folder: Path
    photos: list[Path]

    def row(self, name: str, recipe: Recipe, call: vision_calls.Call, **params: Any) -> Row:
        """Both warm, then in turn; the median round of each, so that a disturbance of the machine hits neither."""

        def ours() -> None:
            self.run(recipe, params)

        def theirs() -> None:
            call(self.photos)

        for warm_up in (ours, theirs):
            warm_up()
        seconds = [(_timed(ours), _timed(theirs)) for _ in range(ROUNDS)]
        rates = [PICTURES / statistics.median(column) for column in zip(*seconds, strict=True)]
        return Row(name, rates[0], rates[1], "images/s")

    def run(self, recipe: Recipe, params: dict[str, Any]) -> None:
        """One job's work on all photos."""
        files = {uuid.uuid4(): photo for photo in self.photos}
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        kitchen = Kitchen(files, folder, standalone(), lambda fraction, words: None, self.weight)
        recipe.make(recipe.params.model_validate({"sources": list(files), **params}), kitchen)
        shutil.rmtree(folder)

    def weight(self, name: str) -> Path:
        settings, row = read_given(), row_of(name)
        store = ModelStore(settings.models_folder)
        if not store.is_sound(row):
            pull(row, store, Fetcher(self.folder, standalone(), lambda fraction, words: None, settings.npm_config_registry))
        return store.weight(row)


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
