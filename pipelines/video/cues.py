"""Captions in time: cues of words, each word with the time at which it is heard."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from providers.contracts.voice import SpokenWord

LINE = 42  # characters of a subtitle's line, as broadcasters have it
LINES = 2
LONGEST = 6.0  # seconds that one cue stays
PAUSE = 0.7  # seconds of silence that end a cue
SENTENCE_END = (".", "!", "?", "…", "。", "؟", "\uff01", "\uff1f")
_HOLD = 0.5  # seconds a cue stays after its last word, if nothing follows
_SHORTEST = 0.8  # seconds a cue is to be seen, if nothing follows


@dataclass(frozen=True)
class Cue:
    """What is read from `start` to `end` seconds. exact: the words' times were told, not estimated."""

    start: float
    end: float
    words: tuple[SpokenWord, ...]
    exact: bool = True

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


def from_text(start: float, end: float, text: str) -> Cue:
    """A cue whose words share its time by their length, since nobody told when each is heard."""
    parts = text.split()
    weights = [len(part) + 1 for part in parts]
    total, heard, words = sum(weights) or 1, 0, []
    for part, weight in zip(parts, weights, strict=True):
        begin = start + (end - start) * heard / total
        heard += weight
        words.append(SpokenWord(part, begin, start + (end - start) * heard / total))
    return Cue(start, end, tuple(words), exact=False)


def grouped(words: Iterable[SpokenWord], line: int = LINE) -> list[Cue]:
    """Words as cues of at most two lines; a cue ends with its sentence, before a pause, and after six seconds."""
    groups: list[list[SpokenWord]] = []
    for word in words:
        if groups and not _ends(groups[-1], word) and _fits([*groups[-1], word], line):
            groups[-1].append(word)
        else:
            groups.append([word])
    return held([Cue(group[0].start, max(word.end for word in group), tuple(group)) for group in groups])


def split(cues: Iterable[Cue], line: int = LINE) -> list[Cue]:
    """Cues with more than two lines cut into several; the others stay as they are."""
    parts: list[Cue] = []
    for cue in cues:
        pieces = [cue] if _fits(list(cue.words), line, LONGEST * 10) else grouped(cue.words, line)
        parts += [replace(piece, exact=cue.exact, end=min(piece.end, cue.end)) for piece in pieces]
    return parts


def held(cues: list[Cue]) -> list[Cue]:
    """Each cue a little longer, so that it can be read, but never into the next."""
    lasting = [max(cue.end + _HOLD, cue.start + _SHORTEST) for cue in cues]
    following = [*(cue.start for cue in cues[1:]), float("inf")]
    return [replace(cue, end=max(cue.end, min(end, after))) for cue, end, after in zip(cues, lasting, following, strict=True)]


def broken(cue: Cue, line: int = LINE) -> list[str]:
    """The cue's text in as few lines as fit, of about the same length; a longer word has a line of its own."""
    texts = [word.text for word in cue.words]
    count = len(_wrapped(texts, line))
    narrow = next((width for width in range(line // 3, line) if len(_wrapped(texts, width)) <= count), line)
    return _wrapped(texts, narrow)


def _ends(group: list[SpokenWord], following: SpokenWord) -> bool:
    return group[-1].text.endswith(SENTENCE_END) or following.start - group[-1].end > PAUSE


def _fits(group: list[SpokenWord], line: int, seconds: float = LONGEST) -> bool:
    return group[-1].end - group[0].start <= seconds and len(_wrapped([word.text for word in group], line)) <= LINES


def _wrapped(texts: list[str], line: int) -> list[str]:
    lines: list[str] = []
    for text in texts:
        if lines and len(lines[-1]) + 1 + len(text) <= line:
            lines[-1] = f"{lines[-1]} {text}"
        else:
            lines.append(text)
    return lines
