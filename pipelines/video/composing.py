"""What all transforms that put clips together share: the frame they fill, the clips they take, the film they leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from core.errors import InvalidInput
from pipelines.recipe import Kitchen, Made, Product, wanted_files
from pipelines.video import palette
from pipelines.video.canvas import Canvas, Clip, Span
from pipelines.video.codecs import CODECS
from pipelines.video.coding import Coding
from pipelines.video.faults import Faults
from pipelines.video.inputs import Fit, Source, even, examine, frames_in, picture, samples_in, sound
from pipelines.video.palette import Colour
from pipelines.video.rendering import render
from pipelines.video.stills import Size
from pipelines.video.telling import Teller

STILL_SECONDS = 3.0  # that a still is shown where nobody says how long
_USUAL_RATES = (
    Fraction(24000, 1001),
    *map(Fraction, (24, 25)),
    Fraction(30000, 1001),
    *map(Fraction, (30, 50)),
    Fraction(60000, 1001),
    Fraction(60),
)
_SLACK = 0.0005  # seconds by which a written time may pass the end, for the sake of rounding


@dataclass(frozen=True)
class Stage:
    """A canvas with all that was left open decided."""

    size: Size
    fps: Fraction
    behind: Colour
    alpha: bool  # the coding keeps transparency


@dataclass(frozen=True)
class Cut:
    """So many frames of a source from second `start` on. take: its number among the cuts of a film."""

    source: Source
    start: float
    frames: int
    fit: Fit = "contain"
    volume: float = 1.0
    take: int = 0

    def picture(self, stage: Stage, size: Size | None = None) -> Any:
        return picture(
            self.source,
            size or stage.size,
            stage.fps,
            frames=self.frames,
            start=self.start,
            fit=self.fit,
            behind=stage.behind,
            alpha=stage.alpha,
            take=self.take,
        )

    def sound(self, samples: int, *, loop: bool = False) -> Any:
        heard = sound(self.source, samples, start=self.start, loop=loop, take=self.take)
        return heard if self.volume == 1 or self.source.sound is None else heard.filter("volume", self.volume)


def opened(params: BaseModel, kitchen: Kitchen) -> dict[UUID, Source]:
    """Every file that the params name, examined. Raises MediaUnreadable or InvalidInput with a pointer for each that cannot be used."""
    found, faults, tell = {}, Faults(), Teller(kitchen)
    for asset_id, (pointer, media) in wanted_files(params).items():
        try:
            found[asset_id] = examine(kitchen.files[asset_id], kitchen.folder, watch=tell.again)
        except InvalidInput as error:
            faults.add_unreadable(pointer, error)
            continue
        shown = found[asset_id].picture
        if shown is None and "audio" not in media:
            faults.add(pointer, f"{found[asset_id].name} holds no picture")
        elif shown is not None and shown.still and "image" not in media:
            faults.add(pointer, f"{found[asset_id].name} is a still picture; give a video")
    faults.check()
    return found


def staged(canvas: Canvas, first: Source) -> Stage:
    seen = first.seen
    size = (canvas.width, canvas.height) if canvas.width and canvas.height else even(seen.size)
    if min(size) < (least := CODECS[canvas.coding.codec].least_side):
        detail = f"{canvas.coding.codec} needs {least} pixels a side, the picture has {size[0]} x {size[1]}"
        raise InvalidInput(f"{detail[0].upper()}{detail[1:]}", errors=[{"pointer": "/params/width", "detail": detail}])
    return Stage(size, rate(canvas.fps) if canvas.fps else steady(first), palette.parse(canvas.background), canvas.coding.keeps_alpha)


def rate(fps: float) -> Fraction:
    """The exact rate that is meant: 29.97 is 30000/1001."""
    ntsc = Fraction(round(fps * 1.001) * 1000, 1001)
    return ntsc if abs(float(ntsc) - fps) < 0.006 and fps != round(fps) else Fraction(fps).limit_denominator(1001)


def steady(source: Source) -> Fraction:
    """The source's own rate; where that varies, the usual rate nearest to it or above it; 30 for a still."""
    seen = source.seen
    if seen.still or seen.constant:
        return Fraction(30) if seen.still else seen.fps
    near = min(_USUAL_RATES, key=lambda usual: abs(usual - seen.fps))
    return near if abs(near - seen.fps) < seen.fps / 100 else next((usual for usual in _USUAL_RATES if usual > seen.fps), _USUAL_RATES[-1])


def cut(
    span: Span, source: Source, fps: Fraction, pointer: str, faults: Faults, *, fit: Fit = "contain", volume: float = 1.0, take: int = 0
) -> Cut:
    """The span in whole frames. A span that the file does not hold is added to the faults."""
    length = span.seconds if span.end is None else span.end - span.start
    if source.seen.still:
        if span.start or span.end is not None:
            faults.add(f"{pointer}/{'start' if span.start else 'end'}", "the file is a still: give seconds, not start or end")
        return Cut(source, 0.0, frames_in(length or STILL_SECONDS, fps), fit, volume, take)
    whole = source.seen.seconds
    slack = 0.5 / float(source.seen.fps) + _SLACK
    if span.start >= whole:
        faults.add(f"{pointer}/start", f"{span.start:g} s is at or after the end of the file, which lasts {whole:.3f} s")
    elif length is not None and span.start + length > whole + slack:
        where = "end" if span.end is not None else "seconds"
        faults.add(f"{pointer}/{where}", f"{span.start + length:g} s is beyond the end of the file, which lasts {whole:.3f} s")
    return Cut(source, span.start, frames_in(max(_SLACK, whole - span.start) if length is None else length, fps), fit, volume, take)


def cuts(clips: list[Clip], sources: Mapping[UUID, Source], fps: Fraction) -> list[Cut]:
    """Raises InvalidInput with every clip that its file does not hold."""
    faults = Faults()
    made = [
        cut(clip, sources[clip.file], fps, f"/clips/{index}", faults, fit=clip.fit, volume=clip.volume, take=index)
        for index, clip in enumerate(clips)
    ]
    faults.check()
    return made


def sample_counts(lengths: list[int], fps: Fraction) -> list[int]:
    """Samples of each of the parts that follow one another, rounded at their ends, so that no error adds up."""
    ends = [samples_in(sum(lengths[: index + 1]), fps) for index in range(len(lengths))]
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]


def film(kitchen: Kitchen, name: str, coding: Coding, stage: Stage, picture: Any, sound: Any | None, frames: int, **facts: Any) -> Made:
    """Render to the kitchen's folder; the film as the one product, its measures and `facts` as what is told."""
    target = kitchen.folder / coding.named(name)
    made = render(picture, sound, target, frames=frames, fps=stage.fps, run=kitchen.run, progress=kitchen.progress, coding=coding)
    told = {
        "width": stage.size[0],
        "height": stage.size[1],
        "fps": round(float(stage.fps), 6),
        "frames": frames,
        "seconds": round(float(frames / stage.fps), 6),
        "bytes": made.bytes,
        "sound": made.audio is not None,
        **facts,
    }
    return Made((Product(target, coding.media_type, name, facts=told),), told)
