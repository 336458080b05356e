"""`video.captions`: captions as SubRip, WebVTT and ASS files, and burnt into the video with the heard word in colour."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from core.params import Params
from pipelines.recipe import Kitchen, Made, Product, Recipe, VideoId
from pipelines.video import burning, caption_files, composing, subtitles
from pipelines.video.canvas import HexColour, Side
from pipelines.video.caption_source import CaptionSource, cues_of
from pipelines.video.captions import STYLES, Place, StyleName, captioned, platform_area, setting
from pipelines.video.coding import MASTER, Coding
from pipelines.video.composing import Stage
from pipelines.video.cues import Cue
from pipelines.video.inputs import Source, even, picture, samples_in, sound
from pipelines.video.palette import INK, Palette, palette
from pipelines.video.platforms import PlatformName
from pipelines.video.stills import Size

FormatName = Literal["srt", "vtt", "ass", "video"]
_FILES: tuple[FormatName, ...] = ("srt", "vtt", "ass")
_SHOWN: tuple[FormatName, ...] = ("video",)
_MEDIA_TYPES = {"srt": "application/x-subrip", "vtt": "text/vtt", "ass": "text/x-ass"}
_USUAL = ("#111418", "#ffd23f")
_ENDLESS = 1e9  # seconds: where no video says when captions end


class CaptionLook(Params):
    """How burnt captions look and where they stand."""

    style: StyleName = Field(default="boxed", description="boxed, outline, bold, one_word, karaoke, or plain without a stressed word")
    place: Place = Field(default="bottom", description="where, inside the platform's safe area")
    platform: PlatformName | None = Field(default=None, description="whose safe area; one that suits all if not given")
    colours: list[HexColour] = Field(default_factory=list, max_length=10, description="the brand's, the main one first")

    def palette(self) -> Palette:
        """The brand's colours, or what stands out on any video."""
        return palette(tuple(self.colours) or _USUAL)


class CaptionsParams(CaptionSource, CaptionLook):
    """What is said and when (words, segments, text or document), and what is made of it."""

    video: VideoId | None = Field(default=None, description="the video to burn the captions into")
    formats: list[FormatName] | None = Field(
        default=None, min_length=1, max_length=4, validate_default=True, description="all files, and the video if there is one"
    )
    line_length: int = Field(default=42, ge=12, le=80, description="characters of a line in SubRip and WebVTT")
    width: Side = Field(default=1080, description="of the frame that the ASS file is for, without a video")
    height: Side = Field(default=1920, description="of the frame that the ASS file is for, without a video")
    coding: Coding = Field(default=MASTER, description="codec, container and quality of the video")

    @field_validator("formats")
    @classmethod
    def _made_of_something(cls, formats: list[FormatName] | None, info: ValidationInfo) -> list[FormatName]:
        video = info.data.get("video")
        if formats and "video" in formats and video is None:
            raise ValueError("a captioned video needs `video`, the video to caption")
        return formats or [*_FILES, *_SHOWN[: 1 if video else 0]]


def make(params: CaptionsParams, kitchen: Kitchen) -> Made:
    cues = cues_of(params, kitchen, params.line_length)
    source = composing.opened(params.model_copy(update={"document": None}), kitchen)[params.video] if params.video else None
    size = even(source.seen.size) if source else (params.width, params.height)
    until = source.seen.seconds if source else _ENDLESS
    script = drawn(cues, params, size, until)
    texts = {"srt": caption_files.srt(cues, params.line_length), "vtt": caption_files.vtt(cues, params.line_length), "ass": script}
    wanted = params.formats or []
    products = [_file(texts[form], form, kitchen) for form in _FILES if form in wanted]
    facts: dict[str, Any] = {"cues": len(cues), "words": sum(len(cue.words) for cue in cues), "notes": _notes(cues, until)}
    if source and "video" in wanted:
        film = _burnt(source, script, params, kitchen)
        products += film.products
        facts |= film.facts
    return Made(tuple(products), facts)


def drawn(cues: list[Cue], look: CaptionLook, size: Size, until: float) -> str:
    """The ASS script of the captions for a frame of this size."""
    laid = setting(size, look.palette(), STYLES[look.style], platform_area(size, look.platform), look.place)
    return subtitles.script(captioned(cues, laid, until), size, INK)


def _file(text: str, form: FormatName, kitchen: Kitchen) -> Product:
    path = kitchen.folder / f"captions.{form}"
    path.write_text(text, encoding="utf-8")
    return Product(path, _MEDIA_TYPES[form], f"Captions ({form.upper()})", "captions")


def _notes(cues: list[Cue], until: float) -> list[str]:
    notes = burning.lost_letters(" ".join(cue.text for cue in cues))
    if not all(cue.exact for cue in cues):
        notes.append("The times of single words are estimated from their lengths, as only the times of whole sentences were given.")
    late = sum(cue.start >= until for cue in cues)
    if late:
        notes.append(f"{late} of {len(cues)} captions begin after the video's end at {until:.1f} s and are not seen in it.")
    return notes


def _burnt(source: Source, script: str, params: CaptionsParams, kitchen: Kitchen) -> Made:
    stage = Stage(even(source.seen.size), composing.steady(source), (0, 0, 0), params.coding.keeps_alpha)
    frames = max(1, round(source.seen.seconds * stage.fps))
    shown = picture(source, stage.size, stage.fps, frames=frames, fit="stretch", alpha=stage.alpha)
    heard = sound(source, samples_in(frames, stage.fps)) if source.sound else None
    ink = burning.prepare(script, kitchen.folder)
    return composing.film(kitchen, "captioned", params.coding, stage, burning.burn(shown, ink), heard, frames)


recipe = Recipe("video.captions", CaptionsParams, make, summary="Caption files from words or segments, and a video with them burnt in.")
