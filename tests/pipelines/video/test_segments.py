"""Segments: where they are cut, when their names change, and that they join to what one process would have made."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from core.errors import Cancelled, StepFailed, Unavailable
from pipelines.video import segments as cutting
from pipelines.video.coding import Coding
from pipelines.video.joining import join
from pipelines.video.probe import probe
from pipelines.video.process import OnLine, standalone
from pipelines.video.segment_run import render_run
from tests.pipelines.video.films import Films, drawn, numbered, tone
from tests.pipelines.video.frame_hashes import frame_hashes
from tests.pipelines.video.timelines import SIZE, Desk


@pytest.fixture
def desk(tmp_path: Path, films: Films) -> Desk:
    long = films.write("long.mp4", [frame for frame in numbered(80) for _ in range(10)], sound=tone(440, 800 / 30))
    return Desk(
        tmp_path, long=long, numbers=films.numbered(60), red=films.colour((200, 30, 30), 2.0), blue=films.colour((30, 40, 200), 2.0)
    )


def clips(name: str = "wipeleft", **second: Any) -> list[dict[str, Any]]:
    return [{"source": "numbers"}, {"source": "blue", "transition": {"name": name, "frames": 20}, **second}]


def test_cuts_lie_beside_transitions_and_fades_never_inside(desk: Desk) -> None:
    """A title that begins inside the transition brings no cut there; its fade is whole, too."""
    timeline = desk.timeline(clips(), [{"type": "text", "text": "Hi", "start": 50, "frames": 30, "fade_out": 6}])
    assert cutting.safe_cuts(desk.layout(timeline)) == [0, 40, 60, 74, 80, 100]


def test_a_long_clip_is_cut_on_its_own_grid(desk: Desk) -> None:
    """Every four seconds of the file, wherever it lies in the timeline, and no scrap at either end."""
    plain = desk.timeline([{"source": "long"}])
    assert cutting.safe_cuts(desk.layout(plain)) == [0, 120, 240, 360, 480, 600, 800 - 80, 800]
    moved = desk.timeline([{"source": "red"}, {"source": "long", "source_start": 30}])
    assert cutting.safe_cuts(desk.layout(moved)) == [0, 60, 150, 270, 390, 510, 630, 750, 830]


def test_names_do_not_depend_on_places(desk: Desk) -> None:
    """Something put in front, and the head trimmed: all segments behind keep their names."""
    before = {one.hash for one in desk.segments(desk.timeline([{"source": "long"}]))}
    after = desk.segments(desk.timeline([{"source": "red"}, {"source": "long", "source_start": 30}]))
    assert [one.hash in before for one in after] == [False, False, *[True] * 6]


@pytest.mark.parametrize(
    "change",
    [{"coding": {"crf": 30}}, {"coding": {"preset": "fast"}}, {"fps": 25}, {"width": 66}, {"coding": {"codec": "h265"}}],
    ids=["crf", "preset", "rate", "size", "codec"],
)
def test_names_depend_on_all_that_pixels_depend_on(desk: Desk, change: dict[str, Any]) -> None:
    """Another quality, speed, rate, size or codec shares no segment with the first render."""
    before = {one.hash for one in desk.segments(desk.timeline(clips()))}
    assert before.isdisjoint(one.hash for one in desk.segments(desk.timeline(clips(), **change)))


def test_names_depend_on_the_files_content(tmp_path: Path, films: Films) -> None:
    """The same path with other bytes is another segment."""
    one, two = (Desk(tmp_path, numbers=films.numbered(60), blue=films.colour(colour, 2.0)) for colour in ((30, 40, 200), (30, 41, 200)))
    hashes = [[segment.hash for segment in desk.segments(desk.timeline(clips()))] for desk in (one, two)]
    assert [a == b for a, b in zip(*hashes, strict=True)] == [True, False, False]


def test_a_span_shows_the_same_pixels_as_the_whole(desk: Desk) -> None:
    """Every segment's own graph, one after the other, gives bit for bit the frames of the one graph."""
    tracks = [clips(), [{"source": "red", "start": 10, "frames": 50, "scale": 0.4, "x": 0.3, "opacity": 0.6, "fade_in": 8}]]
    timeline = desk.timeline(*tracks, [{"type": "text", "text": "Hi", "start": 20, "frames": 50, "size": 0.2}])
    whole = drawn(desk.picture(timeline), SIZE)
    parts = [drawn(desk.picture(timeline, one.first, one.last), SIZE) for one in desk.segments(timeline)]
    assert (np.concatenate(parts) == whole).all()


def test_a_re_edit_keeps_every_frame_outside_it(desk: Desk) -> None:
    """Another transition codes one segment of three; frame hashes are equal outside its twenty frames and differ inside."""
    before = frame_hashes(desk.smart(desk.timeline(clips())))
    after = frame_hashes(desk.smart(desk.timeline(clips("circleopen"))))
    assert [(one.first, one.last) for one in desk.coded] == [(40, 60)]
    changed = {index for index, (a, b) in enumerate(zip(before, after, strict=True)) if a != b}
    assert changed <= set(range(40, 60)) and len(changed) > 12


@pytest.mark.parametrize(
    "coding",
    [
        {"preset": "veryfast"},
        {"codec": "h265", "preset": "ultrafast"},
        {"codec": "vp9", "container": "webm", "preset": "ultrafast"},
        {"codec": "av1", "preset": "ultrafast"},
        {"codec": "prores", "container": "mov", "audio_codec": "pcm"},
        {"container": "mkv", "audio_codec": "flac"},
    ],
    ids=lambda coding: f"{coding.get('codec', 'h264')}-{coding.get('container', 'mp4')}",
)
def test_joined_segments_are_a_whole_film(desk: Desk, coding: dict[str, Any]) -> None:
    """In every codec, at 29.97 frames a second: exact in frames and sound, and no further from the one-process render than coding is."""
    timeline = desk.timeline([{"source": "long", "frames": 40}, *clips()[1:]], fps="29.97", coding=coding)
    smart, whole = desk.smart(timeline), desk.whole(timeline)
    ours, theirs = probe(smart), probe(whole)
    assert ours.video and theirs.video and ours.audio and theirs.audio
    assert (ours.video.frames, ours.video.fps, ours.video.codec) == (theirs.video.frames, theirs.video.fps, theirs.video.codec)
    assert abs(ours.audio.seconds - theirs.audio.seconds) < 0.002
    one, two = ([frame.to_ndarray(format="gray") for frame in decoded(path)] for path in (smart, whole))
    assert max(np.abs(a.astype(int) - b).mean() for a, b in zip(one, two, strict=True)) < 3


def decoded(path: Path) -> list[Any]:
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def test_segments_of_different_encoders_do_not_join(desk: Desk, tmp_path: Path) -> None:
    """Parts whose headers differ would decode to rubbish: an error, and no file."""
    plain, other = desk.timeline(clips()), desk.timeline(clips(), coding={"preset": "slow"})
    desk.smart(plain)
    desk.smart(other)
    parts = [desk.kept[timeline[0].hash] for timeline in (desk.segments(plain), desk.segments(other))]
    target = tmp_path / "joined.mp4"
    with pytest.raises(StepFailed, match="different encoders"):
        join(parts, None, target, frames=80, fps=desk.layout(plain).fps, coding=plain.coding, progress=lambda done, words: None)
    assert not target.exists()


def test_runs_are_neighbours_of_bounded_length(desk: Desk) -> None:
    """What is missing is grouped to about twenty seconds a process; a segment that is there divides a group."""
    timeline = desk.timeline([{"source": "long"}])
    layout, wanted = desk.layout(timeline), desk.segments(timeline)
    assert [len(group) for group in cutting.runs(wanted, layout, 100)] == [5, 2]
    assert [len(group) for group in cutting.runs(wanted[:2] + wanted[3:], layout, 100)] == [2, 4]
    assert [len(group) for group in cutting.runs(wanted, layout, 1)] == [7]


def test_segments_are_handed_over_as_they_are_finished(desk: Desk) -> None:
    """The first one is there long before the last: what a lost worker leaves is not coded again."""
    timeline = desk.timeline([{"source": "long"}], width=640, height=480, coding={"preset": "medium"})
    group = cutting.runs(desk.segments(timeline), desk.layout(timeline), 100)[0]
    given: list[tuple[int, float]] = []
    progress = [0.0]

    def told(done: float, _: str) -> None:
        progress[0] = done

    render_run(
        desk.layout(timeline),
        group,
        timeline.coding,
        desk.folder,
        run=standalone(),
        progress=told,
        on_segment=lambda one, path: given.append((one.first, progress[0])),
    )
    assert [first for first, _ in given] == [one.first for one in group] and given[0][1] < 0.95


def test_a_cancel_leaves_no_unfinished_segment_behind_its_step(desk: Desk) -> None:
    """ffmpeg is gone within two seconds; what was handed over before is whole."""
    cancelled = threading.Event()
    timeline = desk.timeline([{"source": "long"}], width=1280, height=720, coding={"preset": "veryslow", "codec": "h265"})
    group = cutting.runs(desk.segments(timeline), desk.layout(timeline), 100)[0]
    threading.Timer(0.5, cancelled.set).start()
    started = time.monotonic()
    how: dict[str, Any] = {"run": standalone(cancelled), "progress": lambda done, words: None}
    with pytest.raises(Cancelled):
        render_run(desk.layout(timeline), group, timeline.coding, desk.folder, on_segment=lambda one, path: None, **how)
    assert time.monotonic() - started < 2.5


def test_a_full_disk_and_a_killed_encoder_are_told_as_such(desk: Desk) -> None:
    """What ffmpeg says of the disk becomes an error that is tried again; a killed one is a failed step."""
    timeline = desk.timeline(clips())
    group = desk.segments(timeline)

    def full(command: list[str], on_line: OnLine) -> None:
        on_line("Error writing trailer: No space left on device")
        raise StepFailed("status 1")

    how: dict[str, Any] = {"progress": lambda done, words: None, "on_segment": lambda one, path: None}
    with pytest.raises(Unavailable, match="disk is full"):
        render_run(desk.layout(timeline), group, timeline.coding, desk.folder, run=full, **how)

    def killed(command: list[str], on_line: OnLine) -> None:
        standalone()(["sh", "-c", "kill -9 $$"], on_line)

    with pytest.raises(StepFailed):
        render_run(desk.layout(timeline), group, timeline.coding, desk.folder, run=killed, **how)


def test_a_film_without_sound_has_no_sound(desk: Desk) -> None:
    """Where nothing is heard the file holds pictures alone."""
    facts = probe(desk.smart(desk.timeline([{"source": "red"}, {"source": "blue"}])))
    assert facts.audio is None and facts.video and facts.video.frames == 120


def test_coding_with_transparency_keeps_it(desk: Desk) -> None:
    """A small box on nothing, in VP9: clear around it, in every segment."""
    coding = Coding(container="webm", codec="vp9", pixel_format="yuva420p", preset="ultrafast").model_dump()
    timeline = desk.timeline([{"source": "red", "scale": 0.5, "frames": 20}, {"source": "blue", "scale": 0.5, "frames": 20}], coding=coding)
    with av.open(str(desk.smart(timeline))) as container:
        stream = container.streams.video[0]
        decoder = av.CodecContext.create("libvpx-vp9", "r")
        pictures = [frame for packet in container.demux(stream) for frame in decoder.decode(packet)]
    corners = [frame.to_ndarray(format="rgba")[[2, 24], [2, 32], 3].tolist() for frame in pictures]
    assert len(corners) == 40 and all(corner[0] < 20 and corner[1] > 235 for corner in corners)


@pytest.mark.parametrize(("second", "frames"), [({}, 50), ({"fade_out": 10}, 95)], ids=["transition", "fade"])
def test_a_timeline_may_end_inside_a_change(desk: Desk, second: dict[str, Any], frames: int) -> None:
    """Cut short in a transition or a fade: exactly as long as it says, and the same frames as in the longer film."""
    short = desk.timeline(clips(**second), frames=frames)
    assert cutting.safe_cuts(desk.layout(short))[-1] == frames
    shown = drawn(desk.picture(short), SIZE)
    assert len(shown) == frames
    assert np.array_equal(shown, drawn(desk.picture(desk.timeline(clips(**second))), SIZE)[:frames])
    assert probe(desk.smart(short)).video.frames == frames  # type: ignore[union-attr]
