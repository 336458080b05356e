"""`video.frames`: single frames of a film as pictures: by time, evenly, at each scene, or the best-looking ones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, ValidationInfo, field_validator

from core.errors import InvalidInput
from core.params import Params
from pipelines.recipe import Kitchen, Made, Product, Recipe, VideoId
from pipelines.video import pictures
from pipelines.video.composing import opened
from pipelines.video.cuts import THRESHOLD, scene_changes
from pipelines.video.looks import LONGEST, Look, look
from pipelines.video.reel import Frame, Reel
from pipelines.video.telling import Teller

MOST = 500
_TRIED = 240  # frames that are judged when the best are asked for
_PICKING = 0.6  # of the progress, where the film must be looked through first

By = Literal["time", "every", "count", "scenes", "quality"]
Value = TypeVar("Value")
Picked = dict[int, dict[str, Any]]  # frame numbers with what is to be said about them


class FramesParams(Params):
    """Which frames, and how they are stored."""

    video: VideoId
    by: By = Field(description="`time`: at these seconds; `every`: so many seconds apart; `count`: spread evenly; `scenes`; `quality`")
    times: list[Annotated[float, Field(ge=0, allow_inf_nan=False)]] = Field(
        default_factory=list, max_length=MOST, validate_default=True, description="seconds, for `time`: the frame shown at each"
    )
    seconds: float | None = Field(default=None, gt=0, validate_default=True, allow_inf_nan=False, description="for `every`")
    count: int | None = Field(
        default=None, ge=1, le=MOST, validate_default=True, description="how many, for `count` and `quality`; the most, for `scenes`"
    )
    threshold: float = Field(default=THRESHOLD, gt=0, le=255, description="for `scenes`: how different a new scene is, in levels of 255")
    format: pictures.Format = Field(default="png", description="png keeps every pixel, jpeg is small")
    longest_side: int | None = Field(default=None, ge=16, le=8192, description="pixels; larger frames are reduced")

    @field_validator("times")
    @classmethod
    def _times_for_time(cls, times: list[float], info: ValidationInfo) -> list[float]:
        return _asked(times, info, "time")

    @field_validator("seconds")
    @classmethod
    def _seconds_for_every(cls, seconds: float | None, info: ValidationInfo) -> float | None:
        return _asked(seconds, info, "every")

    @field_validator("count")
    @classmethod
    def _count_for_count(cls, count: int | None, info: ValidationInfo) -> int | None:
        return _asked(count, info, "count", "quality")


def make(params: FramesParams, kitchen: Kitchen) -> Made:
    tell = Teller(kitchen)
    film = Reel(opened(params, kitchen)[params.video], tell.again)
    picked = _pick(params, film, tell)
    start = _PICKING if params.by in ("scenes", "quality") else 0.0
    products = []
    for place, frame in enumerate(film.pick(picked)):
        tell(start + (1 - start) * place / len(picked), f"frame {place + 1} of {len(picked)}")
        facts = {"frame": frame.number, "second": round(frame.seconds, 6), **picked[frame.number]}
        path = kitchen.folder / f"frame-{frame.number:07d}.{pictures.SUFFIXES[params.format]}"
        products.append(_product(path, frame.pixels(params.longest_side), facts, params.format))
    facts = {"by": params.by, "frames": [product.facts for product in products], "of": len(film.times), "seconds": round(film.seconds, 6)}
    return Made(tuple(products), facts)


def _asked(value: Value, info: ValidationInfo, *ways: str) -> Value:
    if info.data.get("by") in ways and not value:
        raise ValueError(f"needed when frames are taken by {info.data['by']}")
    return value


def _pick(params: FramesParams, film: Reel, tell: Teller) -> Picked:
    if params.by == "time":
        return {film.at(second): {} for second in _within(params.times, film)}
    if params.by == "every":
        assert params.seconds
        return {film.at(second): {} for second in _steps(params.seconds, film.seconds)}
    if params.by == "count":
        return {number: {} for number in spread(film, _enough(params, film))}
    if params.by == "scenes":
        return _scenes(params, film, tell)
    return _best(_enough(params, film), film, tell)


def _within(times: list[float], film: Reel) -> list[float]:
    late = [
        {"pointer": f"/params/times/{index}", "detail": f"{second} s is after the end, {film.seconds:.3f} s"}
        for index, second in enumerate(times)
        if second >= film.seconds
    ]
    if late:
        raise InvalidInput(f"{len(late)} of the times lie after the film's end at {film.seconds:.3f} s", errors=late)
    return times


def _steps(seconds: float, whole: float) -> list[float]:
    if whole / seconds > MOST:
        detail = f"a frame every {seconds} s of {whole:.1f} s are more than {MOST}"
        raise InvalidInput(detail.capitalize(), hint="Take them further apart.", errors=[{"pointer": "/params/seconds", "detail": detail}])
    return [index * seconds for index in range(int(whole / seconds) + 1) if index * seconds < whole]


def _enough(params: FramesParams, film: Reel) -> int:
    count = params.count or 1
    if count > len(film.times):
        detail = f"{count} frames of a film that has {len(film.times)}"
        raise InvalidInput(f"Cannot take {detail}", hint="Ask for fewer.", errors=[{"pointer": "/params/count", "detail": detail}])
    return count


def spread(film: Reel, count: int) -> list[int]:
    """At most `count` different frames, each in the middle of its share of the film."""
    total = len(film.times)
    return [int((index + 0.5) * total / min(count, total)) for index in range(min(count, total))]


def _scenes(params: FramesParams, film: Reel, tell: Teller) -> Picked:
    """The first frame of every scene, the film's own first frame included."""

    def seen(frame: Frame) -> None:
        tell(_PICKING * frame.number / len(film.times), "looking for scene changes")

    cuts = scene_changes(film, params.threshold, seen=seen)
    found: Picked = {0: {"change": 0.0}, **{cut.number: {"change": cut.change} for cut in cuts}}
    return dict(list(found.items())[: params.count or MOST])


def _best(count: int, film: Reel, tell: Teller) -> Picked:
    """The best-looking frame of each share of the film, so that they are not all of one moment."""
    tried = spread(film, max(_TRIED, count))
    best: dict[int, tuple[int, Look]] = {}
    for place, frame in enumerate(film.pick(tried)):
        tell(_PICKING * place / len(tried), f"judging frame {place + 1} of {len(tried)}")
        share, judged = frame.number * count // len(film.times), look(frame.pixels(LONGEST))
        if share not in best or judged.score > best[share][1].score:
            best[share] = (frame.number, judged)
    return {number: _judged(seen) for number, seen in best.values()}


def _judged(seen: Look) -> dict[str, Any]:
    return {
        "score": round(seen.score, 3),
        "sharpness": seen.sharpness,
        "exposure": seen.exposure,
        "colour": seen.colour,
        "fault": seen.fault,
    }


def _product(path: Path, pixels: Any, facts: dict[str, Any], form: pictures.Format) -> Product:
    pictures.save(pixels, path, form)
    return Product(path, pictures.MEDIA_TYPES[form], f"Frame {facts['frame']} at {facts['second']:.3f} s", "frame", facts)


recipe = Recipe("video.frames", FramesParams, make, summary="Take single frames out of a video: by time, evenly, by scene or the best.")
