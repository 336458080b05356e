"""Captions from spoken words: a line or two at a time, the word that is heard in the brand's colour."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.video import lettering, subtitles
from pipelines.video.palette import INK, WHITE, Palette, legible
from pipelines.video.subtitles import Letters
from providers.contracts.voice import SpokenWord

_MOST_LINES = 2
_PAUSE = 0.7  # seconds of silence that end a caption
_HOLD = 0.4  # seconds a caption stays after its last word, if nothing follows
_SENTENCE_END = (".", "!", "?", "…", "。", "؟", "\uff01", "\uff1f")


@dataclass(frozen=True)
class SafeArea:
    """The part of the frame that no platform covers with its own buttons and texts, in pixels."""

    left: float
    top: float
    right: float
    bottom: float


def safe_area(size: tuple[int, int]) -> SafeArea:
    """Upright feeds cover the bottom quarter and the right edge; players of wide videos only a bar at the bottom."""
    wide, high = size
    if high > wide:
        return SafeArea(wide * 0.12, high * 0.12, wide * 0.88, high * 0.74)
    return SafeArea(wide * 0.12, high * 0.08, wide * 0.88, high * 0.90)


def captions(words: tuple[SpokenWord, ...], size: tuple[int, int], until: float, palette: Palette) -> list[Letters]:
    """One text for each word heard before `until` seconds: its whole caption, the word itself stressed.

    A word's text stays until the next word, so that a caption never blinks.
    """
    area, letter_size = safe_area(size), min(size) * 0.062
    limit = area.right - area.left - letter_size
    stress = legible(palette.background, INK) if palette.accent in (WHITE, INK) else legible(palette.accent, INK)
    found: list[Letters] = []
    cues = _cues(_in_order(words, until), limit, letter_size)
    for index, cue in enumerate(cues):
        following = cues[index + 1][0].start if index + 1 < len(cues) else until
        end = min(cue[-1].end + _HOLD, following)
        texts = [word.text for word in cue]
        lines = lettering.balanced(texts, limit, letter_size)
        widest = max(lettering.width(" ".join(texts[i] for i in line), letter_size) for line in lines)
        fitting = letter_size * min(1.0, limit / widest)
        centre = area.bottom - letter_size * lettering.line_height() * _MOST_LINES / 2 - letter_size * 0.4
        for place, word in enumerate(cue):
            markup = _markup(texts, lines, place, stress)
            stop = cue[place + 1].start if place + 1 < len(cue) else end
            found.append(Letters(markup, (area.left + area.right) / 2, centre, fitting, WHITE, word.start, stop, boxed=True))
    return found


def _in_order(words: tuple[SpokenWord, ...], until: float) -> list[SpokenWord]:
    """Words with something to draw, in the order of time, none beginning before the one before it."""
    known = [SpokenWord(lettering.cleaned(word.text), max(0.0, word.start), word.end) for word in words]
    drawn = sorted((word for word in known if word.text and word.start < until), key=lambda word: word.start)
    return [SpokenWord(word.text, word.start, max(word.start, word.end)) for word in drawn]


def _cues(words: list[SpokenWord], limit: float, size: float) -> list[list[SpokenWord]]:
    cues: list[list[SpokenWord]] = []
    for word in words:
        if cues and not _ends(cues[-1], word) and len(lettering.wrap([w.text for w in [*cues[-1], word]], limit, size)) <= _MOST_LINES:
            cues[-1].append(word)
        else:
            cues.append([word])
    return cues


def _ends(cue: list[SpokenWord], following: SpokenWord) -> bool:
    return cue[-1].text.endswith(_SENTENCE_END) or following.start - cue[-1].end > _PAUSE


def _markup(texts: list[str], lines: list[list[int]], stressed: int, stress: tuple[int, int, int]) -> str:
    shown = [subtitles.escape(text) for text in texts]
    shown[stressed] = subtitles.coloured(shown[stressed], stress, WHITE)
    return subtitles.join_lines([" ".join(shown[index] for index in line) for line in lines])
