"""The transitions that ffmpeg's xfade knows, by name."""

from __future__ import annotations

import difflib

_NAMES = """
fade fadeblack fadewhite fadegrays fadefast fadeslow dissolve distance pixelize radial hblur zoomin squeezeh squeezev
wipeleft wiperight wipeup wipedown wipetl wipetr wipebl wipebr slideleft slideright slideup slidedown
smoothleft smoothright smoothup smoothdown coverleft coverright coverup coverdown revealleft revealright revealup revealdown
circlecrop rectcrop circleopen circleclose vertopen vertclose horzopen horzclose diagtl diagtr diagbl diagbr
hlslice hrslice vuslice vdslice hlwind hrwind vuwind vdwind
"""
XFADES = tuple(_NAMES.split())


def xfade_fault(name: str) -> str | None:
    """Why there is no such transition, with the nearest names; None for one there is."""
    if name in XFADES:
        return None
    near = difflib.get_close_matches(name.lower().replace("_", "").replace(" ", ""), XFADES, n=3, cutoff=0.4)
    return f"there is no transition {name!r}; " + (f"nearest are {', '.join(near)}" if near else f"there are {', '.join(XFADES)}")
