"""A timeline with its files at hand: every clip's place settled, or every fault of it told at once."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import count, pairwise

from core.errors import InvalidInput
from pipelines.video import burning
from pipelines.video.footage import Source
from pipelines.video.inputs import frames_in
from pipelines.video.palette import Colour, parse
from pipelines.video.stills import Size
from pipelines.video.timeline import ColourClip, MediaClip, TextClip, Timeline, Track
from pipelines.video.xfades import xfade_fault

MOST_CLIPS = 500

Fault = dict[str, str]


@dataclass(frozen=True)
class Laid:
    """A clip in its place. overlap: frames it shares with the one before it, in which the transition runs."""

    clip: MediaClip | ColourClip | TextClip
    start: int
    frames: int
    overlap: int = 0
    source: Source | None = None
    take: int = 0  # its number among all clips

    @property
    def end(self) -> int:
        return self.start + self.frames

    @property
    def seen(self) -> bool:
        return not isinstance(self.clip, MediaClip) or (self.source is not None and self.source.picture is not None)

    @property
    def heard(self) -> bool:
        return isinstance(self.clip, MediaClip) and not self.clip.muted and self.source is not None and self.source.sound is not None


@dataclass(frozen=True)
class LaidTrack:
    clips: tuple[Laid, ...]
    volume: float = 0.0
    muted: bool = False
    hidden: bool = False


@dataclass(frozen=True)
class Layout:
    size: Size
    fps: Fraction
    background: Colour
    frames: int
    tracks: tuple[LaidTrack, ...]
    notes: tuple[str, ...] = field(default=(), compare=False)

    @property
    def heard(self) -> bool:
        return any(laid.heard for track in self.tracks if not track.muted for laid in track.clips)


def lay_out(timeline: Timeline, sources: Mapping[uuid.UUID, Source]) -> Layout:
    """Raises InvalidInput with a pointer for every clip that overlaps, is longer than its file, or has a transition from nothing."""
    faults: list[Fault] = []
    takes = count(1)
    tracks = [_track(track, timeline, sources, f"/params/tracks/{index}", takes, faults) for index, track in enumerate(timeline.tracks)]
    if sum(len(track.clips) for track in tracks) > MOST_CLIPS:
        faults.append({"pointer": "/params/tracks", "detail": f"a timeline holds at most {MOST_CLIPS} clips; render it in parts"})
    if faults:
        told = "; ".join(fault["detail"] for fault in faults[:3])
        raise InvalidInput(f"The timeline has {len(faults)} fault(s): {told}", errors=faults)
    end = max(laid.end for track in tracks for laid in track.clips)
    frames = timeline.frames or end
    return Layout(timeline.size, timeline.rate, parse(timeline.background), frames, tuple(tracks), tuple(_notes(timeline)))


def settled(timeline: Timeline, layout: Layout, first: int, last: int) -> Timeline:
    """The timeline with every place written out, and only those clips that are on between two frames. Tracks keep their order."""
    tracks: list[Track] = []
    for track, laid in zip(timeline.tracks, layout.tracks, strict=True):
        kept = [
            one.clip.model_copy(update={"start": one.start, "frames": one.frames})
            for one in laid.clips
            if one.start < last and one.end > first
        ]
        if kept:
            kept[0] = _without_transition(kept[0])  # its forerunner has ended: spans do not begin inside a transition
            tracks.append(track.model_copy(update={"clips": kept}))
    return timeline.model_copy(update={"tracks": tracks, "frames": layout.frames})


def _track(
    track: Track, timeline: Timeline, sources: Mapping[uuid.UUID, Source], at: str, takes: Iterator[int], faults: list[Fault]
) -> LaidTrack:
    laid: list[Laid] = []
    for index, clip in enumerate(track.clips):
        before = laid[-1] if laid else None
        one = replace(_place(clip, before, timeline, sources), take=next(takes))
        faults += [
            {"pointer": f"{at}/clips/{index}{where}", "detail": detail} for where, detail in _clip_faults(one, before, timeline.rate)
        ]
        laid.append(one)
    for index, (one, after) in enumerate(pairwise(laid)):
        if one.overlap + after.overlap > one.frames:
            detail = f"its transitions take {one.overlap + after.overlap} frames, it has {one.frames}"
            faults.append({"pointer": f"{at}/clips/{index}", "detail": detail})
    return LaidTrack(tuple(laid), track.volume, track.muted, track.hidden)


def _place(clip: MediaClip | ColourClip | TextClip, before: Laid | None, timeline: Timeline, sources: Mapping[uuid.UUID, Source]) -> Laid:
    source = sources[clip.source] if isinstance(clip, MediaClip) else None
    behind = before.end if before else 0
    transition = None if isinstance(clip, TextClip) else clip.transition
    start = behind - (transition.frames if transition and before else 0) if clip.start is None else clip.start
    frames = clip.frames or _to_the_end(clip, source, timeline.rate)
    return Laid(clip, start, frames, transition.frames if transition and before else 0, source)


def _to_the_end(clip: MediaClip | ColourClip | TextClip, source: Source | None, fps: Fraction) -> int:
    """1 where there is no end: that is a fault of its own."""
    left = _left(clip, source, fps) if isinstance(clip, MediaClip) and source is not None else 0.0
    return frames_in(left, fps) if 0 < left < float("inf") else 1


def _left(clip: MediaClip, source: Source, fps: Fraction) -> float:
    """Seconds of the timeline that the file lasts from the clip's beginning; endless for a still."""
    if source.picture is not None and source.picture.still:
        return float("inf")
    lasts = source.picture.seconds if source.picture is not None else source.seconds
    return (lasts - float(clip.source_start / fps)) / clip.speed


def _clip_faults(laid: Laid, before: Laid | None, fps: Fraction) -> Iterator[tuple[str, str]]:
    """Where in the clip, and what is wrong."""
    clip = laid.clip
    if isinstance(clip, MediaClip) and laid.source is not None:
        yield from _source_faults(clip, laid, laid.source, fps)
    if clip.fade_in + clip.fade_out > laid.frames:
        yield "/fade_in", f"its fades take {clip.fade_in + clip.fade_out} frames, it has {laid.frames}"
    if before is not None and laid.start < before.end and not laid.overlap:
        yield (
            "/start",
            f"begins at frame {laid.start}, inside the clip before it, which ends at {before.end}; use a transition or another track",
        )
    if isinstance(clip, TextClip) or clip.transition is None:
        return
    if fault := xfade_fault(clip.transition.name):
        yield "/transition/name", fault
    if before is None or isinstance(before.clip, TextClip) or not (before.seen and laid.seen):
        yield "/transition", "comes from nothing: the clip before it on its track must have a picture, as it must itself; use fade_in"
    elif laid.start != before.end - laid.overlap:
        yield "/start", f"with its transition it begins at frame {before.end - laid.overlap}, or where nothing is said"
    elif laid.overlap > laid.frames:
        yield "/transition/frames", f"takes {laid.overlap} frames, the clip has {laid.frames}"


def _source_faults(clip: MediaClip, laid: Laid, source: Source, fps: Fraction) -> Iterator[tuple[str, str]]:
    left = _left(clip, source, fps)
    still = left == float("inf")
    if still and clip.frames is None:
        yield "/frames", f"{source.name} is a still: say for how many frames it is shown"
    elif left <= 0:
        yield (
            "/source_start",
            f"{source.name} lasts {float(source.seconds * fps):.0f} frames; nothing of it is left from frame {clip.source_start} on",
        )
    elif laid.frames > left * fps + 1:
        yield "/frames", f"asks for {laid.frames} frames, {source.name} has {float(left * fps):.0f} from there"


def _without_transition(clip: MediaClip | ColourClip | TextClip) -> MediaClip | ColourClip | TextClip:
    return clip if isinstance(clip, TextClip) else clip.model_copy(update={"transition": None})


def _notes(timeline: Timeline) -> Iterator[str]:
    texts = [clip.text for track in timeline.tracks for clip in track.clips if isinstance(clip, TextClip)]
    yield from burning.lost_letters(" ".join(texts))
