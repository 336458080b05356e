"""What a file brings to a film: its picture as it is meant to be seen, its sound, its length.

`probe` tells what was written; this tells what is needed to use a stranger's file: which way is up, square pixels, when
each frame begins, whether it is transparent, HDR, interlaced, or a still.
"""

from __future__ import annotations

import uuid
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import InvalidInput, MediaUnreadable
from pipelines.video import stills
from pipelines.video.ffmpeg import MEDIA_FORMATS
from pipelines.video.stills import Size

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

LONGEST_SIDE = 8192
MOST_PIXELS = 50_000_000

_STILL_SUFFIXES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM", b"II*\x00", b"MM\x00*")
_STILL_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"mif1")
_HDR = {16: "pq", 18: "hlg"}  # AVCOL_TRC_SMPTE2084, AVCOL_TRC_ARIB_STD_B67
_MATRICES = {0: "rgb", 1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020nc", 10: "bt2020c"}
_WIDE = 9  # AVCOL_PRI_BT2020
_OURS = (1, 1)  # AVCOL_SPC_BT709, AVCOL_RANGE_MPEG
_FULL_RANGE = 2  # AVCOL_RANGE_JPEG
_HD = 576  # lines above which an unmarked picture is taken for BT.709, as players do
_ATTACHED = 0x400  # AV_DISPOSITION_ATTACHED_PIC: a cover, not a film
_EVEN = 0.3  # of a frame: how far a constant rate's frames may lie from their grid
_CUT_SHORT = (1.0, 0.02)  # seconds, and share of the length, that may be missing at a file's end


@dataclass(frozen=True)
class PictureFacts:
    """The picture of a file, upright. fps: the mean where the rate varies, 0 for a still. times: seconds at which each frame begins."""

    stream: int
    codec: str
    size: Size  # as seen: upright, square pixels
    stored: Size  # upright, in the file's own pixels
    square: bool  # its pixels are
    rotation: int  # degrees, already undone in both sizes
    fps: Fraction
    constant: bool
    frames: int
    seconds: float  # from the file's beginning to the end of the last frame
    pixel_format: str
    bits: int
    alpha: bool
    matrix: str  # of its YUV, or "rgb"; where it is not marked, what players take it for
    marked: bool  # the file itself says BT.709, limited range
    full_range: bool
    hdr: str  # "pq", "hlg" or ""
    wide: bool  # BT.2020 primaries
    interlaced: bool
    still: bool = False
    times: array[float] = field(default_factory=lambda: array("d"), repr=False, compare=False)


@dataclass(frozen=True)
class SoundFacts:
    stream: int
    codec: str
    channels: int
    sample_rate: int
    seconds: float  # from the file's beginning to its last sample


@dataclass(frozen=True)
class Source:
    """A file that can be used. path: what ffmpeg reads, for a still an upright copy. seconds: of the longest stream, 0 for a still."""

    path: Path
    name: str
    format: str
    seconds: float
    picture: PictureFacts | None
    sound: SoundFacts | None

    @property
    def seen(self) -> PictureFacts:
        """Its picture. Raises InvalidInput for a file that has none."""
        if self.picture is None:
            raise InvalidInput(f"{self.name} holds no picture", hint="Give a video or an image.")
        return self.picture

    def shown_at(self, second: float) -> int:
        """The number of the frame that is on the screen at `second`."""
        times = self.seen.times
        slack = 0.25 / float(self.seen.fps) if self.seen.fps else 0.0
        return max(0, min(len(times) - 1, bisect_right(times, second + slack) - 1))


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
    spans = {stream.index: _Span() for stream in wanted}
    for index, start, end, kept in _packets(path, container, wanted):
        watch()
        spans[index].add(start, end, kept)
    _complete(path, container, video, spans)
    picture = _picture(path, video, spans[video.index]) if video is not None else None
    sound = None
    if audio is not None and spans[audio.index].packets:
        context = audio.codec_context
        sound = SoundFacts(audio.index, context.name, context.channels, context.sample_rate, spans[audio.index].end)
    longest = max((part.seconds for part in (picture, sound) if part is not None), default=0.0)
    return Source(path, path.name, container.format.name, longest, picture, sound)


def _bounded(path: Path, width: int, height: int) -> None:
    if max(width, height) > LONGEST_SIDE or width * height > MOST_PIXELS:
        raise InvalidInput(
            f"{path.name} has {width} x {height} pixels",
            hint=f"Give a video of at most {LONGEST_SIDE} pixels a side and {MOST_PIXELS // 1_000_000} million in all.",
        )
    if min(width, height) < 1:
        raise MediaUnreadable(f"{path.name} does not say how large its picture is")


class _Span:
    """The packets of one stream: how many there are and when their frames begin and end."""

    def __init__(self) -> None:
        self.packets = 0
        self.end = 0.0
        self.starts = array("d")

    def add(self, start: float | None, end: float, kept: bool) -> None:
        self.packets += 1
        if start is not None and kept:
            self.starts.append(start)
            self.end = max(self.end, end)


def _packets(path: Path, container: InputContainer, wanted: list[Any]) -> Iterator[tuple[int, float | None, float, bool]]:
    """Stream, begin and end (seconds from the file's beginning) of every packet; kept: its frame is shown."""
    import av

    beginning = (container.start_time or 0) / av.time_base
    for packet in container.demux(*wanted):
        if packet.size == 0:  # the flush packet that ends a stream
            continue
        if packet.is_corrupt:
            raise MediaUnreadable(f"{path.name} is damaged or cut short", hint="Copy or make the file again.")
        stamp = packet.pts if packet.pts is not None else packet.dts
        if stamp is None or packet.time_base is None:
            yield packet.stream.index, None, 0.0, False
            continue
        start = float(stamp * packet.time_base) - beginning
        yield packet.stream.index, start, start + float((packet.duration or 0) * packet.time_base), not packet.is_discard


def _complete(path: Path, container: InputContainer, video: VideoStream | None, spans: dict[int, _Span]) -> None:
    """Raises MediaUnreadable for a file that ends before its own index or length says."""
    import av

    hint = "Copy or make the file again."
    if video is not None and spans[video.index].packets < video.frames:
        raise MediaUnreadable(f"{path.name} is cut short: {spans[video.index].packets} of {video.frames} pictures are there", hint=hint)
    told = (container.duration or 0) / av.time_base
    there = max(span.end for span in spans.values())
    if "matroska" in container.format.name and there < told - _CUT_SHORT[0] - told * _CUT_SHORT[1]:
        raise MediaUnreadable(f"{path.name} is cut short: it ends after {there:.1f} of {told:.1f} s", hint=hint)


def _picture(path: Path, video: VideoStream, span: _Span) -> PictureFacts:
    if not span.starts:
        raise MediaUnreadable(f"{path.name} holds no picture that is shown")
    times = array("d", sorted(span.starts))
    frame = _first_frame(path, video.index)
    fps, constant = _rate(video, times)
    upright = _turned((frame.width, frame.height), frame.rotation)
    return PictureFacts(
        stream=video.index,
        codec=video.codec_context.name,
        size=_turned(_squared((frame.width, frame.height), video.sample_aspect_ratio), frame.rotation),
        stored=upright,
        square=video.sample_aspect_ratio in (None, 0, 1),
        rotation=frame.rotation % 360,
        fps=fps,
        constant=constant,
        frames=len(times),
        seconds=max(span.end, times[-1] + (float(1 / fps) if constant else 0.0)),
        alpha=video.metadata.get("alpha_mode") == "1"
        or any(part.is_alpha for part in frame.format.components)
        or frame.format.name == "pal8",
        times=times,
        **_colours(frame),
    )


def _first_frame(path: Path, index: int) -> VideoFrame:
    import av

    with av.open(str(path), options={"format_whitelist": MEDIA_FORMATS}) as container:
        return next(container.decode(container.streams[index]))  # type: ignore[return-value]


def _colours(frame: VideoFrame) -> dict[str, Any]:
    rgb = frame.format.is_rgb or frame.format.name == "pal8"
    unmarked = "bt709" if max(frame.width, frame.height) > 2 * _HD or min(frame.width, frame.height) > _HD else "smpte170m"
    hdr = _HDR.get(int(frame.color_trc), "")
    return {
        "pixel_format": frame.format.name,
        "bits": frame.format.components[0].bits,
        "marked": (int(frame.colorspace), int(frame.color_range)) == _OURS,
        "matrix": "rgb" if rgb else _MATRICES.get(int(frame.colorspace), "bt2020nc" if hdr else unmarked),
        "full_range": not rgb and (int(frame.color_range) == _FULL_RANGE or frame.format.name.startswith("yuvj")),
        "hdr": hdr,
        "wide": int(frame.color_primaries) == _WIDE,
        "interlaced": bool(frame.interlaced_frame),
    }


def _rate(video: VideoStream, times: array[float]) -> tuple[Fraction, bool]:
    """Frames a second, and whether every frame lies on that rate's grid."""
    told = video.average_rate or video.guessed_rate or Fraction(25)
    candidates = dict.fromkeys(rate for rate in (video.guessed_rate, told, video.base_rate) if rate and 1 <= rate <= 240)
    for rate in candidates:
        if all(abs((time - times[0]) * float(rate) - index) <= _EVEN for index, time in enumerate(times)):
            return rate, True
    return _mean_rate(times, told), False


def _mean_rate(times: array[float], told: Fraction) -> Fraction:
    lengths = sorted(after - before for before, after in pairwise(times) if after > before)
    if not lengths:
        return told
    return Fraction(len(lengths) / (times[-1] - times[0])).limit_denominator(1001)


def _squared(size: Size, aspect: Fraction | None) -> Size:
    return (max(1, round(size[0] * aspect)), size[1]) if aspect else size


def _turned(size: Size, rotation: int) -> Size:
    return (size[1], size[0]) if rotation % 180 else size
