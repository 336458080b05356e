"""What a file brings to a film: its picture as it is meant to be seen, its sound, its length.

`probe` tells what was written; this tells what is needed to use a stranger's file: which way is up, square pixels, when
each frame begins, whether it is transparent, HDR, interlaced, or a still.
"""

from __future__ import annotations

import uuid
from array import array
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import InvalidInput, MediaUnreadable
from pipelines.video import stills
from pipelines.video.ffmpeg import MEDIA_FORMATS
from pipelines.video.seeing import on_grid, picture_facts
from pipelines.video.sources import PictureFacts, SoundFacts, Source
from pipelines.video.spans import Span

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

__all__ = ["PictureFacts", "SoundFacts", "Source", "examine"]

LONGEST_SIDE = 8192
MOST_PIXELS = 50_000_000

_STILL_SUFFIXES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM", b"II*\x00", b"MM\x00*")
_STILL_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"mif1")
_ATTACHED = 0x400  # AV_DISPOSITION_ATTACHED_PIC: a cover, not a film
_ESTIMATING = ("mp3", "aac")
_PADDING = 0.1  # seconds by which coders let the sound begin before the picture
_CUT_SHORT = (1.0, 0.02)  # seconds, and share of the length, that may be missing at a file's end


def examine(path: Path, folder: Path | None = None, *, watch: Callable[[], None] = lambda: None) -> Source:
    """Read a video, sound or image file through and decode its first frame.

    folder: where an upright 8-bit copy of a still is written; without it stills are refused. watch: called again and
    again while a long file is read; it may raise.
    Raises MediaUnreadable for a file that is missing, empty, no media, damaged or cut short, and InvalidInput for
    pictures of more than 8192 pixels a side or 50 million in all.
    """
    if not path.is_file():
        raise MediaUnreadable(f"There is no file {path.name}")
    if path.stat().st_size == 0:
        raise MediaUnreadable(f"{path.name} is empty (0 bytes)", hint="Upload or make the file again.")
    return _still(path, folder) if _is_still(path) else _film(path, watch)


def _is_still(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(12)
    return (
        head.startswith(_STILL_SUFFIXES)
        or (head[:4] == b"RIFF" and head[8:] == b"WEBP")
        or (head[4:8] == b"ftyp" and head[8:] in _STILL_BRANDS)
    )


def _still(path: Path, folder: Path | None) -> Source:
    if folder is None:
        raise MediaUnreadable(f"{path.name} is a still picture", hint="Give a video.")
    from PIL import Image

    picture = stills.load(path)
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    copy = folder / f"still-{uuid.uuid4().hex}.png"
    picture.save(copy, compress_level=0)
    alpha = picture.mode == "RGBA"
    shape: dict[str, Any] = {"size": picture.size, "stored": picture.size, "square": True, "rotation": 0, "matrix": "rgb", "marked": False}
    colour: dict[str, Any] = {"full_range": True, "hdr": "", "wide": False}
    rate: dict[str, Any] = {"fps": Fraction(0), "constant": True, "frames": 1, "seconds": 0.0, "interlaced": False, "still": True}
    pixels: dict[str, Any] = {"pixel_format": "rgba" if alpha else "rgb24", "bits": 8, "alpha": alpha}
    return Source(
        copy, path.name, "png_pipe", 0.0, PictureFacts(0, "png", **shape, **colour, **rate, **pixels, times=array("d", [0.0])), None
    )


def _film(path: Path, watch: Callable[[], None]) -> Source:
    import av

    try:
        with av.open(str(path), options={"format_whitelist": MEDIA_FORMATS}) as container:
            return _read(path, container, watch)
    except (av.error.FFmpegError, ValueError, StopIteration) as error:
        reason = getattr(error, "strerror", "") or str(error) or "no frame can be decoded"
        raise MediaUnreadable(
            f"{path.name} is not a video or sound file that can be read, or its end is missing ({reason})",
            hint="Check that it opens in a media player and that it was copied completely.",
        ) from None


def _read(path: Path, container: InputContainer, watch: Callable[[], None]) -> Source:
    video = next((stream for stream in container.streams.video if not int(stream.disposition) & _ATTACHED), None)
    audio = next(iter(container.streams.audio), None)
    if video is None and audio is None:
        raise MediaUnreadable(f"{path.name} holds neither picture nor sound")
    if video is not None:
        _bounded(path, video.codec_context.width, video.codec_context.height)
    wanted = [stream for stream in (video, audio) if stream is not None]
    spans = {stream.index: Span(counted=container.format.name == "avi") for stream in wanted}
    for packet in container.demux(*wanted):
        watch()
        spans[packet.stream.index].add(path, packet)
    _complete(path, container, video, spans)
    lead = _count(container, video, spans)
    picture = picture_facts(video, _first_frame(path, video.index), spans[video.index]) if video is not None else None
    sound = _sound(audio, spans[audio.index]) if audio is not None else None
    longest = max((part.seconds for part in (picture, sound) if part is not None), default=0.0)
    seekable = container.format.name not in _ESTIMATING and not any(span.guessed for span in spans.values())
    return Source(path, path.name, container.format.name, longest, picture, sound, lead, seekable)


def _count(container: InputContainer, video: VideoStream | None, spans: dict[int, Span]) -> float:
    """Counts all times from second 0, and returns how far that is from the file's own beginning."""
    beginning = (container.start_time or 0) / 1_000_000
    late = 0.0
    if video is not None:
        times = spans[video.index].settle(float(video.average_rate or 25), beginning)
        rate = float(video.guessed_rate or 0)
        # Fragmented MP4: the sound's padding makes the first frame last longer, and all others come later.
        if rate and len(times) > 2 and 0 < times[1] - 1 / rate - times[0] < _PADDING and on_grid(times[1:], rate):
            times[0] = times[1] - 1 / rate
        late = times[0] - beginning
    lead = late if 0 < late < _PADDING else 0.0
    for span in spans.values():
        span.count_from(beginning + lead)
    return lead


def _bounded(path: Path, width: int, height: int) -> None:
    if max(width, height) > LONGEST_SIDE or width * height > MOST_PIXELS:
        raise InvalidInput(
            f"{path.name} has {width} x {height} pixels",
            hint=f"Give a video of at most {LONGEST_SIDE} pixels a side and {MOST_PIXELS // 1_000_000} million in all.",
        )
    if min(width, height) < 1:
        raise MediaUnreadable(f"{path.name} does not say how large its picture is")


def _complete(path: Path, container: InputContainer, video: VideoStream | None, spans: dict[int, Span]) -> None:
    """Raises MediaUnreadable for a file that ends before its own index or length says, or shows nothing."""
    hint = "Copy or make the file again."
    if video is not None and not spans[video.index].starts:
        raise MediaUnreadable(f"{path.name} holds no picture that is shown", hint=hint)
    promised = video.frames if video is not None and "mp4" in container.format.name else 0  # others only estimate it
    if video is not None and spans[video.index].packets < promised:
        raise MediaUnreadable(f"{path.name} is cut short: {spans[video.index].packets} of {promised} pictures are there", hint=hint)
    told = ((container.start_time or 0) + (container.duration or 0)) / 1_000_000
    there = max(span.end for span in spans.values())
    if promised == 0 and there < told - _CUT_SHORT[0] - told * _CUT_SHORT[1]:
        raise MediaUnreadable(f"{path.name} is cut short: it ends after {there:.1f} of {told:.1f} s", hint=hint)


def _sound(audio: AudioStream, span: Span) -> SoundFacts | None:
    context = audio.codec_context
    return SoundFacts(audio.index, context.name, context.channels, context.sample_rate, span.end) if span.packets else None


def _first_frame(path: Path, index: int) -> VideoFrame:
    import av

    with av.open(str(path), options={"format_whitelist": MEDIA_FORMATS}) as container:
        return next(container.decode(container.streams[index]))  # type: ignore[return-value]
