"""What a film's picture is like: which way is up, how large and how fast it is, in which colours."""

from __future__ import annotations

from array import array
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pipelines.video.sources import PictureFacts
from pipelines.video.spans import Span
from pipelines.video.stills import Size

if TYPE_CHECKING:
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_HDR = {16: "pq", 18: "hlg"}  # AVCOL_TRC_SMPTE2084, AVCOL_TRC_ARIB_STD_B67
_MATRICES = {0: "rgb", 1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020nc", 10: "bt2020nc"}
_WIDE = 9  # AVCOL_PRI_BT2020
_OURS = (1, 1)  # AVCOL_SPC_BT709, AVCOL_RANGE_MPEG
_FULL_RANGE = 2  # AVCOL_RANGE_JPEG
_HD = 576  # lines above which an unmarked picture is taken for BT.709, as players do
_EVEN = 0.3  # of a frame: how far a constant rate's frames may lie from their grid


def picture_facts(video: VideoStream, frame: VideoFrame, span: Span) -> PictureFacts:
    fps, constant = _rate(video, span.starts)
    return PictureFacts(
        stream=video.index,
        codec=video.codec_context.name,
        size=_turned(_squared((frame.width, frame.height), video.sample_aspect_ratio), frame.rotation),
        stored=_turned((frame.width, frame.height), frame.rotation),
        square=video.sample_aspect_ratio in (None, 0, 1),
        rotation=frame.rotation % 360,
        fps=fps,
        constant=constant,
        frames=len(span.starts),
        seconds=max(span.end, span.starts[-1] + (float(1 / fps) if constant else 0.0)),
        alpha=_has_alpha(video, frame),
        times=span.starts,
        keys=span.keys,
        **_colours(frame),
    )


def _has_alpha(video: VideoStream, frame: VideoFrame) -> bool:
    apart = video.metadata.get("alpha_mode") == "1"  # VP8 and VP9 keep it beside the picture
    return apart or frame.format.name == "pal8" or any(part.is_alpha for part in frame.format.components)


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
        if on_grid(times, float(rate)):
            return rate, True
    lengths = sorted(after - before for before, after in pairwise(times) if after > before)
    usual = 1 / lengths[len(lengths) // 10] if lengths else float(told)  # of its quicker parts, so that they lose nothing
    return next((rate for rate in candidates if abs(rate - usual) < usual / 50), Fraction(usual).limit_denominator(1001)), False


def on_grid(times: array[float], rate: float) -> bool:
    return all(abs((time - times[0]) * rate - index) <= _EVEN for index, time in enumerate(times))


def _squared(size: Size, aspect: Fraction | None) -> Size:
    return (max(1, round(size[0] * aspect)), size[1]) if aspect else size


def _turned(size: Size, rotation: int) -> Size:
    return (size[1], size[0]) if rotation % 180 else size
