"""What each platform takes of a video: one table, as its pages said on the day `AS_OF`.

Limits are the publishing APIs' own; the sizes and rates below them are what the platform advises, or what keeps its
own recoding gentle. Where its pages disagree the narrower figure stands here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pipelines.video.probe import MediaFacts
from pipelines.video.stills import Size

AS_OF = date(2026, 9, 11)
PlatformName = Literal["tiktok", "reels", "shorts", "x", "linkedin"]
MEGABYTE = 1_000_000
TALL, WIDE, SQUARE = (1080, 1920), (1920, 1080), (1080, 1080)


@dataclass(frozen=True)
class Margins:
    """What the platform's own buttons and captions cover, as shares of the picture's height and width."""

    top: float
    right: float
    bottom: float
    left: float


@dataclass(frozen=True)
class Platform:
    """sizes: what a preset encodes to; of several the one nearest to the picture's shape. sides: of the longer and the
    shorter side, least and most. shapes: width to height, least and most. bitrate: kbit/s of the picture, advised.
    """

    title: str
    sizes: tuple[Size, ...]
    seconds: tuple[float, float]
    fps: tuple[float, float]
    longer: tuple[int, int]
    shorter: tuple[int, int]
    shapes: tuple[float, float]
    bytes: tuple[int, int]
    codecs: tuple[str, ...]
    bitrate: int
    covered: Margins
    lufs: float = -14.0


PLATFORMS: dict[PlatformName, Platform] = {
    "tiktok": Platform(
        title="TikTok",
        sizes=(TALL,),
        seconds=(3, 600),
        fps=(23, 60),
        longer=(360, 4096),
        shorter=(360, 4096),
        shapes=(0.01, 10),
        bytes=(1, 4_000 * MEGABYTE),
        codecs=("h264", "hevc", "vp8", "vp9"),
        bitrate=12_000,
        covered=Margins(top=0.07, right=0.13, bottom=0.25, left=0.06),
    ),
    "reels": Platform(
        title="Instagram Reels",
        sizes=(TALL,),
        seconds=(3, 900),
        fps=(23, 60),
        longer=(320, 1920),
        shorter=(320, 1920),
        shapes=(0.01, 10),
        bytes=(1, 300 * MEGABYTE),
        codecs=("h264", "hevc"),
        bitrate=12_000,
        covered=Margins(top=0.14, right=0.10, bottom=0.22, left=0.06),
    ),
    "shorts": Platform(
        title="YouTube Shorts",
        sizes=(TALL,),
        seconds=(1, 180),
        fps=(23, 60),
        longer=(426, 3840),
        shorter=(240, 2160),
        shapes=(0.01, 1),  # what is wider than tall becomes an ordinary video
        bytes=(1, 256_000 * MEGABYTE),
        codecs=("h264", "hevc", "vp8", "vp9", "av1", "prores"),
        bitrate=16_000,
        covered=Margins(top=0.10, right=0.13, bottom=0.22, left=0.06),
    ),
    "x": Platform(
        title="X",
        sizes=((1280, 720), (720, 1280), (720, 720)),
        seconds=(0.5, 140),
        fps=(1, 60),
        longer=(32, 1280),
        shorter=(32, 1024),
        shapes=(1 / 3, 3),
        bytes=(1, 512 * MEGABYTE),
        codecs=("h264",),
        bitrate=8_000,
        covered=Margins(top=0.04, right=0.04, bottom=0.10, left=0.04),
    ),
    "linkedin": Platform(
        title="LinkedIn",
        sizes=(WIDE, TALL, SQUARE),
        seconds=(3, 1800),
        fps=(10, 60),
        longer=(256, 4096),
        shorter=(144, 2304),
        shapes=(1 / 2.4, 2.4),
        bytes=(75_000, 500 * MEGABYTE),
        codecs=("h264",),
        bitrate=12_000,
        covered=Margins(top=0.05, right=0.05, bottom=0.12, left=0.05),
    ),
}


def nearest_size(platform: Platform, size: Size) -> Size:
    """The platform's size whose shape is nearest to the picture's."""
    shape = size[0] / size[1]
    return min(platform.sizes, key=lambda one: max(one[0] / one[1] / shape, shape / (one[0] / one[1])))


def affordable_bitrate(platform: Platform, seconds: float, audio_bitrate: int) -> int:
    """kbit/s of the picture at most, so that a file of this length stays well inside the platform's size."""
    within = platform.bytes[1] * 8 / 1000 * 0.95 / max(seconds, 0.1) - audio_bitrate
    return max(50, min(platform.bitrate, int(within)))


def faults(platform: Platform, facts: MediaFacts) -> list[str]:
    """What the platform would refuse in a finished file, each in one sentence; empty when it takes it."""
    return list(_faults(platform, facts))


def length_fault(platform: Platform, seconds: float) -> str | None:
    least, most = platform.seconds
    if least - 0.001 <= seconds <= most + 0.001:
        return None
    return f"{platform.title} takes {least:g} to {most:g} s; this lasts {seconds:.1f} s"


def _faults(platform: Platform, facts: MediaFacts) -> Iterator[str]:
    video = facts.video
    if video is None:
        yield f"{platform.title} takes a video; this holds no picture"
        return
    if length := length_fault(platform, facts.seconds):
        yield length
    if video.codec not in platform.codecs:
        yield f"{platform.title} takes {', '.join(platform.codecs)}; this is {video.codec}"
    if platform.codecs == ("h264",) and video.pixel_format != "yuv420p":
        yield f"{platform.title} takes yuv420p; this is {video.pixel_format}"
    if facts.audio and facts.audio.codec != "aac" and video.codec in ("h264", "hevc"):
        yield f"{platform.title} takes AAC sound; this has {facts.audio.codec}"
    yield from _measures(platform, video.width, video.height, float(video.fps))
    if not platform.bytes[0] <= facts.bytes <= platform.bytes[1]:
        yield f"{platform.title} takes {platform.bytes[0]:,} to {platform.bytes[1]:,} bytes; this has {facts.bytes:,}"


def _measures(platform: Platform, width: int, height: int, fps: float) -> Iterator[str]:
    longer, shorter, shape = max(width, height), min(width, height), width / height
    if not (platform.longer[0] <= longer <= platform.longer[1] and platform.shorter[0] <= shorter <= platform.shorter[1]):
        yield (
            f"{platform.title} takes {platform.shorter[0]} to {platform.longer[1]} pixels a side, "
            f"the shorter at most {platform.shorter[1]}; this has {width} x {height}"
        )
    if not platform.shapes[0] * 0.999 <= shape <= platform.shapes[1] * 1.001:
        yield f"{platform.title} takes widths of {platform.shapes[0]:.2f} to {platform.shapes[1]:.2f} heights; this has {shape:.2f}"
    if not platform.fps[0] - 0.05 <= fps <= platform.fps[1] + 0.05:
        yield f"{platform.title} takes {platform.fps[0]:g} to {platform.fps[1]:g} frames a second; this has {fps:.2f}"
