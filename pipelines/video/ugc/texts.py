"""What is written over the picture: a hook at the beginning, and captions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipelines.video import burning, lettering, subtitles
from pipelines.video.burning import Ink
from pipelines.video.captioning import CaptionLook
from pipelines.video.captions import STYLES, captioned, platform_area, setting
from pipelines.video.cues import Cue
from pipelines.video.palette import INK, WHITE
from pipelines.video.stills import Size
from pipelines.video.subtitles import Letters

_HOOK_SIZE = 0.08  # of the frame's shorter side
_HOOK_LINES = 4


@dataclass(frozen=True)
class Hook:
    """Large text from the first frame on; empty: none."""

    text: str
    seconds: float


def written(cues: list[Cue], look: CaptionLook, hook: Hook, size: Size, until: float, folder: Path) -> Ink | None:
    """All texts, ready to be burnt; None if there are none."""
    laid = setting(size, look.palette(), STYLES[look.style], platform_area(size, look.platform), look.place)
    letters = [*_hook(hook, min(hook.seconds, until), look, size), *captioned(cues, laid, until)]
    return burning.prepare(subtitles.script(letters, size, INK), folder) if letters else None


def notes(cues: list[Cue], hook: str | None) -> list[str]:
    return burning.lost_letters(" ".join([hook or "", *(cue.text for cue in cues)]))


def _hook(hook: Hook, until: float, look: CaptionLook, size: Size) -> list[Letters]:
    """At the top of the safe area, or at its bottom where the captions are at the top."""
    text = lettering.cleaned(hook.text)
    if not text:
        return []
    area, letter = platform_area(size, look.platform), min(size) * _HOOK_SIZE
    fitted = lettering.fit(text, area.right - area.left - letter, letter, _HOOK_LINES)
    half = fitted.height / 2 + letter * 0.4
    middle = area.bottom - half if look.place == "top" else area.top + half
    markup = subtitles.join_lines([subtitles.escape(line) for line in fitted.lines])
    return [Letters(markup, (area.left + area.right) / 2, middle, fitted.size, WHITE, 0.0, until, boxed=True)]
