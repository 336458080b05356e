"""Running ffmpeg: a finished file under the wanted name, or a clear error and no file."""

from __future__ import annotations

import re
import uuid
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.errors import MediaUnreadable, StepFailed, Unavailable
from pipelines.video.process import Run

Progress = Callable[[float], None]  # a fraction from 0 to 1

# Demuxers that real media come in. Playlists and scripts are not among them: those name further files to open.
MEDIA_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,flv,asf,gif,mp3,wav,ogg,flac,aac"

_QUIET = ["-nostdin", "-hide_banner", "-loglevel", "error", "-y"]
_PROGRESS = ["-nostats", "-stats_period", "0.25", "-progress", "pipe:1"]
_PROGRESS_LINE = re.compile(r"^(frame|fps|stream_\S+|bitrate|total_size|out_time\w*|dup_frames|drop_frames|speed|progress)=\s*(\S*)")
_FIRST_LINES, _LAST_LINES = 4, 6  # the cause is often told first, what came of it last
_LINE_LENGTH = 300
_CHATTER = re.compile(r"Svt\[info\]")  # that an encoder prints at any level
_NOT_MEDIA = ("Invalid data found", "moov atom not found", "does not contain any stream", "not on whitelist")


def binary() -> str:
    """The path of the packaged ffmpeg."""
    import imageio_ffmpeg

    return str(imageio_ffmpeg.get_ffmpeg_exe())


def command(output: Any) -> list[str]:
    """The arguments for an ffmpeg-python output node."""
    compiled: list[str] = output.compile(cmd=binary())
    return [compiled[0], *_QUIET, *compiled[1:]]


def encode(build: Callable[[Path], Any], target: Path, frames: int, run: Run, progress: Progress) -> None:
    """Render `build(path)`, an ffmpeg-python output node of `frames` frames, and give it the name `target` once complete.

    May run twice; an earlier file at `target` stays until the new one is whole.
    Raises MediaUnreadable for an input that ffmpeg cannot read, Unavailable for a full disk,
    StepFailed for any other failure, and whatever the runner raises for a cancel.
    """
    part = target.with_name(f".{uuid.uuid4().hex}.part")
    try:
        watch(build(part), frames, run, progress)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def watch(output: Any, frames: int, run: Run, progress: Progress) -> None:
    """Run an ffmpeg-python output node of `frames` frames, telling its progress four times a second. Raises as `encode`."""
    follow(command(output), frames, run, progress)


def follow(arguments: list[str], frames: int, run: Run, progress: Progress) -> None:
    """As `watch`, for a command that is complete already."""
    execute([arguments[0], *_PROGRESS, *arguments[1:]], run, lambda line: _report(line, frames, progress))


def execute(arguments: list[str], run: Run, on_line: Callable[[str], None]) -> None:
    """Run ffmpeg; a failure is told in ffmpeg's own first and last words."""
    first: list[str] = []
    last: deque[str] = deque(maxlen=_LAST_LINES)

    def keep(line: str) -> None:
        words = line.strip()
        if words and not _PROGRESS_LINE.match(line) and not _CHATTER.match(words):
            (first if len(first) < _FIRST_LINES else last).append(words[:_LINE_LENGTH])
        on_line(line)

    try:
        run(arguments, keep)
    except StepFailed as failed:
        raise _failure([*first, *last], failed) from None


def _report(line: str, frames: int, progress: Progress) -> None:
    found = _PROGRESS_LINE.match(line)
    if found and found[1] == "frame" and found[2].isdigit():
        progress(min(1.0, int(found[2]) / frames))


def _failure(said: list[str], failed: StepFailed) -> Exception:
    words = "; ".join(dict.fromkeys(said)) or failed.detail
    if "No space left on device" in words:
        return Unavailable(f"The disk is full: {words}", hint="Free space where files are rendered; the job is tried again.")
    if any(sign in words for sign in _NOT_MEDIA):
        return MediaUnreadable(f"ffmpeg cannot read an input: {words}", hint="Check that the file opens in a media player.")
    return StepFailed(f"ffmpeg failed: {words}", hint="The words after the colon are ffmpeg's own.")
