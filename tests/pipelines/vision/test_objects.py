"""Things on real photos, through ultralytics and through onnxruntime alone."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from core.errors import InvalidInput, MediaUnreadable
from pipelines.recipe import Kitchen
from pipelines.vision.objects import recipe
from providers.weights.store import ModelStore
from tests.pipelines.vision.conftest import Look, overlap, photo

EXPECTED = {
    "bus": [("bus", [20, 225, 805, 755]), ("person", [50, 398, 245, 905]), ("person", [222, 405, 345, 860])],
    "zidane": [("person", [745, 42, 1145, 718]), ("person", [125, 200, 1125, 718])],
    "cat": [("cat", [0, 0, 445, 299])],
}
ENGINES = ("ultralytics", "onnxruntime")


@pytest.mark.parametrize("engine", ENGINES)
def test_things_are_found_where_they_are(look: Look, engine: str) -> None:
    """A bus, people and a cat: each expected box is overlapped by 0.6 by one of its class."""
    frames = look(recipe, *map(photo, EXPECTED), engine=engine).facts["frames"]
    for frame, expected in zip(frames, EXPECTED.values(), strict=True):
        for name, box in expected:
            assert max(overlap(box, thing["box"]) for thing in frame["objects"] if thing["class"] == name) > 0.6


def test_both_engines_agree(look: Look) -> None:
    """The same weights give the same surest thing, its score within 0.1, its box overlapping by 0.9."""
    first, second = (look(recipe, photo("bus"), engine=engine).facts["frames"][0]["objects"][0] for engine in ENGINES)
    assert first["class"] == second["class"] == "bus"
    assert abs(first["score"] - second["score"]) < 0.1 and overlap(first["box"], second["box"]) > 0.9


def test_nothing_is_found_where_nothing_is(look: Look) -> None:
    """Bricks and gravel hold none of the 80 things."""
    assert look(recipe, photo("brick"), photo("gravel")).facts["objects_total"] == 0


def test_only_the_classes_asked_for(look: Look) -> None:
    """Asked for people, the bus is left out; a class that the model lacks is told with its place."""
    found = look(recipe, photo("bus"), classes=["Person"]).facts["frames"][0]["objects"]
    assert {thing["class"] for thing in found} == {"person"}
    with pytest.raises(InvalidInput) as refused:
        look(recipe, photo("bus"), classes=["person", "unicorn"])
    assert refused.value.errors == [{"pointer": "/params/classes/1", "detail": "the model knows no 'unicorn'"}]


def test_a_model_for_something_else_is_refused() -> None:
    """The name of a model that finds faces is answered with those that find objects."""
    with pytest.raises(ValidationError, match="nanodet"):
        recipe.params.model_validate({"sources": [uuid.uuid4()], "model": "centerface"})


@pytest.fixture
def walk(tmp_path: Path) -> Path:
    """Two seconds in which the astronaut moves from left to right and the cat, below, from right to left."""
    person = np.asarray(Image.open(photo("astronaut")).convert("RGB").resize((240, 240)))
    cat = np.asarray(Image.open(photo("cat")).convert("RGB").resize((240, 160)))
    path = tmp_path / "walk.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 480, 416, "yuv420p"
        for n in range(20):
            canvas = np.full((416, 480, 3), 90, np.uint8)
            canvas[:240, n * 12 : n * 12 + 240] = person
            canvas[250:410, 240 - n * 12 : 480 - n * 12] = cat
            container.mux(stream.encode(av.VideoFrame.from_ndarray(canvas, format="rgb24")))
        container.mux(stream.encode())
    return path


def test_tracks_keep_their_numbers(look: Look, walk: Path) -> None:
    """Over a film each of two crossing things keeps one number of its own, and the preview is a film of the frames looked at."""
    made = look(recipe, walk, engine="onnxruntime", track=True, preview=True, sampling={"every": 2}, classes=["person", "cat"])
    numbers: dict[str, set[int]] = {"person": set(), "cat": set()}
    for frame in made.facts["frames"]:
        for thing in frame["objects"]:
            numbers[thing["class"]].add(thing["track"])
    numbers = {name: found - {None} for name, found in numbers.items()}
    assert [len(found) for found in numbers.values()] == [1, 1] and not numbers["person"] & numbers["cat"]
    with av.open(str(made.products[1].path)) as film:
        assert sum(1 for _ in film.decode(video=0)) == made.facts["frames_total"] == 10


def test_own_weights_as_onnx(kitchen: Callable[..., Kitchen], models: ModelStore, tmp_path: Path) -> None:
    """An ONNX export that is uploaded serves like a model of the store; a PyTorch pickle is refused unread."""
    source, good, pickled = uuid.uuid4(), uuid.uuid4(), tmp_path / "model.pt"
    pickled.write_bytes(b"\x80\x02cos\nsystem\n(S'exit 1'\ntR.")
    asked = recipe.params.model_validate({"sources": [source], "engine": "onnxruntime", "weights": good})
    made = recipe.make(asked, kitchen({source: photo("cat"), good: models.folder / "nanodet.onnx"}))
    assert made.facts["frames"][0]["objects"][0]["class"] == "cat"
    with pytest.raises(MediaUnreadable, match="no ONNX model"):
        recipe.make(asked, kitchen({source: photo("cat"), good: pickled}))
