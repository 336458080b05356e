"""Caption files, SubRip and WebVTT: read from what people bring, and written as players want them."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from core.errors import InvalidInput
from pipelines.video.cues import LINE, Cue, broken, from_text
from providers.contracts.voice import SpokenWord

MOST_CUES = 20_000
_MOST_FAULTS = 50  # told at once
_CLOCK = r"(?:(\d{1,4}):)?([0-5]?\d):([0-5]?\d)[.,](\d{1,3})"
_TIMES = re.compile(rf"^\s*(-)?{_CLOCK}\s*-->\s*(-)?{_CLOCK}(?:\s+.*)?$")
_COMMENT = re.compile(r"NOTE(\s|$)")  # of WebVTT
_STAMP = re.compile(rf"<{_CLOCK}>")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|\{\\[^{}]*\}")  # <i>, <v Ann>, <font ...>, {\an8}


@dataclass(frozen=True)
class _Block:
    """A cue as it lies in the file. line: the number of the line with its times."""

    line: int
    start: float
    end: float
    text: str


def read(content: str, pointer: str) -> list[Cue]:
    """The cues of a SubRip or WebVTT file in the order of time; formatting is dropped, times inside a cue are kept.

    Raises InvalidInput with every fault and its line; pointer: the JSON pointer of the file in the params.
    """
    lines = content.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    faults: list[dict[str, str]] = []
    blocks = _blocks(lines, faults, pointer)
    if not blocks and not faults:
        faults.append({"pointer": pointer, "detail": "no line with times such as 00:00:01,000 --> 00:00:02,500"})
    if len(blocks) > MOST_CUES:
        faults.append({"pointer": pointer, "detail": f"{len(blocks)} cues; {MOST_CUES} are the most"})
    if faults:
        hint = "Give SubRip (.srt) or WebVTT (.vtt) text."
        raise InvalidInput(f"The captions have {len(faults)} fault(s); {faults[0]['detail']}", hint=hint, errors=faults[:_MOST_FAULTS])
    cues = [cue for cue in map(_cue, sorted(blocks, key=lambda block: block.start)) if cue.words]
    if not cues:
        raise InvalidInput("The captions say nothing", errors=[{"pointer": pointer, "detail": "none of the cues has a word in it"}])
    return cues


def srt(cues: list[Cue], line: int = LINE) -> str:
    """SubRip, UTF-8."""
    blocks = [
        f"{number}\n{srt_time(cue.start)} --> {srt_time(cue.end)}\n{_lines(cue, line).replace('-->', '→')}\n"
        for number, cue in enumerate(cues, 1)
    ]
    return "\n".join(blocks)


def vtt(cues: list[Cue], line: int = LINE) -> str:
    """WebVTT."""
    blocks = [f"{vtt_time(cue.start)} --> {vtt_time(cue.end)}\n{html.escape(_lines(cue, line), quote=False)}\n" for cue in cues]
    return "\n".join(["WEBVTT\n", *blocks])


def srt_time(seconds: float) -> str:
    return vtt_time(seconds).replace(".", ",")


def vtt_time(seconds: float) -> str:
    """HH:MM:SS.mmm"""
    milliseconds = max(0, round(seconds * 1000))
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def _blocks(lines: list[str], faults: list[dict[str, str]], pointer: str) -> list[_Block]:
    blocks = []
    for index, line in enumerate(lines):
        if "-->" not in line or _COMMENT.match(line):
            continue
        times = _TIMES.match(line)
        if not times:
            faults.append({"pointer": pointer, "detail": f"line {index + 1}: {line.strip()[:60]!r} is not a pair of times"})
            continue
        start, end = _seconds(times.groups()[1:5]), _seconds(times.groups()[6:10])
        if times[1] or times[6]:
            faults.append({"pointer": pointer, "detail": f"line {index + 1}: a time before the beginning"})
        elif end < start:
            faults.append({"pointer": pointer, "detail": f"line {index + 1}: the cue ends at {end:.3f} s, but starts at {start:.3f} s"})
        else:
            blocks.append(_Block(index + 1, start, end, _text(lines, index + 1)))
    return blocks


def _text(lines: list[str], first: int) -> str:
    """The lines up to the next empty one, or to the next cue where a file has no empty lines between."""
    found: list[str] = []
    for index in range(first, len(lines)):
        line = lines[index]
        if not line.strip() or "-->" in line:
            break
        followed = index + 1 < len(lines) and "-->" in lines[index + 1]
        if followed and line.strip().isdigit():
            break
        found.append(line)
    return "\n".join(found)


def _cue(block: _Block) -> Cue:
    parts = _STAMP.split(block.text)
    if len(parts) == 1:
        return from_text(block.start, block.end, _plain(block.text))
    return _timed(block, parts)


def _timed(block: _Block, parts: list[str]) -> Cue:
    """A cue with times inside, as karaoke and transcriptions have them: text, then (hours, minutes, seconds, thousandths, text) each."""
    begins = [block.start, *(_seconds(tuple(parts[place : place + 4])) for place in range(1, len(parts), 5))]
    texts = [parts[0], *parts[5::5]]
    words: list[SpokenWord] = []
    for begin, end, text in zip(begins, [*begins[1:], block.end], texts, strict=True):
        words += from_text(min(max(begin, block.start), block.end), min(max(end, begin), block.end), _plain(text)).words
    return Cue(block.start, block.end, tuple(words))


def _plain(text: str) -> str:
    return " ".join(html.unescape(_TAG.sub("", text)).split())


def _seconds(clock: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = clock
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0) + int((fraction or "0").ljust(3, "0")) / 1000


def _lines(cue: Cue, line: int) -> str:
    return "\n".join(broken(cue, line))
