"""What a media file holds, found by reading it through."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import MediaUnreadable
from pipelines.video.ffmpeg import MEDIA_FORMATS

if TYPE_CHECKING:
    from av import Packet
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.video.stream import VideoStream

_USUAL_RATES = tuple(Fraction(n * 1000, d) for n in (24, 25, 30, 50, 60, 120) for d in (1000, 1001))


@dataclass(frozen=True)
class VideoFacts:
    codec: str
    profile: str | None
    pixel_format: str
    width: int
    height: int
    fps: Fraction
    frames: int
    seconds: float


@dataclass(frozen=True)
class AudioFacts:
    codec: str
    sample_rate: int
    channels: int
    seconds: float


@dataclass(frozen=True)
class MediaFacts:
    seconds: float  # of the longest stream
    bytes: int
    video: VideoFacts | None
    audio: AudioFacts | None


def probe(path: Path) -> MediaFacts:
    """The facts of a finished media file. Reads every packet, decodes none.

    Raises MediaUnreadable for a file that is missing, empty, no media, or shorter than its own index.
    """
    import av

    size = _size(path)
    try:
        with av.open(str(path), options={"format_whitelist": MEDIA_FORMATS}) as container:
            return _read(path, container, size)
    except (av.error.FFmpegError, ValueError) as error:
        raise MediaUnreadable(
            f"{path.name} is not a video or sound file that can be read, or its end is missing ({_reason(error)})",
            hint="Check that it opens in a media player and that it was copied completely.",
        ) from None


def _size(path: Path) -> int:
    if not path.is_file():
        raise MediaUnreadable(f"There is no file {path.name}")
    size = path.stat().st_size
    if size == 0:
        raise MediaUnreadable(f"{path.name} is empty (0 bytes)", hint="Upload or make the file again.")
    return size


def _read(path: Path, container: InputContainer, size: int) -> MediaFacts:
    video = next(iter(container.streams.video), None)
    audio = next(iter(container.streams.audio), None)
    if video is None and audio is None:
        raise MediaUnreadable(f"{path.name} holds neither picture nor sound")
    counted, ends = _walk(path, container)
    if video is not None and counted.get(video.index, 0) < video.frames:
        raise MediaUnreadable(
            f"{path.name} is cut short: {counted.get(video.index, 0)} of {video.frames} pictures are there",
            hint="Copy or make the file again.",
        )
    facts = _video(video, counted.get(video.index, 0), ends.get(video.index, 0.0)) if video else None
    sound = _audio(audio, ends.get(audio.index, 0.0)) if audio else None
    return MediaFacts(max(ends.values(), default=0.0), size, facts, sound)


def _walk(path: Path, container: InputContainer) -> tuple[dict[int, int], dict[int, float]]:
    """Packets and last second of each stream, by stream index."""
    counted: dict[int, int] = {}
    ends: dict[int, float] = {}
    for packet in container.demux():
        if packet.size == 0:  # the flush packet that ends a stream
            continue
        if packet.is_corrupt:
            raise MediaUnreadable(f"{path.name} is damaged or cut short", hint="Copy or make the file again.")
        index = packet.stream.index
        counted[index] = counted.get(index, 0) + 1
        if packet.pts is not None and packet.time_base is not None:
            ends[index] = max(ends.get(index, 0.0), float(packet.pts * packet.time_base) + _length(packet))
    return counted, ends


def _length(packet: Packet[Any]) -> float:
    """Seconds. Some blocks of Matroska and WebM do not say how long they are seen; then it is one frame."""
    if packet.duration and packet.time_base:
        return float(packet.duration * packet.time_base)
    rate = getattr(packet.stream, "average_rate", None)
    return float(1 / rate) if rate else 0.0


def _video(stream: VideoStream, frames: int, seconds: float) -> VideoFacts:
    context = stream.codec_context
    rate = _usual(stream.average_rate or stream.guessed_rate or Fraction(0))
    return VideoFacts(
        context.codec.canonical_name, context.profile, context.pix_fmt or "", context.width, context.height, rate, frames, seconds
    )


def _usual(rate: Fraction) -> Fraction:
    """The rate that is meant: Matroska and WebM round times to milliseconds, so 60000/1001 reads back as 19001/317."""
    return next((usual for usual in _USUAL_RATES if abs(usual - rate) < usual / 5000), rate)


def _audio(stream: AudioStream, seconds: float) -> AudioFacts:
    context = stream.codec_context
    return AudioFacts(context.codec.canonical_name, context.sample_rate, context.channels, seconds)


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", "") or error)
