"""An advert from pictures, a voice and a brand: one timeline, one filter graph, one encode."""

from __future__ import annotations

import math
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import InvalidInput
from pipelines.video import burning, camera, captions, card, ffmpeg, lettering, stills, subtitles, voice
from pipelines.video.burning import Ink
from pipelines.video.palette import INK, Palette, palette
from pipelines.video.probe import MediaFacts, probe
from pipelines.video.process import Run, standalone
from pipelines.video.scenes import Motion, Scene
from pipelines.video.shots import FPS, SAMPLE_RATE, ShotList, shot_list
from providers.contracts.voice import SpokenWord

PORTRAIT = (1080, 1920)
LANDSCAPE = (1920, 1080)
END_SECONDS = 2.5
_LEAST, _MOST = 128, 3840  # pixels a side
_KEYFRAME_EVERY = 2 * FPS


@dataclass(frozen=True)
class Advert:
    """What is shown and heard. It lasts the sum of its scenes and of its end card, to the frame."""

    scenes: tuple[Scene, ...]
    brand_name: str
    call_to_action: str
    size: tuple[int, int] = PORTRAIT
    voice: Path | None = None  # begins with the first frame
    words: tuple[SpokenWord, ...] = ()  # captions: what the voice says, by its own clock
    colours: tuple[str, ...] = ()  # of the brand, as #rrggbb, the main one first
    logo: Path | None = None
    end_seconds: float = END_SECONDS


@dataclass(frozen=True)
class Rendered:
    facts: MediaFacts
    notes: tuple[str, ...]  # what a person should know about the result, in whole sentences


@dataclass(frozen=True)
class _Material:
    """All files that the filter graph reads, normalised and lying in one folder."""

    takes: list[camera.Take]  # one a shot, the end card last
    ink: Ink
    notes: tuple[str, ...]


def plan(advert: Advert) -> ShotList:
    """The advert's shots in frames, the end card last. Raises InvalidInput for what cannot be rendered."""
    _check(advert)
    return shot_list([*(scene.seconds for scene in advert.scenes), advert.end_seconds])


def render(advert: Advert, target: Path, run: Run | None = None, progress: ffmpeg.Progress = lambda _: None) -> Rendered:
    """Render to `target` (MP4: H.264 High, AAC, 30 frames a second). May run twice; nothing is left of a try that failed.
    The folder of `target` must exist; it also holds the working files while this runs.

    Raises InvalidInput for values out of range, MediaUnreadable for a broken picture, logo or voice,
    and what `ffmpeg.encode` raises.
    """
    runner = run or standalone()
    laid = plan(advert)
    if advert.voice:
        voice.check(advert.voice, laid)
    with tempfile.TemporaryDirectory(prefix=".advert-", dir=target.parent) as folder:
        material = _prepare(advert, laid, Path(folder))
        decibels = voice.gain(advert.voice, runner) if advert.voice else 0.0
        ffmpeg.encode(lambda part: _graph(advert, laid, material, decibels, part), target, laid.frames, runner, progress)
    return Rendered(probe(target), material.notes)


def _check(advert: Advert) -> None:
    if not advert.scenes:
        raise InvalidInput("An advert needs at least one scene")
    if any(side % 2 or not _LEAST <= side <= _MOST for side in advert.size):
        raise InvalidInput(
            f"An advert of {advert.size[0]} x {advert.size[1]} pixels cannot be made",
            hint=f"Give even numbers from {_LEAST} to {_MOST}, such as 1080 x 1920.",
        )
    for word in advert.words:
        if not (math.isfinite(word.start) and math.isfinite(word.end)):
            raise InvalidInput(f"The word {word.text!r} has no time")


def _prepare(advert: Advert, laid: ShotList, folder: Path) -> _Material:
    colours = palette(advert.colours)
    card_start = laid.shots[-1].start / FPS
    logo, note = card.usable_logo(advert.logo)
    end = card.draw(advert.size, colours, advert.brand_name, advert.call_to_action, logo, (card_start, laid.seconds))
    takes = [
        camera.prepare(stills.load(scene.image), scene.motion, advert.size, shot.frames, colours.background, folder / f"shot-{index:03d}")
        for index, (scene, shot) in enumerate(zip(advert.scenes, laid.shots, strict=False))
    ]
    takes.append(camera.prepare(end.picture, Motion.STILL, advert.size, laid.shots[-1].frames, colours.background, folder / "card"))
    ink = burning.prepare(_script(advert, card_start, colours, end.texts), folder)
    return _Material(takes, ink, tuple(filter(None, (note, _unknown_letters(advert)))))


def _script(advert: Advert, card_start: float, colours: Palette, card_texts: list[subtitles.Letters]) -> str:
    spoken = captions.captions(advert.words, advert.size, card_start, colours)
    return subtitles.script([*spoken, *card_texts], advert.size, INK)


def _unknown_letters(advert: Advert) -> str:
    text = "".join([advert.brand_name, advert.call_to_action, *(word.text for word in advert.words)])
    letters = lettering.missing_letters(lettering.cleaned(text))
    if not letters:
        return ""
    return f"The packaged font has no {letters[:20]!r}; a font of this machine stands in, or boxes do if it has none."


def _graph(advert: Advert, laid: ShotList, material: _Material, decibels: float, path: Path) -> Any:
    """The one ffmpeg-python node that the whole advert compiles to."""
    import ffmpeg as graph

    picture: Any = None
    for take, shot in zip(material.takes, laid.shots, strict=True):
        filmed = camera.film(take)
        picture = filmed if picture is None else _crossfade(picture, filmed, shot.start, laid.fade)
    picture = burning.burn(picture, material.ink)
    sound = voice.track(advert.voice, decibels, laid)
    return graph.output(picture, sound, str(path.absolute()), **_coding(laid))


def _crossfade(before: Any, after: Any, start: int, fade: int) -> Any:
    import ffmpeg as graph

    return graph.filter([before, after], "xfade", transition="fade", duration=f"{fade / FPS:.6f}", offset=f"{start / FPS:.6f}")


def _coding(laid: ShotList) -> dict[str, Any]:
    """H.264 that every platform takes: 4:2:0, closed GOPs of two seconds, BT.709, index at the front."""
    # subq 1 (the preset has 2) saves a fifth of the encoder's time and cannot be seen on moving stills.
    video = {"c:v": "libx264", "preset": "veryfast", "crf": 22, "subq": 1, "profile:v": "high", "pix_fmt": "yuv420p", "r": FPS}
    groups = {"g": _KEYFRAME_EVERY, "flags": "+cgop", "frames:v": laid.frames}
    colour = {"colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709", "color_range": "tv"}
    audio = {"c:a": "aac", "b:a": "160k", "ar": SAMPLE_RATE, "ac": 2}
    return {**video, **groups, **colour, **audio, "map_metadata": -1, "movflags": "+faststart", "f": "mp4"}
