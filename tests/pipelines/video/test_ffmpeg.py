from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

import ffmpeg as graph
import pytest

from core.errors import Cancelled, MediaUnreadable, StepFailed
from pipelines.video import ffmpeg
from pipelines.video.process import OnLine, standalone


def pattern(seconds: int, part: Path, codec: str = "libx264") -> Any:
    return graph.input(f"testsrc2=s=640x480:r=30:d={seconds}", f="lavfi").output(str(part), f="mp4", vcodec=codec)


def test_progress_rises_to_one(tmp_path: Path) -> None:
    """The fraction comes from ffmpeg's own frame counter and ends at 1."""
    told: list[float] = []
    ffmpeg.encode(lambda part: pattern(2, part), tmp_path / "out.mp4", 60, standalone(), told.append)
    assert told == sorted(told) and told[-1] == 1.0
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]


def test_a_cancel_ends_ffmpeg_and_leaves_no_file(tmp_path: Path) -> None:
    """Cancelled in the middle of a long render: the error comes, process and partial file are gone within 2 s."""
    cancelled = threading.Event()
    stopped_at: list[float] = []

    def stop(fraction: float) -> None:
        if fraction > 0 and not stopped_at:
            stopped_at.append(time.monotonic())
            cancelled.set()

    with pytest.raises(Cancelled):
        ffmpeg.encode(lambda part: pattern(600, part), tmp_path / "out.mp4", 18_000, standalone(cancelled), stop)
    assert time.monotonic() - stopped_at[0] < 2
    assert list(tmp_path.iterdir()) == []
    assert not running_with(str(tmp_path))


def test_an_error_in_the_progress_handler_ends_ffmpeg(tmp_path: Path) -> None:
    """Noticing a cancel while progress is written stops the render like any other way."""

    def refuse(fraction: float) -> None:
        raise Cancelled("noticed")

    with pytest.raises(Cancelled, match="noticed"):
        ffmpeg.encode(lambda part: pattern(600, part), tmp_path / "out.mp4", 18_000, standalone(), refuse)
    assert list(tmp_path.iterdir()) == []
    assert not running_with(str(tmp_path))


def test_a_process_that_ignores_the_first_signal_is_killed() -> None:
    """SIGKILL follows SIGTERM, for the children of the command too."""
    cancelled = threading.Event()
    marker = f"{time.monotonic_ns()}"
    script = (
        f"trap '' TERM; sh -c \"trap '' TERM; : {marker}; while true; do sleep 0.1; done\" & echo ready; while true; do sleep 0.1; done"
    )

    def stop(line: str) -> None:
        cancelled.set()

    started = time.monotonic()
    with pytest.raises(Cancelled):
        standalone(cancelled)(["sh", "-c", script], stop)
    assert time.monotonic() - started < 2
    assert not running_with(marker)


def test_a_failure_keeps_the_earlier_file_and_ffmpegs_words(tmp_path: Path) -> None:
    """An error names ffmpeg's reason; what was rendered before stays as it was."""
    target = tmp_path / "out.mp4"
    target.write_bytes(b"earlier")
    with pytest.raises(StepFailed, match="no-such-codec"):
        ffmpeg.encode(lambda part: pattern(1, part, "no-such-codec"), target, 30, standalone(), lambda _: None)
    assert target.read_bytes() == b"earlier"
    assert list(tmp_path.iterdir()) == [target]


def test_an_input_that_is_no_media_is_the_inputs_fault(tmp_path: Path) -> None:
    """Rubbish as input is MediaUnreadable, so the caller is told to bring another file."""
    rubbish = tmp_path / "voice.mp3"
    rubbish.write_text("these are words, not sound")

    def build(part: Path) -> Any:
        return graph.input(str(rubbish), format_whitelist=ffmpeg.MEDIA_FORMATS).output(str(part), f="mp4")

    with pytest.raises(MediaUnreadable, match="cannot read an input"):
        ffmpeg.encode(build, tmp_path / "out.mp4", 30, standalone(), lambda _: None)
    assert not (tmp_path / "out.mp4").exists()


def test_another_runner_can_be_injected(tmp_path: Path) -> None:
    """The engine's own runner gets the whole command and its failure is told in the lines it passed on."""
    seen: list[list[str]] = []

    def run(command: list[str], on_line: OnLine) -> None:
        seen.append(command)
        on_line("frame=3")
        on_line("Something specific went wrong")
        raise StepFailed("status 1")

    with pytest.raises(StepFailed, match=r"ffmpeg failed: Something specific went wrong$"):
        ffmpeg.encode(lambda part: pattern(1, part), tmp_path / "out.mp4", 30, run, lambda _: None)
    assert seen[0][0] == ffmpeg.binary() and "-progress" in seen[0]


def test_the_first_words_are_told_though_many_follow(tmp_path: Path) -> None:
    """The cause comes first, its consequences after it: both are in the error, the middle is not."""

    def run(command: list[str], on_line: OnLine) -> None:
        for line in ("the cause", "Svt[info]: chatter", *(f"what came of it {number}" for number in range(30))):
            on_line(line)
        raise StepFailed("status 1")

    with pytest.raises(StepFailed, match=r"^ffmpeg failed: the cause; .*of it 29$") as failed:
        ffmpeg.encode(lambda part: pattern(1, part), tmp_path / "out.mp4", 30, run, lambda _: None)
    assert "of it 15" not in failed.value.detail and "chatter" not in failed.value.detail


def running_with(marker: str) -> list[str]:
    """Command lines of living processes that hold the marker."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                line = (entry / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if marker in line:
                found.append(line)
    return found
