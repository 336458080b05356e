"""A recipe: one piece of media work, from files and typed params to files and facts.

A recipe is pure: it knows no database, no network and no job. `tasks/recipes.py` makes a job kind of each, so its file
holds all that is particular to it: the params, the work, and `recipe = Recipe(...)` at its end. Params name their files
by the ids of assets, with `FileId`; the work finds the local files under those ids.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field

from core.errors import ModelUnavailable
from core.params import Params
from pipelines.video.process import Run


class FileMark:
    """In a field's annotation it says that the id is an asset's, whose file the recipe wants. media: accepted first halves of types."""

    def __init__(self, *media: str) -> None:
        self.media = media


VideoId = Annotated[uuid.UUID, FileMark("video"), Field(description="id of a video asset")]
ImageId = Annotated[uuid.UUID, FileMark("image"), Field(description="id of an image asset")]
SoundId = Annotated[uuid.UUID, FileMark("audio", "video"), Field(description="id of an asset with sound")]
PictureId = Annotated[uuid.UUID, FileMark("image", "video"), Field(description="id of an image or video asset")]


def _no_weights(name: str) -> Path:
    raise ModelUnavailable(f"This kitchen has no weights, so no {name}")


@dataclass(frozen=True)
class Kitchen:
    """What the work is given besides its params.

    files: a local file for every asset id in the params. folder: an empty folder of this attempt, removed after it.
    run: runs a program, its process group is gone after a cancel. progress: a fraction from 0 to 1 and a few words; it
    raises Cancelled, so work inside this process calls it several times a second. weight: the file of a model in
    `pipelines/vision/models.py`, by its name; raises NotFound, and ModelUnavailable where it cannot be had.
    """

    files: Mapping[uuid.UUID, Path]
    folder: Path
    run: Run
    progress: Callable[[float, str], None]
    weight: Callable[[str], Path] = _no_weights


@dataclass(frozen=True)
class Product:
    """A finished file in the kitchen's folder. media_type: also text/vtt, application/json and the like, which become documents."""

    path: Path
    media_type: str
    name: str
    role: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Made:
    """What came out: files that become assets, and facts (JSON) that become the job's result."""

    products: tuple[Product, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Recipe:
    """name: of the job kind. pool: where it runs. deadline: seconds of one attempt.

    make(params, kitchen) may run twice: it writes to the kitchen's folder only. It raises InvalidInput for params that
    do not fit the files, MediaUnreadable for files that are not what they claim, StepFailed for the rest.
    """

    name: str
    params: type[Params]
    make: Callable[[Any, Kitchen], Made]
    summary: str
    pool: str = "cpu"
    deadline: float = 4 * 3600.0
    version: int = 1


def wanted_files(params: BaseModel) -> dict[uuid.UUID, tuple[str, tuple[str, ...]]]:
    """Every asset id in the params, however deep, with its JSON pointer and the kinds of media it may be."""
    return {value: (pointer, mark.media) for pointer, value, mark in _marked(params, "")}


def _marked(model: BaseModel, pointer: str) -> Iterator[tuple[str, uuid.UUID, FileMark]]:
    for name, info in type(model).model_fields.items():
        mark = next((m for m in _marks(info.metadata, info.annotation)), None)
        yield from _within(getattr(model, name), f"{pointer}/{name}", mark)


def _marks(metadata: list[Any], annotation: Any) -> Iterator[FileMark]:
    """Marks of a field itself, and of what an `X | None`, a list or a dict in it holds."""
    yield from (m for m in metadata if isinstance(m, FileMark))
    yield from (m for m in getattr(annotation, "__metadata__", ()) if isinstance(m, FileMark))
    for inner in getattr(annotation, "__args__", ()):
        yield from _marks([], inner)


def _within(value: Any, pointer: str, mark: FileMark | None) -> Iterator[tuple[str, uuid.UUID, FileMark]]:
    if isinstance(value, BaseModel):
        yield from _marked(value, pointer)
    elif isinstance(value, uuid.UUID) and mark:
        yield pointer, value, mark
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _within(item, f"{pointer}/{index}", mark)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _within(item, f"{pointer}/{key}", mark)
