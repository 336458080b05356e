"""Encoders in hardware: found by letting each encode a frame, never by what the machine claims."""

from __future__ import annotations

from core.errors import StepFailed
from pipelines.video import ffmpeg
from pipelines.video.codecs import CODECS, CodecName
from pipelines.video.coding import Coding, Options
from pipelines.video.process import Run

_ENCODERS: dict[CodecName, tuple[str, ...]] = {  # NVIDIA, Intel, AMD, Apple
    "h264": ("h264_nvenc", "h264_qsv", "h264_amf", "h264_videotoolbox"),
    "h265": ("hevc_nvenc", "hevc_qsv", "hevc_amf", "hevc_videotoolbox"),
    "av1": ("av1_nvenc", "av1_qsv", "av1_amf"),
    "vp9": ("vp9_qsv",),
}
_TEST_SIDE = 256  # pixels; some encoders refuse smaller pictures


def usable(codec: CodecName, run: Run) -> str | None:
    """The first hardware encoder of the codec that encodes a test frame here; None where none does."""
    return next((encoder for encoder in _ENCODERS.get(codec, ()) if _works(encoder, run)), None)


def options(encoder: str, coding: Coding) -> Options:
    """What takes the place of the software encoder's own options: the same rate, or a quality of the same order."""
    codec = CODECS[coding.codec]
    if coding.bitrate or codec.crf is None:
        rate: Options = {"b:v": f"{coding.bitrate}k", "maxrate": f"{coding.max_bitrate or (coding.bitrate or 0) * 3 // 2}k"}
    else:
        rate = _quality(encoder.rpartition("_")[2], codec.crf[0] if coding.crf is None else coding.crf)
        rate |= {"maxrate": f"{coding.max_bitrate}k", "bufsize": f"{coding.max_bitrate * 2}k"} if coding.max_bitrate else {}
    tag: Options = {"tag:v": "hvc1"} if coding.codec == "h265" and coding.container in ("mp4", "mov") else {}
    return {"c:v": encoder, **rate, **tag}


def _quality(maker: str, crf: float) -> Options:
    """Each maker's own scale of constant quality; all but Apple's run like crf."""
    level = round(crf)
    scales: dict[str, Options] = {
        "nvenc": {"rc": "vbr", "cq": level, "b:v": 0, "preset": "p5"},
        "qsv": {"global_quality": level},
        "amf": {"rc": "cqp", "qp_i": level, "qp_p": level},
        "videotoolbox": {"q:v": max(1, 100 - 2 * level)},
    }
    return scales[maker]


def _works(encoder: str, run: Run) -> bool:
    import ffmpeg as graph

    frame = graph.input(f"color=c=gray:s={_TEST_SIDE}x{_TEST_SIDE}:r=25", f="lavfi")
    test = frame.output("-", **{"c:v": encoder, "frames:v": 1, "pix_fmt": "yuv420p", "f": "null"})
    try:
        ffmpeg.execute(ffmpeg.command(test), run, lambda _: None)
    except StepFailed:
        return False
    return True
