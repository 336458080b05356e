"""A file that can be used in a film: what is known about its picture, its sound and its times."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from core.errors import InvalidInput
from pipelines.video.stills import Size


@dataclass(frozen=True)
class PictureFacts:
    """The picture of a file, upright.

    fps: that of the quicker parts where the rate varies, 0 for a still. times: seconds at which each frame begins.
    keys: those of frames that need no other to be decoded.
    """

    stream: int
    codec: str
    size: Size  # as seen: upright, square pixels
    stored: Size  # upright, in the file's own pixels
    square: bool  # its pixels are
    rotation: int  # degrees, already undone in both sizes
    fps: Fraction
    constant: bool
    frames: int
    seconds: float  # from second 0 to the end of the last frame
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
    keys: array[float] = field(default_factory=lambda: array("d"), repr=False, compare=False)


@dataclass(frozen=True)
class SoundFacts:
    stream: int
    codec: str
    channels: int
    sample_rate: int
    seconds: float  # from second 0 to its last sample


@dataclass(frozen=True)
class Source:
    """A file that can be used. path: what ffmpeg reads, for a still an upright copy. seconds: of the longest stream, 0 for a still.

    lead: seconds from the file's own beginning to second 0 as all times here count it, which is the first frame where it
    comes a moment after the sound (coders' padding), so that the film begins with it. Sound is counted from there too.
    seekable: not where time stamps are estimates that change after a seek.
    """

    path: Path
    name: str
    format: str
    seconds: float
    picture: PictureFacts | None
    sound: SoundFacts | None
    lead: float = 0.0
    seekable: bool = True

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
