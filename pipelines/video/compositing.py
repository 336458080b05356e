"""The picture of a timeline, or of any span of it, as one ffmpeg filter graph.

The lowest track is laid end to end as the ground. What is smaller, moved or transparent, and what lies on higher
tracks, is laid over it. Every node stands for the same frames whether the whole is rendered or a span.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from pipelines.video import inputs, titles
from pipelines.video.framing import contained, even, ground
from pipelines.video.layout import Laid, LaidTrack, Layout
from pipelines.video.palette import parse
from pipelines.video.stills import Size
from pipelines.video.timeline import ColourClip, MediaClip, TextClip

Strip = list[Laid]  # clips of a track, each but the first coming in by a transition


def picture(layout: Layout, first: int, last: int, folder: Path, *, alpha: bool = False) -> Any:
    """Frames `first` to `last` (not included). folder: for the files that the graph reads. alpha: the background is clear.

    A span may begin and end anywhere but inside a transition or a fade, see `segments.safe_cuts`; the timeline's own end
    may lie there too.
    """
    tracks = [strips for track in layout.tracks if (strips := strips_of(track, first, last))]
    floor = [] if alpha or not tracks else [strip for strip in tracks[0] if all(_plain(laid) for laid in strip)]
    whole = _crossed_over(layout, last)
    film = _floor(layout, floor, first, whole, alpha)
    for strips in tracks:
        for strip in strips:
            if strip not in floor:
                film = _laid_over(film, layout, strip, first, whole, folder)
    return film if whole == last else film.filter("trim", end_frame=last - first)


def _crossed_over(layout: Layout, last: int) -> int:
    """`last`, or where the transitions that it cuts through are over: half of one cannot be made."""
    shown = [laid for track in layout.tracks if not track.hidden for laid in track.clips if laid.seen and laid.start < last]
    end = last
    while over := max((laid.start + laid.overlap for laid in shown if laid.start < end < laid.start + laid.overlap), default=0):
        end = over
    return end


def strips_of(track: LaidTrack, first: int, last: int) -> list[Strip]:
    """The track's visible clips between two frames, those that overlap together."""
    strips: list[Strip] = []
    shown = [] if track.hidden else [laid for laid in track.clips if laid.seen and laid.start < last and laid.end > first]
    for laid in shown:
        if strips and laid.start < strips[-1][-1].end:
            strips[-1].append(laid)
        else:
            strips.append([laid])
    return strips


def _plain(laid: Laid) -> bool:
    """It fills the frame, so that nothing needs to be laid over anything."""
    clip = laid.clip
    if isinstance(clip, ColourClip):
        return clip.opacity == 1
    return isinstance(clip, MediaClip) and (clip.scale, clip.x, clip.y, clip.opacity) == (1, 0.5, 0.5, 1)


def _floor(layout: Layout, strips: list[Strip], first: int, last: int, alpha: bool) -> Any:
    """The plain strips end to end, with the background between them."""
    parts: list[Any] = []
    reached = first
    for strip in strips:
        if strip[0].start > reached:
            parts.append(_background(layout, strip[0].start - reached, alpha, strip[0].take))
        parts.append(_joined(layout, strip, first, last, _full))
        reached = min(last, strip[-1].end)
    if reached < last:
        parts.append(_background(layout, last - reached, alpha, 0))
    return _end_to_end(parts, layout.fps)


def _background(layout: Layout, frames: int, alpha: bool, take: int) -> Any:
    return ground(layout.background, layout.size, layout.fps, frames, opacity=0.0 if alpha else 1.0, alpha=alpha, take=3 * take)


def _end_to_end(parts: list[Any], fps: Fraction) -> Any:
    import ffmpeg as graph

    if len(parts) == 1:
        return parts[0]
    return graph.filter(parts, "concat", n=len(parts), v=1, a=0).filter("fps", str(fps))  # concat forgets rate and time base


def _joined(layout: Layout, strip: Strip, first: int, last: int, show: Any) -> Any:
    """A strip's clips, each crossing into the next."""
    import ffmpeg as graph

    film, length = None, 0
    for laid in strip:
        begin, end = max(first, laid.start), min(last, laid.end)
        shown = show(layout, laid, begin, end)
        if film is None:
            film, length = shown, end - begin
            continue
        overlap = laid.overlap
        times = {"duration": _seconds(overlap, layout.fps), "offset": _seconds(length - overlap, layout.fps)}
        name = laid.clip.transition.name if not isinstance(laid.clip, TextClip) and laid.clip.transition else "fade"
        film, length = graph.filter([film, shown], "xfade", transition=name, **times), length + end - begin - overlap
    return film


def _laid_over(film: Any, layout: Layout, strip: Strip, first: int, last: int, folder: Path) -> Any:
    clip = strip[0].clip
    if isinstance(clip, TextClip):
        return titles.written(film, clip, strip[0], layout, first, folder)
    begin = max(first, strip[0].start)
    if len(strip) > 1 or isinstance(clip, ColourClip):
        layer, (left, top) = _joined(layout, strip, first, last, _sheet), (0, 0)
    else:
        layer, (left, top) = _boxed(layout, strip[0], begin, min(last, strip[0].end))
    if begin > first:
        layer = layer.filter("setpts", f"PTS+round({_seconds(begin - first, layout.fps)}/TB)")
    return film.overlay(layer, x=left, y=top, format="yuv420", eof_action="pass")


def _full(layout: Layout, laid: Laid, begin: int, end: int) -> Any:
    """A plain clip as it fills the frame; it fades from and to the background."""
    clip = laid.clip
    if isinstance(clip, ColourClip):
        shown = ground(parse(clip.colour), layout.size, layout.fps, end - begin, take=3 * laid.take + 1)
    else:
        shown = _taken(layout, laid, begin, end, layout.size, alpha=False)
    return _faded(shown, laid, begin, end, color="0x{:02x}{:02x}{:02x}".format(*layout.background))


def _boxed(layout: Layout, laid: Laid, begin: int, end: int) -> tuple[Any, Size]:
    """A clip in its own size, and the place of its upper left corner."""
    clip = laid.clip
    if not isinstance(clip, MediaClip) or laid.source is None:
        raise TypeError(f"{clip} has no box")
    whole = contained(laid.source.seen.size, layout.size) if clip.fit == "contain" else layout.size
    size = even((whole[0] * clip.scale, whole[1] * clip.scale))
    clear = laid.source.seen.alpha or clip.opacity < 1 or clip.fade_in > 0 or clip.fade_out > 0
    shown = _faded(_taken(layout, laid, begin, end, size, alpha=clear), laid, begin, end, alpha=1)
    if clip.opacity < 1:
        shown = shown.filter("lutyuv", a=f"val*{clip.opacity:.4f}")
    return shown, (_corner(clip.x, layout.size[0], size[0]), _corner(clip.y, layout.size[1], size[1]))


def _sheet(layout: Layout, laid: Laid, begin: int, end: int) -> Any:
    """A clip on a clear sheet of the film's size, so that sheets can cross."""
    clip = laid.clip
    if isinstance(clip, ColourClip):
        plain = ground(parse(clip.colour), layout.size, layout.fps, end - begin, opacity=clip.opacity, alpha=True, take=3 * laid.take + 1)
        return _faded(plain, laid, begin, end, alpha=1)
    box, (left, top) = _boxed(layout, laid, begin, end)
    clear = ground((0, 0, 0), layout.size, layout.fps, end - begin, opacity=0.0, alpha=True, take=3 * laid.take + 2)
    return clear.overlay(box, x=left, y=top, format="yuv420", eof_action="pass")


def _taken(layout: Layout, laid: Laid, begin: int, end: int, size: Size, *, alpha: bool) -> Any:
    """The clip's own frames, in the clip's own speed."""
    clip, fps = laid.clip, layout.fps
    if not isinstance(clip, MediaClip) or laid.source is None:
        raise TypeError(f"{clip} has no file")
    speed = Fraction(str(clip.speed))
    start = (clip.source_start + (begin - laid.start) * speed) / fps
    fit = "stretch" if size != layout.size and clip.fit == "contain" else clip.fit  # a contained box has the file's shape
    look: dict[str, Any] = {"fit": fit, "behind": layout.background, "alpha": alpha, "take": laid.take}
    shown = inputs.picture(laid.source, size, fps / speed, frames=end - begin, start=float(start), **look)
    if speed == 1:
        return shown
    return shown.filter("settb", f"{fps.denominator}/{fps.numerator}").filter("setpts", "N").filter("fps", str(fps))


def _faded(shown: Any, laid: Laid, begin: int, end: int, **ground: Any) -> Any:
    clip = laid.clip
    if clip.fade_in and begin - laid.start < clip.fade_in:
        shown = shown.filter("fade", type="in", start_frame=0, nb_frames=clip.fade_in, **ground)
    if clip.fade_out and laid.end - clip.fade_out < end:
        shown = shown.filter("fade", type="out", start_frame=laid.end - clip.fade_out - begin, nb_frames=clip.fade_out, **ground)
    return shown


def _corner(middle: float, whole: int, part: int) -> int:
    """Even, so that chroma stays where it belongs."""
    return round((middle * whole - part / 2) / 2) * 2


def _seconds(frames: int, fps: Fraction) -> str:
    return f"{float(frames / fps):.6f}"


def edges(layout: Layout) -> Iterator[tuple[int, int]]:
    """Spans of the timeline in which something changes from frame to frame, so that no cut may lie inside; an empty one is a mere cut."""
    for track in layout.tracks:
        for laid in () if track.hidden else track.clips:
            if laid.seen:
                yield laid.start, laid.start + max(laid.overlap, laid.clip.fade_in)
                yield laid.end - laid.clip.fade_out, laid.end
