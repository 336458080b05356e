"""Where captions come from: words or segments with their times, or a SubRip or WebVTT file."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from core.errors import InvalidInput, MediaUnreadable
from core.params import Params
from pipelines.recipe import FileMark, Kitchen
from pipelines.video import caption_files, cues
from pipelines.video.cues import Cue
from providers.contracts.voice import SpokenWord

_LARGEST = 5_000_000  # bytes of a caption file
_WAYS = ("words", "segments", "text", "document")

Second = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False, description="seconds from the beginning")]
DocumentId = Annotated[uuid.UUID, FileMark("text", "application"), Field(description="id of a SubRip or WebVTT document")]


class Word(Params):
    text: str = Field(min_length=1, max_length=200)
    start: Second
    end: Second


class Segment(Params):
    text: str = Field(min_length=1, max_length=4000)
    start: Second
    end: Second


class CaptionSource(Params):
    """Exactly one of: words, segments, text, document."""

    words: list[Word] | None = Field(default=None, min_length=1, max_length=50_000, description="each word with its times, in order")
    segments: list[Segment] | None = Field(default=None, min_length=1, max_length=caption_files.MOST_CUES, description="sentences")
    text: str | None = Field(default=None, min_length=1, max_length=_LARGEST, description="the content of a SubRip or WebVTT file")
    document: DocumentId | None = None

    @field_validator("words", "segments")
    @classmethod
    def _in_time(cls, parts: list[Word] | list[Segment] | None) -> list[Word] | list[Segment] | None:
        faults = list(_faults(parts or []))
        if faults:
            raise ValidationError.from_exception_data("captions", faults)
        return parts

    @model_validator(mode="after")
    def _one_way(self) -> CaptionSource:
        given = [way for way in _WAYS if getattr(self, way) is not None]
        if len(given) != 1:
            raise ValueError(f"give exactly one of {', '.join(_WAYS)}; {' and '.join(given) or 'none'} given")
        return self


def _faults(parts: Sequence[Word | Segment]) -> Iterator[InitErrorDetails]:
    """Each part that ends before it starts, or starts before the one before it."""
    latest = 0.0
    for index, part in enumerate(parts):
        if part.end < part.start or (part.end == part.start and isinstance(part, Segment)):
            yield _fault(index, "end", part.end, f"ends at {part.end} s, but starts at {part.start} s")
        if part.start < latest:
            yield _fault(index, "start", part.start, f"starts at {part.start} s, before the one before it at {latest} s")
        latest = max(latest, part.start)


def _fault(index: int, field: str, value: float, detail: str) -> InitErrorDetails:
    # pydantic formats a message's braces: the detail is handed over as a value.
    error = PydanticCustomError("out_of_time", "{detail}", {"detail": detail})
    return InitErrorDetails(type=error, loc=(index, field), input=value)


def cues_of(source: CaptionSource, kitchen: Kitchen, line: int = cues.LINE, pointer: str = "/params") -> list[Cue]:
    """The captions as cues of at most two lines of `line` characters, in the order of time.

    pointer: of the source in the job's params. Raises InvalidInput and MediaUnreadable for a file that is no caption file.
    """
    if source.words is not None:
        return cues.grouped([SpokenWord(" ".join(word.text.split()), word.start, word.end) for word in source.words], line)
    if source.segments is not None:
        return cues.split([cues.from_text(segment.start, segment.end, segment.text) for segment in source.segments], line)
    if source.document is not None:
        return cues.split(caption_files.read(_content(source.document, kitchen, pointer), f"{pointer}/document"), line)
    return cues.split(caption_files.read(source.text or "", f"{pointer}/text"), line)


def _content(document: uuid.UUID, kitchen: Kitchen, pointer: str) -> str:
    path = kitchen.files[document]
    fault = {"pointer": f"{pointer}/document"}
    if path.stat().st_size > _LARGEST:
        raise InvalidInput("The caption file is too large", errors=[{**fault, "detail": f"more than {_LARGEST} bytes"}])
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise MediaUnreadable("The caption file is not UTF-8 text", errors=[{**fault, "detail": "not UTF-8"}]) from None
