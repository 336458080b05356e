"""Captions from spoken words: a line or two at a time, the word that is heard in the brand's colour."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from pipelines.video import lettering, subtitles
from pipelines.video.cues import PAUSE, SENTENCE_END, Cue
from pipelines.video.palette import INK, WHITE, Colour, Palette, legible
from pipelines.video.platforms import PLATFORMS, PlatformName
from pipelines.video.subtitles import Letters
from providers.contracts.voice import SpokenWord

_HOLD = 0.4  # seconds a caption stays after its last word, if nothing follows


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


def platform_area(size: tuple[int, int], platform: PlatformName | None) -> SafeArea:
    """What the platform leaves free, as much on the left as on the right, so that texts stay centred; None: every platform."""
    if platform is None:
        return safe_area(size)
    covered, (wide, high) = PLATFORMS[platform].covered, size
    side = max(covered.left, covered.right)
    return SafeArea(wide * side, high * covered.top, wide * (1 - side), high * (1 - covered.bottom))


@dataclass(frozen=True)
class Style:
    """How captions are set. size: of the letters, as a share of the frame's shorter side.

    stress: which words are in the brand's colour: none, the one that is heard, or all that were heard so far.
    """

    size: float = 0.062
    boxed: bool = False
    outlined: bool = False
    lines: int = 2
    words: int = 100  # at most, in one caption
    stress: Literal["none", "heard", "so_far"] = "heard"
    capitals: bool = False


StyleName = Literal["boxed", "outline", "bold", "one_word", "karaoke", "plain"]
STYLES: dict[StyleName, Style] = {
    "boxed": Style(boxed=True),
    "outline": Style(outlined=True),
    "bold": Style(size=0.085, outlined=True, words=4, capitals=True),
    "one_word": Style(size=0.11, outlined=True, lines=1, words=1, capitals=True),
    "karaoke": Style(boxed=True, stress="so_far"),
    "plain": Style(size=0.05, boxed=True, stress="none"),
}
Place = Literal["top", "middle", "bottom"]


@dataclass(frozen=True)
class Setting:
    """Where captions are set in the frame, and how."""

    area: SafeArea
    letter: float  # pixels an em
    stress: Colour
    style: Style
    place: Place

    @property
    def limit(self) -> float:
        """Pixels that a line may be wide: the panel around it stays inside the area too."""
        return self.area.right - self.area.left - self.letter

    @property
    def centre(self) -> tuple[float, float]:
        """Of a caption: a short one stays where a full one would be."""
        half = self.letter * (lettering.line_height() * self.style.lines / 2 + 0.4)
        heights = {"top": self.area.top + half, "middle": (self.area.top + self.area.bottom) / 2, "bottom": self.area.bottom - half}
        return (self.area.left + self.area.right) / 2, heights[self.place]


def setting(
    size: tuple[int, int], palette: Palette, style: Style = STYLES["boxed"], area: SafeArea | None = None, place: Place = "bottom"
) -> Setting:
    """For a frame of this size; `area` is the general safe area if not given."""
    stress = legible(palette.background, INK) if palette.accent in (WHITE, INK) else legible(palette.accent, INK)
    return Setting(area or safe_area(size), min(size) * style.size, stress, style, place)


def captions(words: tuple[SpokenWord, ...], size: tuple[int, int], until: float, palette: Palette) -> list[Letters]:
    """One text for each word heard before `until` seconds: its whole caption, the word itself stressed.

    A word's text stays until the next word, so that a caption never blinks.
    """
    laid = setting(size, palette)
    groups = _groups(_in_order(words, until), laid)
    return _drawn([(group, group[-1].end + _HOLD) for group in groups], laid, until)


def captioned(cues: list[Cue], laid: Setting, until: float) -> list[Letters]:
    """As `captions`, for cues that have their own times; one too long for the frame is shown in parts."""
    timed = []
    for cue in cues:
        groups = _groups(_in_order(cue.words, until), laid)
        timed += [(group, cue.end) for group in groups]
    return _drawn(timed, laid, until)


def _drawn(timed: list[tuple[list[SpokenWord], float]], laid: Setting, until: float) -> list[Letters]:
    """Every group of words as texts, from its first word to its end or the next group."""
    starts = [*(group[0].start for group, _ in timed[1:]), until]
    texts: list[Letters] = []
    for (group, end), following in zip(timed, starts, strict=False):
        texts += _caption(group, min(end, following, until), laid)
    return texts


def _caption(group: list[SpokenWord], end: float, laid: Setting) -> list[Letters]:
    """A text for each word, or one for all where none is stressed."""
    texts = [word.text.upper() if laid.style.capitals else word.text for word in group]
    lines = lettering.balanced(texts, laid.limit, laid.letter)
    widest = max(lettering.width(" ".join(texts[i] for i in line), laid.letter) for line in lines)
    fitting = laid.letter * min(1.0, laid.limit / widest)
    look = {"boxed": laid.style.boxed, "outlined": laid.style.outlined}
    if laid.style.stress == "none":
        return [Letters(_markup(texts, lines, (), laid.stress), *laid.centre, fitting, WHITE, group[0].start, end, **look)]
    found = []
    for place, word in enumerate(group):
        stressed = range(place + 1) if laid.style.stress == "so_far" else (place,)
        stop = min(group[place + 1].start, end) if place + 1 < len(group) else end
        found.append(Letters(_markup(texts, lines, stressed, laid.stress), *laid.centre, fitting, WHITE, word.start, stop, **look))
    return found


def _in_order(words: tuple[SpokenWord, ...], until: float) -> list[SpokenWord]:
    """Words with something to draw, in the order of time, none beginning before the one before it."""
    known = [SpokenWord(lettering.cleaned(word.text), max(0.0, word.start), word.end) for word in words]
    drawn = sorted((word for word in known if word.text and word.start < until), key=lambda word: word.start)
    return [SpokenWord(word.text, word.start, max(word.start, word.end)) for word in drawn]


def _groups(words: list[SpokenWord], laid: Setting) -> list[list[SpokenWord]]:
    groups: list[list[SpokenWord]] = []
    for word in words:
        if groups and not _ends(groups[-1], word) and _fits([*groups[-1], word], laid):
            groups[-1].append(word)
        else:
            groups.append([word])
    return groups


def _fits(group: list[SpokenWord], laid: Setting) -> bool:
    """A word wider than a line stands alone, so that only it is made smaller."""
    texts = [word.text.upper() if laid.style.capitals else word.text for word in group]
    narrow = all(lettering.width(text, laid.letter) <= laid.limit for text in texts)
    return narrow and len(group) <= laid.style.words and len(lettering.wrap(texts, laid.limit, laid.letter)) <= laid.style.lines


def _ends(group: list[SpokenWord], following: SpokenWord) -> bool:
    return group[-1].text.endswith(SENTENCE_END) or following.start - group[-1].end > PAUSE


def _markup(texts: list[str], lines: list[list[int]], stressed: Collection[int], stress: Colour) -> str:
    shown = [subtitles.escape(text) for text in texts]
    for place in stressed:
        shown[place] = subtitles.coloured(shown[place], stress, WHITE)
    return subtitles.join_lines([" ".join(shown[index] for index in line) for line in lines])
