"""The picture codecs that Drumbeat writes: what each takes, and how ffmpeg's encoder of it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

CodecName = Literal["h264", "h265", "vp9", "av1", "prores"]
Container = Literal["mp4", "mov", "webm", "mkv"]
Preset = Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"]
PixelFormat = Literal["yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "yuva420p", "yuva444p10le"]

_PRESETS: tuple[Preset, ...] = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")


@dataclass(frozen=True)
class Codec:
    """pixels: formats it takes, its usual one first. crf: its usual one and the largest there is; None: it knows no rate at all.

    speeds: what stands for each preset, from ultrafast to veryslow, under the option `speed`.
    """

    encoder: str
    containers: tuple[Container, ...]
    pixels: tuple[PixelFormat, ...]
    crf: tuple[int, int] | None
    two_pass: bool
    speed: str
    speeds: tuple[str | int, ...]
    always: Mapping[str, str | int]
    least_side: int = 2  # pixels

    def pace(self, preset: Preset) -> dict[str, str | int]:
        return {self.speed: self.speeds[_PRESETS.index(preset)]} if self.speed else {}


CODECS: dict[CodecName, Codec] = {
    "h264": Codec(
        "libx264", ("mp4", "mov", "mkv"), ("yuv420p", "yuv422p", "yuv444p", "yuv420p10le"), (18, 51), True, "preset", _PRESETS, {}
    ),
    "h265": Codec(
        "libx265", ("mp4", "mov", "mkv"), ("yuv420p", "yuv420p10le", "yuv444p"), (21, 51), True, "preset", _PRESETS, {"tag:v": "hvc1"}, 16
    ),
    "vp9": Codec(
        "libvpx-vp9",
        ("webm", "mp4", "mkv"),
        ("yuv420p", "yuv420p10le", "yuv444p", "yuva420p"),
        (28, 63),
        True,
        "cpu-used",
        (8, 7, 6, 5, 4, 3, 2, 1, 0),
        {"deadline": "good", "row-mt": 1},
    ),
    "av1": Codec(
        "libsvtav1", ("mp4", "webm", "mkv"), ("yuv420p", "yuv420p10le"), (28, 63), False, "preset", (13, 12, 11, 10, 9, 8, 6, 4, 2), {}
    ),
    "prores": Codec(
        "prores_ks", ("mov", "mkv"), ("yuva444p10le", "yuv422p10le"), None, False, "", (), {"profile:v": "4444", "vendor": "apl0"}
    ),
}
