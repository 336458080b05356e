"""Anybody's file as streams that fit together: ffmpeg-python nodes of one size, rate, colour and exact length.

A picture comes upright, in square pixels, at a constant rate, 8-bit BT.709 4:2:0 (with alpha if asked) and has exactly
the frames asked for; a sound is 48 kHz stereo of exactly the samples asked for. What a file has already is not
converted: such a picture passes through untouched. Nodes made of one file from one start share its input.

ffmpeg-python takes equal nodes for one and the same. Who shows one file twice numbers the uses with `take`.
"""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction
from typing import Any

from pipelines.video.coding import SAMPLE_RATE
from pipelines.video.ffmpeg import MEDIA_FORMATS
from pipelines.video.footage import Source, examine
from pipelines.video.framing import Fit, even, framed, ground
from pipelines.video.palette import Colour
from pipelines.video.stills import Size

__all__ = [
    "SAMPLE_RATE",
    "Fit",
    "Source",
    "even",
    "examine",
    "frame_at",
    "frames_in",
    "ground",
    "picture",
    "samples_in",
    "silence",
    "sound",
]

BLACK: Colour = (0, 0, 0)
_LEAD = 0.05  # seconds at most that a seek goes before the frame it wants, so that rounding never loses it
_TINY = 1e-6  # seconds; below it times are the same
_SLACK = Fraction(1, 5)  # of a source's frame: how far its time stamps may lie from their place
_WITHOUT_INDEX = ("mpegts", "avi", "flv", "asf")  # a seek may end behind the key frame it needs
_WELL_BEFORE = 0.5  # seconds before the key frame that is needed
_ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}  # ffmpeg's own leave the alpha plane out


def frames_in(seconds: float, fps: Fraction) -> int:
    """Whole frames that last about `seconds`, at least one."""
    return max(1, round(seconds * fps))


def frame_at(second: float, fps: Fraction) -> int:
    """The number of the frame that begins nearest to `second`."""
    return round(second * fps)


def samples_in(frames: int, fps: Fraction) -> int:
    """Samples of sound that last as long as so many frames."""
    return round(frames * SAMPLE_RATE / fps)


def picture(
    source: Source,
    size: Size,
    fps: Fraction,
    *,
    frames: int,
    start: float = 0.0,
    fit: Fit = "contain",
    behind: Colour = BLACK,
    alpha: bool = False,
    loop: bool = False,
    take: int = 0,
) -> Any:
    """Exactly `frames` frames of `size` (even sides) from second `start` on; after the file's end its last frame stays.

    behind: the colour around a contained picture, and under a transparent one. alpha: keeps transparency (yuva420p), and
    leaves what is around clear. loop: begins again at the end, instead of holding the last frame.
    Raises InvalidInput for a file without a picture.
    """
    seen = source.seen
    stream = _taken(source, fps, start, loop, take)[str(seen.stream)]
    # Before the rate is raised fewer frames are scaled than after; but on a ground they are laid in their final time.
    early = seen.still or (seen.fps < fps and (alpha or not seen.alpha))
    if not early:
        stream = _timed(stream, source, fps, start, frames, loop)
    stream = framed(stream, seen, size, fps=fps, frames=1 if seen.still else frames, fit=fit, behind=behind, alpha=alpha, take=take)
    return _timed(stream, source, fps, start, frames, loop) if early else stream


def sound(source: Source, samples: int, *, start: float = 0.0, loop: bool = False, take: int = 0) -> Any:
    """Exactly `samples` samples of 48 kHz stereo from second `start` on; silence where there is none. Mono keeps its level."""
    if source.sound is None:
        return silence(samples, take)
    stream = _taken(source, None, start, loop, take)[str(source.sound.stream)]
    first = round(_late(source, start) * SAMPLE_RATE)
    # async=1 fills gaps and a late beginning with silence, and cuts what lies before first_pts.
    timing = {"async": 1, "first_pts": first}
    stream = stream.filter("aresample", SAMPLE_RATE, osf="fltp", ochl="stereo", **timing, **_mixed_down(source.sound.channels))
    return stream.filter("asetpts", "N").filter("apad", whole_len=samples).filter("atrim", end_sample=samples)


def silence(samples: int, take: int = 0) -> Any:
    import ffmpeg as graph

    return graph.input(f"anullsrc=r={SAMPLE_RATE}:cl=stereo:nb_samples={1024 + take}", f="lavfi").filter("atrim", end_sample=samples)


def _taken(source: Source, fps: Fraction | None, start: float, loop: bool, take: int) -> Any:
    """The file as an ffmpeg input that begins a little before `start`."""
    import ffmpeg as graph

    path = source.path.absolute()
    address = f"{path.parent}{'/.' * take}/{path.name}"  # the same file under another name for every use
    if source.picture is not None and source.picture.still:
        return graph.input(address, f=source.format, framerate=str(fps))
    options: dict[str, Any] = {"format_whitelist": MEDIA_FORMATS}
    decoder = _ALPHA_DECODERS.get(source.picture.codec) if source.picture and source.picture.alpha else None
    if decoder:
        options["c:v"] = decoder
    if loop:
        options["stream_loop"] = -1
    at = _seek(source, start)
    if at > 0:
        options["ss"] = f"{at:.6f}"
    return graph.input(address, **options)


def _seek(source: Source, start: float) -> float:
    """Where to begin reading, in seconds from the file's own beginning: before the frame shown at `start`. 0 means no seek."""
    if not source.seekable:
        return 0.0
    if source.picture is None or source.picture.still:
        return max(0.0, round(start - _LEAD, 6))
    times, shown = source.picture.times, source.shown_at(start)
    if shown == 0:
        return 0.0
    if source.format in _WITHOUT_INDEX:
        keys = source.picture.keys
        key = keys[bisect_right(keys, times[shown]) - 1] if keys else 0.0
        return max(0.0, round(key + source.lead - _WELL_BEFORE, 6))
    return round(times[shown] + source.lead - min(_LEAD, (times[shown] - times[shown - 1]) / 2), 6)


def _late(source: Source, start: float) -> float:
    """Seconds from where reading begins to `start`."""
    return start + source.lead - _seek(source, start)


def _timed(stream: Any, source: Source, fps: Fraction, start: float, frames: int, loop: bool) -> Any:
    """At the constant rate, from `start`, exactly so many frames."""
    seen = source.seen
    if seen.still:
        return stream.filter("tpad", stop=frames - 1, stop_mode="clone") if frames > 1 else stream
    if not source.seekable:  # nor are the time stamps of its frames to be trusted: they are counted
        stream = stream.filter("setpts", f"N/({seen.fps})/TB")
    late = _late(source, start) - _ahead(source, fps)
    if abs(late) > _TINY:
        stream = stream.filter("setpts", f"PTS-({late:.6f})/TB")
    stream = stream.filter("fps", str(fps), start_time=0, eof_action="pass")
    if not loop and start + frames / fps > seen.seconds - 1.5 / float(fps):
        stream = stream.filter("tpad", stop=-1, stop_mode="clone")
    return stream.filter("trim", end_frame=frames)


def _mixed_down(channels: int) -> dict[str, float]:
    """Mono as loud as it was, which the resampler would make 3 dB quieter; many channels never above full scale."""
    if channels == 1:
        return {"rematrix_volume": 1.41421356}
    return {"rematrix_maxval": 1} if channels > 2 else {}


def _ahead(source: Source, fps: Fraction) -> float:
    """Seconds by which frames are moved forward, so that rounding to the nearest place shows what is on the screen at each place's time.

    Not where the rates are equal, nor where they vary: there the nearest place is the best one.
    """
    seen = source.seen
    if not seen.constant or seen.fps == fps:
        return 0.0
    return float(Fraction(1, 2) / fps - min(_SLACK / seen.fps, Fraction(9, 20) / fps))
