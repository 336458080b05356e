"""Params that transforms share: the frame to fill, a part of a file, a clip, colours and times."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from core.errors import InvalidInput
from core.params import Params
from pipelines.recipe import PictureId
from pipelines.video import palette
from pipelines.video.coding import MASTER, Coding
from pipelines.video.framing import Fit

LONGEST = 86_400.0  # seconds


def _colour(words: str) -> str:
    try:
        palette.parse(words)
    except InvalidInput as error:
        raise ValueError(f"{error.detail}; write it as #rrggbb") from None
    return words


HexColour = Annotated[str, AfterValidator(_colour), Field(examples=["#0d6efd"])]
Second = Annotated[float, Field(ge=0, le=LONGEST, allow_inf_nan=False)]
Length = Annotated[float, Field(gt=0, le=LONGEST, allow_inf_nan=False)]
Side = Annotated[int, Field(ge=16, le=8192, multiple_of=2)]
Loudness = Annotated[float, Field(ge=0, le=4, allow_inf_nan=False)]


class Canvas(Params):
    """The frame to fill and how the film is written; what is not said is as in the first clip."""

    width: Side | None = Field(default=None, description="pixels, even; with height")
    height: Side | None = Field(default=None, validate_default=True, description="pixels, even; with width")
    fps: float | None = Field(default=None, ge=1, le=240, allow_inf_nan=False, description="frames a second; 29.97 means 30000/1001")
    background: HexColour = Field(default="#000000", description="colour where no picture is")
    coding: Coding = Field(default=MASTER, description="codec, container and quality")

    @field_validator("height")
    @classmethod
    def _both_sides(cls, height: int | None, info: ValidationInfo) -> int | None:
        if "width" in info.data and (info.data["width"] is None) != (height is None):
            raise ValueError("give width and height, or neither")
        return height


class Span(Params):
    """Part of a file, in seconds of that file."""

    start: Second = Field(default=0.0, description="second of the file at which it begins")
    end: Length | None = Field(default=None, description="second of the file at which it ends; its own end if not given")
    seconds: Length | None = Field(default=None, description="how long, instead of `end`; also how long a still is shown")

    @field_validator("end")
    @classmethod
    def _forwards(cls, end: float | None, info: ValidationInfo) -> float | None:
        start = info.data.get("start", 0.0)
        if end is not None and end <= start:
            raise ValueError(f"end ({end:g} s) must come after start ({start:g} s)")
        return end

    @field_validator("seconds")
    @classmethod
    def _one_length(cls, seconds: float | None, info: ValidationInfo) -> float | None:
        if seconds is not None and info.data.get("end") is not None:
            raise ValueError("give end or seconds, not both")
        return seconds


class Clip(Span):
    """A video, or a still that is shown for a while."""

    file: PictureId
    fit: Fit = Field(default="contain", description="how another shape is brought into the frame")
    volume: Loudness = Field(default=1.0, description="1 as it is, 0 silent")
