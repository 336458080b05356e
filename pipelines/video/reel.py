"""The frames of a film, one by one: upright, in square pixels, each with its number and its second.

A frame's number is its place in the order of showing, from 0. Frames are decoded inside this process; what a render
needs goes through `inputs` instead.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from core.errors import MediaUnreadable, StepFailed
from pipelines.video import tones
from pipelines.video.ffmpeg import MEDIA_FORMATS
from pipelines.video.footage import PictureFacts, Source
from pipelines.video.stills import Size

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer
    from av.video.stream import VideoStream
    from numpy.typing import NDArray

_ROUNDED = 0.001  # seconds: people and containers write times in thousandths
Opened = tuple["InputContainer", "VideoStream"]


@dataclass(frozen=True)
class Frame:
    number: int
    seconds: float
    _picture: VideoFrame
    _facts: PictureFacts

    def pixels(self, longest: int | None = None) -> NDArray[Any]:
        """Height x width x 3, RGB of 8 bits; no side longer than `longest` if given, never enlarged."""
        import numpy as np

        width, height = _within(self._facts.size, longest)
        lying = (height, width) if self._facts.rotation % 180 else (width, height)
        return np.ascontiguousarray(np.rot90(self._rgb(*lying), self._facts.rotation // 90))

    def miniature(self, width: int, height: int) -> NDArray[Any]:
        """height x width x 3, luma and chroma of 8 bits, as coded: for comparing frames, not for looking at."""
        small = self._picture.reformat(width=width, height=height, format="yuv444p", interpolation="AREA")
        return small.to_ndarray().reshape(3, height, width).transpose(1, 2, 0)

    def _rgb(self, width: int, height: int) -> NDArray[Any]:
        if self._facts.hdr:
            return tones.to_sdr(self._picture, self._facts.hdr, width, height)
        matrix = "ITU709" if self._facts.matrix == "bt709" else None
        shown = self._picture.reformat(width=width, height=height, format="rgb24", interpolation="BICUBIC", src_colorspace=matrix)
        return shown.to_ndarray()


class Reel:
    """A film to take frames from. watch: called for every frame that is decoded, also for those that are passed over.

    Raises InvalidInput for a file without a picture.
    """

    def __init__(self, source: Source, watch: Callable[[], None] = lambda: None) -> None:
        self.source = source
        self._watch = watch
        self.facts = source.seen
        self._path = source.path
        stamps, keys, base = self._read()
        first = self._first_shown()
        self._stamps = [stamp for stamp in stamps if stamp >= first]
        self.times = tuple(self.facts.times[0] + float((stamp - stamps[0]) * base) for stamp in self._stamps)
        self.keys = tuple(bisect_left(self._stamps, key) for key in keys if key >= first)
        """The numbers of the frames that can be decoded without any other."""

    @property
    def seconds(self) -> float:
        """From the file's beginning to the end of the last frame."""
        return self.facts.seconds

    def at(self, seconds: float) -> int:
        """The number of the frame that is shown at this second."""
        return max(0, bisect_right(self.times, seconds + _ROUNDED) - 1)

    def walk(self) -> Iterator[Frame]:
        """All frames in order. Raises MediaUnreadable when one cannot be decoded."""
        with self._open() as opened:
            for count, picture in enumerate(self._decoded(*opened)):
                number = min(count if picture.pts is None else bisect_left(self._stamps, picture.pts), len(self.times) - 1)
                yield Frame(number, self.times[number], picture, self.facts)

    def pick(self, numbers: Iterable[int]) -> Iterator[Frame]:
        """The frames of these numbers, in ascending order, each once; between far ones the film is skipped, not decoded."""
        with self._open() as (container, stream):
            reader, at = self._decoded(container, stream), -1
            for number in sorted(set(numbers)):
                place = bisect_right(self.keys, number)
                key = self.keys[place - 1] if place else 0  # the first key frame itself may be hidden by an edit list
                if key > at + 1:
                    container.seek(self._stamps[key], stream=stream)
                    reader = self._decoded(container, stream)
                yield Frame(number, self.times[number], self._found(reader, number), self.facts)
                at = number

    def _found(self, reader: Iterator[VideoFrame], number: int) -> VideoFrame:
        wanted = self._stamps[number]
        picture = next((p for p in reader if p.pts is not None and p.pts >= wanted), None)
        if picture is None or picture.pts != wanted:
            raise StepFailed(f"Frame {number} of {self._path.name} is not where its index says")
        return picture

    def _read(self) -> tuple[list[int], list[int], Fraction]:
        """Time stamps in order of showing, those of key frames, and their unit, from the packets alone."""
        with self._open() as (container, stream):
            packets = [p for p in container.demux(stream) if p.size and not p.is_discard]
            base = stream.time_base or Fraction(1, 1000)
        stamps, keys = {p.pts for p in packets}, {p.pts for p in packets if p.is_keyframe}
        if None in stamps or len(stamps) < len(packets):  # old containers: only decoding tells the times
            with self._open() as opened:
                stamps, keys = {picture.pts for picture in self._decoded(*opened)}, set()
        return sorted(s for s in stamps if s is not None), sorted(k for k in keys if k is not None), base

    def _first_shown(self) -> int:
        """The time stamp of the first frame that can be decoded: a film cut out of another may begin with some that cannot."""
        with self._open() as opened:
            first = next(self._decoded(*opened), None)
        if first is None or first.pts is None:
            raise MediaUnreadable(f"{self._path.name} holds no frame that can be decoded")
        return first.pts

    @contextmanager
    def _open(self) -> Iterator[Opened]:
        import av

        with av.open(str(self._path), options={"format_whitelist": MEDIA_FORMATS}) as container:
            stream = next(stream for stream in container.streams.video if stream.index == self.facts.stream)
            stream.thread_type = "AUTO"
            yield container, stream

    def _decoded(self, container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
        import av

        try:
            for picture in container.decode(stream):
                self._watch()
                yield picture
        except av.error.FFmpegError as error:
            raise MediaUnreadable(
                f"{self._path.name} cannot be decoded ({error.strerror})", hint="Check that it plays to its end in a media player."
            ) from None


def _within(size: Size, longest: int | None) -> Size:
    scale = min(1.0, longest / max(size)) if longest else 1.0
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
