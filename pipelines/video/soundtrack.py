"""The sound of a timeline: each track end to end, all tracks together, exactly as long as the picture."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from pipelines.video.inputs import samples_in, silence
from pipelines.video.inputs import sound as heard
from pipelines.video.layout import Laid, LaidTrack, Layout
from pipelines.video.mixing import exact, mixed
from pipelines.video.timeline import MediaClip

_CEILING = 0.95  # what a track that was made louder never exceeds


def sound(layout: Layout) -> Any | None:
    """48 kHz stereo, or None where nothing is heard. What would clip is held by a limiter."""
    tracks = [_track(track, layout) for track in layout.tracks if not track.muted and any(laid.heard for laid in track.clips)]
    if not tracks:
        return None
    samples = samples_in(layout.frames, layout.fps)
    if len(tracks) == 1 and _louder(layout):
        return exact(tracks[0].filter("alimiter", limit=_CEILING, level=0, latency=1), samples)
    return exact(tracks[0], samples) if len(tracks) == 1 else mixed(tracks, samples)


def _louder(layout: Layout) -> bool:
    volumes = [(track.volume, laid) for track in layout.tracks for laid in track.clips if laid.heard]
    return any(isinstance(laid.clip, MediaClip) and volume + laid.clip.volume > 0 for volume, laid in volumes)


def _track(track: LaidTrack, layout: Layout) -> Any:
    """Clips and the silences between them; a transition crosses at even power."""
    parts: list[Any] = []
    reached = 0
    for laid in track.clips:
        if laid.start >= layout.frames or not isinstance(laid.clip, MediaClip):
            continue
        begin, end = samples_in(laid.start, layout.fps), samples_in(laid.end, layout.fps)
        piece = _clip(laid, track, layout, end - begin)
        if begin < reached:
            parts = [_crossed(_end_to_end(parts), piece, reached - begin)]
        else:
            parts += [silence(begin - reached, 2 * laid.take), piece] if begin > reached else [piece]
        reached = end
    return _end_to_end(parts)


def _end_to_end(parts: list[Any]) -> Any:
    import ffmpeg as graph

    return parts[0] if len(parts) == 1 else graph.filter(parts, "concat", n=len(parts), v=0, a=1)


def _crossed(line: Any, piece: Any, samples: int) -> Any:
    import ffmpeg as graph

    return graph.filter([line, piece], "acrossfade", ns=samples, c1="qsin", c2="qsin")


def _clip(laid: Laid, track: LaidTrack, layout: Layout, samples: int) -> Any:
    clip = laid.clip
    if not isinstance(clip, MediaClip) or laid.source is None or not laid.heard:
        return silence(samples, 2 * laid.take + 1)
    speed = Fraction(str(clip.speed))
    piece = heard(laid.source, round(samples * speed), start=float(clip.source_start / layout.fps), take=laid.take)
    if speed != 1:
        piece = exact(_paced(piece, speed), samples)
    if track.volume + clip.volume:
        piece = piece.filter("volume", f"{track.volume + clip.volume:.2f}dB")
    if clip.fade_in:
        piece = piece.filter("afade", type="in", start_sample=0, nb_samples=samples_in(clip.fade_in, layout.fps))
    if clip.fade_out:
        length = samples_in(clip.fade_out, layout.fps)
        piece = piece.filter("afade", type="out", start_sample=samples - length, nb_samples=length)
    return piece


def _paced(piece: Any, speed: Fraction) -> Any:
    """The pitch stays. Below a half in two steps, which atempo does better than one."""
    if speed >= Fraction(1, 2):
        return piece.filter("atempo", float(speed))
    return piece.filter("atempo", 0.5).filter("atempo", float(speed * 2))
