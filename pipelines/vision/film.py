"""A film made of pictures at their times, with another film's sound: MP4, or WebM where it can be looked through."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from pipelines.video.ffmpeg import binary, execute
from pipelines.video.process import Run

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

_MILLISECONDS = Fraction(1, 1000)
_VP9 = {"crf": "28", "b": "0", "deadline": "realtime", "cpu-used": "6", "row-mt": "1", "auto-alt-ref": "0"}  # alt-ref frames lose alpha
_H264 = {"preset": "veryfast", "crf": "18"}
_BT709 = 1  # how ffmpeg numbers it


class Film:
    """Takes (height, width, 3 or 4) uint8 pictures, all of one size, the fourth channel being alpha. Odd sides lose a pixel."""

    def __init__(self, path: Path, *, transparent: bool) -> None:
        import av

        self._container = av.open(str(path), "w", format="webm" if transparent else "mp4")
        self._stream: Any = self._container.add_stream(
            "libvpx-vp9" if transparent else "libx264", rate=30, options=_VP9 if transparent else _H264
        )
        self._transparent = transparent
        self._stream.codec_context.time_base = _MILLISECONDS
        self._started, self._last = False, -1

    def add(self, pixels: Array, seconds: float) -> None:
        """seconds: from the film's start. A picture that comes no later than the one before is put a millisecond after it."""
        import av
        import numpy as np

        height, width = pixels.shape[0] // 2 * 2, pixels.shape[1] // 2 * 2
        if not self._started:
            self._start(width, height)
        picture = av.VideoFrame.from_ndarray(
            np.ascontiguousarray(pixels[:height, :width]), format="rgba" if self._transparent else "rgb24"
        ).reformat(format=self._stream.pix_fmt, dst_colorspace="ITU709")
        self._last = max(round(seconds * 1000), self._last + 1)
        picture.pts, picture.time_base = self._last, _MILLISECONDS
        self._container.mux(self._stream.encode(picture))

    def _start(self, width: int, height: int) -> None:
        self._stream.width, self._stream.height = width, height
        self._stream.pix_fmt = "yuva420p" if self._transparent else "yuv420p"
        context = self._stream.codec_context
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        if self._transparent:
            self._stream.metadata["alpha_mode"] = "1"
        self._started = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Complete the file; after an error it is closed as it is."""
        if kind is None and self._started:
            self._container.mux(self._stream.encode())
        self._container.close()


def with_sound(silent: Path, source: Path, target: Path, run: Run) -> None:
    """The silent film with the source's sound, where it has one, in step with the source's pictures. Raises as `ffmpeg.execute`."""
    sound = ["-c:a", "libopus", "-b:a", "128k"] if target.suffix == ".webm" else ["-c:a", "aac", "-b:a", "160k", "-movflags", "+faststart"]
    alpha = ["-metadata:s:v", "alpha_mode=1"] if target.suffix == ".webm" else []
    inputs = ["-itsoffset", f"{_late(source):.3f}", "-i", str(silent), "-i", str(source)]
    words = ["-map", "0:v:0", "-map", "1:a:0?", "-c:v", "copy", *alpha, *sound, str(target)]
    execute([binary(), "-nostdin", "-hide_banner", "-loglevel", "error", "-y", *inputs, *words], run, lambda _: None)


def _late(source: Path) -> float:
    """Seconds after the start of its file at which the source shows its first picture."""
    import av

    with av.open(str(source)) as container:
        stream = container.streams.video[0]
        first = float((stream.start_time or 0) * (stream.time_base or 0)) - (container.start_time or 0) / 1_000_000
    return max(first, 0.0)
