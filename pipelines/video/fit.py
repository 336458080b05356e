"""A film brought inside the largest picture that a channel takes."""

from __future__ import annotations

from pathlib import Path

from core.errors import MediaUnreadable
from pipelines.video import ffmpeg
from pipelines.video.probe import VideoFacts, probe
from pipelines.video.process import Run, standalone


def fit_size(width: int, height: int, largest: tuple[int, int]) -> tuple[int, int]:
    """Even sides with the shape of width × height, the longer within largest[0], the shorter within largest[1]; never enlarged."""
    longer, shorter = max(width, height), min(width, height)
    factor = min(1.0, largest[0] / longer, largest[1] / shorter)
    return max(2, round(width * factor) // 2 * 2), max(2, round(height * factor) // 2 * 2)


def fit(source: Path, target: Path, largest: tuple[int, int], run: Run | None = None, progress: ffmpeg.Progress = lambda _: None) -> bool:
    """Write `target` (MP4: H.264 High, AAC as it was) if `source` is too large; False when it fits already. May run twice.

    Raises MediaUnreadable for what holds no picture, and what `ffmpeg.encode` raises.
    """
    import ffmpeg as graph

    facts = probe(source)
    video = facts.video
    if video is None:
        raise MediaUnreadable(f"{source.name} holds no picture")
    size = fit_size(video.width, video.height, largest)
    if size == (video.width, video.height):
        return False
    taken = graph.input(str(source), format_whitelist=ffmpeg.MEDIA_FORMATS)
    picture = taken.video.filter("scale", *size, flags="lanczos").filter("setsar", 1)
    streams = [picture, taken.audio] if facts.audio else [picture]
    coding = _coding(video)
    ffmpeg.encode(lambda part: graph.output(*streams, str(part.absolute()), **coding), target, video.frames, run or standalone(), progress)
    return True


def _coding(video: VideoFacts) -> dict[str, str | int]:
    picture: dict[str, str | int] = {"c:v": "libx264", "preset": "veryfast", "crf": 21, "profile:v": "high", "pix_fmt": "yuv420p"}
    return {**picture, "g": max(1, round(video.fps * 2)), "flags": "+cgop", "c:a": "copy", "movflags": "+faststart", "f": "mp4"}
