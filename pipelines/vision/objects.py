"""`vision.objects`: things in pictures and films: boxes, classes, scores, on request the same number from frame to frame."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from core.errors import InvalidInput, ModelUnavailable
from pipelines.recipe import FileMark, Kitchen, Made, Recipe
from pipelines.vision.detection import Detector, Found, examine, rounded
from pipelines.vision.models import for_objects
from pipelines.vision.preview import Canvas
from pipelines.vision.sources import Frame, Sources
from pipelines.vision.tracks import Tracker
from pipelines.vision.yolo import by_onnxruntime, by_ultralytics
from pipelines.vision.yolo.asked import Asked, Boxes, Engine
from pipelines.vision.yolo.onnx_file import facts_of

WeightsId = Annotated[uuid.UUID, FileMark("application"), Field(description="id of an asset with an ONNX export of a YOLO")]
_COLOURS = ((0, 200, 83), (255, 214, 0), (41, 121, 255), (255, 82, 82), (170, 0, 255), (0, 184, 212), (255, 145, 0), (174, 234, 0))


class ObjectsParams(Sources):
    """Which things are looked for, and with what."""

    model: str = Field(default="nanodet", max_length=60, description=f"of the store: {', '.join(for_objects())}")
    weights: WeightsId | None = Field(default=None, description="your own model instead")
    engine: Literal["ultralytics", "onnxruntime"] = Field(
        default="ultralytics", description="onnxruntime runs ONNX models without AGPL code"
    )
    classes: list[str] = Field(default_factory=list, max_length=1000, description="names of classes to keep; empty: all")
    min_score: float = Field(default=0.35, ge=0.01, le=1)
    overlap: float = Field(default=0.5, gt=0, le=1, description="of two boxes of a class, above which the weaker one goes")
    most: int = Field(default=100, ge=1, le=1000, description="things of one picture at most")
    track: bool = Field(default=False, description="number things from frame to frame of a film")

    @field_validator("model")
    @classmethod
    def _finds_objects(cls, name: str) -> str:
        if name not in for_objects():
            raise ValueError(f"no such model; there are {', '.join(for_objects())}")
        return name


def make(params: ObjectsParams, kitchen: Kitchen) -> Made:
    return examine(params, kitchen, detector(params, kitchen))


def detector(params: ObjectsParams, kitchen: Kitchen) -> Detector:
    """With its weights loaded. Raises InvalidInput for classes that the model does not know, MediaUnreadable for weights that are none."""
    engine, notes = _engine(params, kitchen)
    asked = Asked(params.min_score, params.overlap, _wanted(params.classes, engine.names), params.most)
    trackers: dict[uuid.UUID, Tracker] = {}

    def find(frames: list[Frame]) -> list[Found]:
        answers = engine.find(frames, asked)
        if not params.track:
            return [_things(boxes, engine.names) for boxes in answers]
        return [_tracked(frame, boxes, engine.names, trackers) for frame, boxes in zip(frames, answers, strict=True)]

    name = str(params.weights) if params.weights else params.model
    facts = {"model": name, "engine": engine.engine, "device": engine.device}
    return Detector("objects", find, _draw, engine.batch, facts, [*notes, *engine.notes])


def _engine(params: ObjectsParams, kitchen: Kitchen) -> tuple[Engine, list[str]]:
    path = _weights(params, kitchen)
    if params.engine == "onnxruntime":
        if path.suffix != ".onnx":
            raise InvalidInput(
                f"{params.model} is no ONNX model",
                errors=[{"pointer": "/params/engine", "detail": f"ultralytics alone runs {params.model}"}],
            )
        return by_onnxruntime.load(path), []
    try:
        return by_ultralytics.load(path), []
    except ImportError:
        if path.suffix != ".onnx":
            raise ModelUnavailable(f"{params.model} needs ultralytics, which is not installed here", hint="Use model nanodet.") from None
        return by_onnxruntime.load(path), ["ultralytics is not installed, so onnxruntime runs the model"]


def _weights(params: ObjectsParams, kitchen: Kitchen) -> Path:
    if params.weights is None:
        return kitchen.weight(params.model)
    named = kitchen.folder / "weights.onnx"
    named.symlink_to(kitchen.files[params.weights])
    facts_of(named)  # before anything else reads the file of a stranger
    return named


def _wanted(classes: list[str], names: dict[int, str]) -> list[int] | None:
    numbers = {name.lower(): number for number, name in names.items()}
    unknown = [(place, name) for place, name in enumerate(classes) if name.lower() not in numbers]
    faults = [{"pointer": f"/params/classes/{place}", "detail": f"the model knows no {name!r}"} for place, name in unknown]
    if faults:
        raise InvalidInput(f"{len(faults)} class(es) are unknown", hint=f"It knows {', '.join(sorted(numbers))}.", errors=faults)
    return [numbers[name.lower()] for name in classes] or None


def _things(boxes: Boxes, names: dict[int, str]) -> Found:
    return [
        {"box": rounded(corners), "score": round(float(score), 3), "class": names[int(kind)]}
        for corners, score, kind in zip(boxes.corners, boxes.scores, boxes.classes, strict=True)
    ]


def _tracked(frame: Frame, boxes: Boxes, names: dict[int, str], trackers: dict[uuid.UUID, Tracker]) -> Found:
    tracker = trackers.setdefault(frame.source, Tracker())
    numbers = tracker.numbers(boxes.corners, boxes.scores, boxes.classes, frame.seconds or 0.0)
    return [{**thing, "track": number} for thing, number in zip(_things(boxes, names), numbers, strict=True)]


def _draw(canvas: Canvas, thing: dict[str, Any]) -> None:
    track = thing.get("track")
    label = f"{thing['class']}{f' #{track}' if track else ''} {thing['score']:.2f}"
    canvas.box(thing["box"], label, _COLOURS[(track or len(thing["class"])) % len(_COLOURS)])


recipe = Recipe("vision.objects", ObjectsParams, make, pool="gpu", summary="Things in pictures and films: boxes, classes, tracks.")
