"""What a vision job looks at: pictures and films, as upright frames in pixels of the original."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import Field, field_validator, model_validator

from core.errors import InvalidInput, MediaUnreadable
from core.params import Params
from pipelines.recipe import Kitchen, PictureId
from pipelines.vision.loading import frames as picture_frames
from pipelines.vision.loading import is_picture

if TYPE_CHECKING:
    import numpy as np

MAX_FRAMES = 20_000

Tell = Callable[[float], None]  # a fraction of one source


class Sampling(Params):
    """Which frames of a film are looked at. Without `every` and `per_second`: two a second."""

    every: int | None = Field(default=None, ge=1, le=10_000, description="every n-th frame, the first included")
    per_second: float | None = Field(default=None, gt=0, le=240, description="frames a second of film")
    start: float = Field(default=0.0, ge=0, description="from this second on")
    end: float | None = Field(default=None, gt=0, description="up to this second")
    limit: int = Field(default=300, ge=1, le=MAX_FRAMES, description="frames of one film at most")

    @model_validator(mode="after")
    def _says_one_thing(self) -> Sampling:
        if self.every is not None and self.per_second is not None:
            raise ValueError("give either every or per_second")
        if self.end is not None and self.end <= self.start:
            raise ValueError("end must be later than start")
        return self

    def takes(self, index: int, seconds: float, taken: int) -> bool:
        """Whether this frame is looked at; `taken` were before it."""
        if seconds < self.start:
            return False
        if self.every is not None:
            return index % self.every == 0
        return seconds - self.start >= taken / (self.per_second or 2.0) - 1e-6

    def is_over(self, seconds: float, taken: int) -> bool:
        return taken >= self.limit or (self.end is not None and seconds >= self.end)


class Sources(Params):
    """The base of a detector's params."""

    sources: list[PictureId] = Field(min_length=1, max_length=500, description="image and video assets, in order")
    sampling: Sampling = Field(default_factory=Sampling)
    preview: bool = Field(default=False, description="also draw what was found: a JPEG of each image, an MP4 of each film")

    @field_validator("sources")
    @classmethod
    def _each_once(cls, sources: list[uuid.UUID]) -> list[uuid.UUID]:
        if len(set(sources)) < len(sources):
            raise ValueError("an asset is named more than once")
        return sources


@dataclass(frozen=True)
class Frame:
    """One picture to look at. pixels: (height, width, 3) uint8 RGB, upright. seconds: None for a still."""

    source: uuid.UUID
    index: int
    seconds: float | None
    pixels: np.ndarray[Any, Any]

    def facts(self) -> dict[str, Any]:
        height, width = self.pixels.shape[:2]
        return {"source": str(self.source), "frame": self.index, "seconds": self.seconds, "width": width, "height": height}


def frames(params: Sources, kitchen: Kitchen, first: int = 0) -> Iterator[Frame]:
    """Every frame of all sources, one at a time in memory. Tells progress for each picture that is decoded, so a cancel is seen.

    first: the place of the first source in the job's params.
    Raises MediaUnreadable for a file that is broken, InvalidInput for a film in which the sampling finds no frame.
    """
    for number, source in enumerate(params.sources):

        def tell(fraction: float, number: int = number) -> None:
            kitchen.progress((number + fraction) / len(params.sources), f"looks at source {number + 1} of {len(params.sources)}")

        with told_where(first + number):
            yield from _some(_frames(source, kitchen.files[source], params.sampling, tell))


@contextmanager
def told_where(number: int) -> Iterator[None]:
    """What is wrong with a source's file or sampling, with its place in the params."""
    try:
        yield
    except (MediaUnreadable, InvalidInput) as error:
        error.errors = error.errors or [{"pointer": f"/params/sources/{number}", "detail": error.detail}]
        raise


def _some(found: Iterator[Frame]) -> Iterator[Frame]:
    """The same frames; none at all is a fault of the sampling."""
    first = next(found, None)
    if first is None:
        raise InvalidInput("the sampling takes no frame of it", hint="Look at start, end, and the film's length.")
    yield first
    yield from found


def _frames(source: uuid.UUID, path: Path, sampling: Sampling, tell: Tell) -> Iterator[Frame]:
    tell(0.0)
    return _still(source, path, sampling) if is_picture(path) else _film(source, path, sampling, tell)


Item = TypeVar("Item")


def batches(items: Iterator[Item], size: int) -> Iterator[list[Item]]:
    """Lists of `size`, the last one shorter."""
    while batch := list(islice(items, size)):
        yield batch


def _still(source: uuid.UUID, path: Path, sampling: Sampling) -> Iterator[Frame]:
    """A still as one frame; a moving picture's frames as a film's."""
    seconds, taken = 0.0, 0
    for index, picture in enumerate(picture_frames(path)):
        if picture.facts["frames"] == 1:
            yield Frame(source, 0, None, picture.rgb)
            return
        if sampling.is_over(seconds, taken):
            return
        if sampling.takes(index, seconds, taken):
            taken += 1
            yield Frame(source, index, round(seconds, 3), picture.rgb)
        seconds += picture.facts["frame_seconds"] or 0.1


def _film(source: uuid.UUID, path: Path, sampling: Sampling, tell: Tell) -> Iterator[Frame]:
    import av

    from pipelines.video.ffmpeg import MEDIA_FORMATS

    try:
        with av.open(str(path), options={"format_whitelist": MEDIA_FORMATS}) as container:
            stream = next(iter(container.streams.video), None)
            if stream is None:
                raise MediaUnreadable(f"{path.name} holds no pictures")
            stream.thread_type = "AUTO"
            yield from _sampled(source, container, stream, sampling, tell)
    except (av.error.FFmpegError, ValueError) as error:
        raise MediaUnreadable(f"{path.name} cannot be decoded: {_reason(error)}", hint="Check that it opens in a media player.") from None


def _reason(error: Exception) -> str:
    """In ffmpeg's words, without the file's place on this machine."""
    return getattr(error, "strerror", None) or str(error)


def _sampled(source: uuid.UUID, container: Any, stream: Any, sampling: Sampling, tell: Tell) -> Iterator[Frame]:
    length = (container.duration or 0) / 1_000_000 or 1.0
    begin, taken = None, 0
    for index, decoded in enumerate(container.decode(stream)):
        at = float(decoded.time or 0.0)
        begin = at if begin is None else begin
        seconds = at - begin
        tell(min(seconds / length, 1.0))
        if sampling.is_over(seconds, taken):
            return
        if sampling.takes(index, seconds, taken):
            taken += 1
            yield Frame(source, index, round(seconds, 3), _upright(decoded))


def _upright(decoded: Any) -> np.ndarray[Any, Any]:
    import numpy as np

    return np.ascontiguousarray(np.rot90(decoded.to_ndarray(format="rgb24"), round(decoded.rotation / 90) % 4))
