"""A film as it is written down: tracks of clips on a frame grid, as JSON.

All places and lengths are whole frames of the timeline's own rate, so nothing is ever rounded twice. Tracks lie on each
other, the first at the bottom; the sound of all of them is mixed.
"""

from __future__ import annotations

import uuid
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from core.params import Params
from pipelines.recipe import FileMark
from pipelines.video.coding import Coding

MOST_FRAMES = 6 * 3600 * 60
MOST_FPS = 60
_RATE = r"^\d{1,5}(\.\d{1,3}|/\d{1,4})?$"

MediaId = Annotated[uuid.UUID, FileMark("video", "image", "audio"), Field(description="id of a video, image or audio asset")]
ColourCode = Annotated[str, Field(pattern=r"^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$", description="as #rrggbb")]
Frames = Annotated[int, Field(ge=0, le=MOST_FRAMES)]


class Transition(Params):
    """Into a clip, from the one before it on its track: they overlap by so many frames."""

    name: str = Field(default="fade", max_length=30, description="one of ffmpeg's xfade transitions")
    frames: int = Field(default=15, ge=1, le=1800)


class Placed(Params):
    """What every clip says about when it is seen, and how much."""

    start: Frames | None = Field(default=None, description="frame at which it begins; if not given, right behind the one before it")
    fade_in: Frames = Field(default=0, description="frames, of picture and sound")
    fade_out: Frames = Field(default=0, description="frames, of picture and sound")
    opacity: float = Field(default=1.0, ge=0, le=1)


class Positioned(Placed):
    x: float = Field(default=0.5, ge=-1, le=2, description="of its middle, in widths of the film")
    y: float = Field(default=0.5, ge=-1, le=2, description="of its middle, in heights of the film")


class MediaClip(Positioned):
    """A part of a video, a still for some time, or sound alone."""

    type: Literal["media"] = "media"
    source: MediaId
    source_start: Frames = Field(default=0, description="frames of the timeline, counted from the file's beginning, that are left out")
    frames: int | None = Field(default=None, ge=1, le=MOST_FRAMES, description="if not given, to the file's end; needed for a still")
    speed: float = Field(default=1.0, ge=0.25, le=4, description="2 is twice as fast; the pitch of the sound stays")
    fit: Literal["contain", "cover", "blur", "stretch"] = "contain"
    scale: float = Field(default=1.0, ge=0.02, le=4, description="1 fills the film as `fit` says")
    volume: float = Field(default=0.0, ge=-60, le=24, description="dB")
    muted: bool = False
    transition: Transition | None = None


class ColourClip(Placed):
    """A plain area over the whole film."""

    type: Literal["colour"]
    colour: ColourCode
    frames: int = Field(ge=1, le=MOST_FRAMES)
    transition: Transition | None = None


class TextClip(Positioned):
    """Words over what lies below, broken into lines that fit."""

    type: Literal["text"]
    text: str = Field(min_length=1, max_length=500)
    frames: int = Field(ge=1, le=MOST_FRAMES)
    size: float = Field(default=0.06, ge=0.01, le=0.5, description="height of the letters, of the film's shorter side")
    width: float = Field(default=0.86, ge=0.05, le=1, description="of the lines at most, of the film's width")
    colour: ColourCode = "#ffffff"
    boxed: bool = Field(default=False, description="on a dark panel")


Clip = Annotated[MediaClip | ColourClip | TextClip, Field(discriminator="type")]


class Track(Params):
    """Clips one after the other; only a transition lets two of them overlap."""

    clips: list[Clip] = Field(min_length=1, max_length=200)
    volume: float = Field(default=0.0, ge=-60, le=24, description="dB, added to each clip's own")
    muted: bool = False
    hidden: bool = Field(default=False, description="heard and not seen")

    @field_validator("clips", mode="before")
    @classmethod
    def _media_by_default(cls, clips: Any) -> Any:
        """`type` may be left out of a clip with a source, the usual one."""
        if not isinstance(clips, list):
            return clips
        return [{"type": "media", **clip} if isinstance(clip, dict) and "type" not in clip else clip for clip in clips]


class Timeline(Params):
    """A whole film: its frame, its rate, its tracks, its coding."""

    width: int = Field(default=1920, ge=16, le=4096, multiple_of=2)
    height: int = Field(default=1080, ge=16, le=4096, multiple_of=2)
    fps: str = Field(default="30", pattern=_RATE, description="frames a second: 25, 29.97 or 30000/1001", examples=["30", "30000/1001"])
    background: ColourCode = "#000000"
    frames: int | None = Field(default=None, ge=1, le=MOST_FRAMES, description="if not given, to the end of the last clip")
    tracks: list[Track] = Field(min_length=1, max_length=20)
    coding: Coding = Field(default_factory=Coding)

    @field_validator("fps", mode="before")
    @classmethod
    def _as_words(cls, fps: Any) -> Any:
        return f"{fps:g}" if isinstance(fps, int | float) and not isinstance(fps, bool) else fps

    @field_validator("fps")
    @classmethod
    def _sensible(cls, fps: str) -> str:
        if fps.rstrip("0").endswith("/") or not 1 <= exact_rate(fps) <= MOST_FPS:
            raise ValueError(f"give a rate from 1 to {MOST_FPS} frames a second")
        return fps

    @field_validator("coding")
    @classmethod
    def _in_one_pass(cls, coding: Coding) -> Coding:
        if coding.two_pass:
            raise ValueError("a timeline is coded in segments, each in one pass; use video.encode on the result")
        return coding

    @property
    def rate(self) -> Fraction:
        return exact_rate(self.fps)

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height


def exact_rate(words: str) -> Fraction:
    """The rate that is meant: 29.97 is 30000/1001, as everywhere in television."""
    rate = Fraction(words)
    ntsc = Fraction(round(rate * Fraction(1001, 1000)) * 1000, 1001)
    return ntsc if "." in words and abs(rate - ntsc) < Fraction(1, 100) and rate.denominator != 1 else rate
