"""Pixels brought into a frame: upright ones of any size and colour made BT.709 4:2:0 of the frame's size."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Literal

from core.errors import InvalidInput
from pipelines.video.footage import LONGEST_SIDE, PictureFacts
from pipelines.video.palette import Colour
from pipelines.video.stills import Size

Fit = Literal["contain", "cover", "blur", "stretch"]

_WHITE = 203  # cd/m2 of an HDR picture's paper white (ITU-R BT.2408)
_TRANSFERS = {"pq": "smpte2084", "hlg": "arib-std-b67", "": "bt709"}
_BLUR_AT = 8  # the blurred copy is made at an eighth of the size
_DIMMED = 0.6
_ENDLESS = 1_000_000  # seconds
_UNDER_PICTURES, UNDER_TEXTS = 400_000, 800_000  # from which number on such grounds are counted, apart from all others


def even(size: tuple[float, float]) -> Size:
    """The nearest size with even sides, which 4:2:0 needs."""
    return max(2, round(size[0] / 2) * 2), max(2, round(size[1] / 2) * 2)


def contained(size: Size, frame: Size) -> Size:
    """The largest even size of this shape inside the frame."""
    factor = min(frame[0] / size[0], frame[1] / size[1])
    width, height = even((size[0] * factor, size[1] * factor))
    return min(width, frame[0]), min(height, frame[1])


def framed(
    stream: Any, seen: PictureFacts, size: Size, *, fps: Fraction, frames: int, fit: Fit, behind: Colour, alpha: bool, take: int = 0
) -> Any:
    """The stream in a frame of `size`. take: see `inputs`. Raises InvalidInput for a frame with odd or absurd sides."""
    if any(side % 2 or not 2 <= side <= LONGEST_SIDE for side in size):
        raise InvalidInput(f"A picture of {size[0]} x {size[1]} pixels cannot be made", hint=f"Give even sides from 2 to {LONGEST_SIDE}.")
    if seen.interlaced:
        stream = stream.filter("bwdif", mode="send_frame", deint="interlaced")
    if seen.alpha and not alpha:
        return _flattened(stream, seen, size, fps, frames, fit, behind, take)
    if fit == "blur" and contained(seen.size, size) != size:
        return _blurred(_converted(stream, seen, seen.stored, alpha), seen, size)
    if fit == "cover":
        return _converted(_cropped(stream, seen, size), seen, size, alpha, stored=_kept(seen, size))
    if fit == "stretch":
        return _converted(stream, seen, size, alpha)
    inner = contained(seen.size, size)
    return _padded(_converted(stream, seen, inner, alpha), inner, size, behind, alpha)


def ground(colour: Colour, size: Size, fps: Fraction, frames: int, *, opacity: float = 1.0, alpha: bool = False, take: int = 0) -> Any:
    """A plain area, of the same kind as what `picture` gives. take: numbers equal ones of one graph."""
    import ffmpeg as graph

    red, green, blue = colour
    plain = f"color=c=0x{red:02x}{green:02x}{blue:02x}@{opacity:.4f}:s={size[0]}x{size[1]}:r={fps}" + (
        f":d={_ENDLESS + take}" if take else ""
    )
    # Inside the source: between it and a filter outside the alpha plane would be lost.
    pixels = f"format={'yuva420p' if alpha else 'yuv420p'}:color_spaces=bt709:color_ranges=tv"
    return graph.input(f"{plain},{pixels}", f="lavfi").filter("trim", end_frame=frames)


def _converted(stream: Any, seen: PictureFacts, size: Size, alpha: bool, stored: Size | None = None) -> Any:
    """Scaled and in our colours, by as few filters as that takes."""
    pixels = "yuva420p" if alpha else "yuv420p"
    resized = (stored or seen.stored) != size
    if seen.hdr or seen.wide:
        stream = _tone_mapped(stream, seen, size, resized).filter("format", pixels)
    elif resized or seen.full_range or seen.matrix != "bt709" or seen.pixel_format != pixels:
        source = {} if seen.matrix == "rgb" else {"in_color_matrix": seen.matrix}
        ranges = {"in_range": "pc"} if seen.full_range else {}
        stream = stream.filter("scale", *size, out_color_matrix="bt709", out_range="tv", **source, **ranges).filter("format", pixels)
    if not seen.marked:
        stream = stream.filter("setparams", colorspace="bt709", color_primaries="bt709", color_trc="bt709", range="tv")
    return stream.filter("setsar", 1) if resized or not seen.square else stream


def _tone_mapped(stream: Any, seen: PictureFacts, size: Size, resized: bool) -> Any:
    """BT.2020, HDR or not, as BT.709: dark and middle tones as they are, the highlights above paper white rolled off."""
    given = {"tin": _TRANSFERS[seen.hdr], "min": "2020_ncl" if seen.matrix != "rgb" else "gbr", "pin": "2020"}
    scaled = {"w": size[0], "h": size[1]} if resized else {}
    stream = stream.filter("zscale", **scaled, **given, t="linear", npl=_WHITE).filter("format", "gbrpf32le")
    stream = stream.filter("zscale", p="709")
    if seen.hdr:
        stream = stream.filter("tonemap", tonemap="mobius", desat=0)
    return stream.filter("zscale", t="709", m="709", r="limited")


def _kept(seen: PictureFacts, size: Size) -> Size:
    """The part of the stored picture, in its own pixels, that has the frame's shape."""
    factor = max(size[0] / seen.size[0], size[1] / seen.size[1])
    width = round(size[0] / factor * seen.stored[0] / seen.size[0])
    height = round(size[1] / factor * seen.stored[1] / seen.size[1])
    return min(width, seen.stored[0]), min(height, seen.stored[1])


def _cropped(stream: Any, seen: PictureFacts, size: Size) -> Any:
    width, height = _kept(seen, size)
    return stream if (width, height) == seen.stored else stream.filter("crop", width, height)


def _padded(stream: Any, inner: Size, size: Size, behind: Colour, alpha: bool) -> Any:
    if inner == size:
        return stream
    left, top = _centred(inner, size)
    return stream.filter("pad", *size, left, top, "black@0" if alpha else "0x{:02x}{:02x}{:02x}".format(*behind))


def _centred(inner: Size, size: Size) -> tuple[int, int]:
    """Even places, so that chroma stays where it belongs."""
    return (size[0] - inner[0]) // 4 * 2, (size[1] - inner[1]) // 4 * 2


def _flattened(stream: Any, seen: PictureFacts, size: Size, fps: Fraction, frames: int, fit: Fit, behind: Colour, take: int) -> Any:
    """A transparent picture laid on a plain ground."""
    inner = contained(seen.size, size) if fit in ("contain", "blur") else size
    laid = framed(stream, seen, inner, fps=fps, frames=frames, fit="cover" if fit == "cover" else "stretch", behind=behind, alpha=True)
    left, top = _centred(inner, size)
    return ground(behind, size, fps, frames, take=_UNDER_PICTURES + take).overlay(laid, x=left, y=top, format="yuv420", eof_action="repeat")


def _blurred(stream: Any, seen: PictureFacts, size: Size) -> Any:
    """The whole picture over a blurred, dimmed copy of itself that fills the frame."""
    inner = contained(seen.size, size)
    copies = stream.filter_multi_output("split", 2)
    small = even((size[0] / _BLUR_AT, size[1] / _BLUR_AT))
    back = _cropped(copies[0], seen, size).filter("scale", *small).filter("gblur", sigma=round(min(small) / 20, 2))
    faint = f"(val-128)*{_DIMMED}+128"
    back = back.filter("lutyuv", y=f"(val-16)*{_DIMMED}+16", u=faint, v=faint).filter("scale", *size).filter("setsar", 1)
    front = copies[1].filter("scale", *inner).filter("setsar", 1)
    left, top = _centred(inner, size)
    return back.overlay(front, x=left, y=top, format="yuv420")
