"""Words of a timeline, drawn by libass onto what lies below them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from pipelines.video import burning, lettering, subtitles
from pipelines.video.layout import Laid, Layout
from pipelines.video.palette import INK, parse
from pipelines.video.timeline import TextClip

_MOST_LINES = 8


def written(film: Any, clip: TextClip, laid: Laid, layout: Layout, first: int, folder: Path) -> Any:
    """The film, which begins at frame `first` of the timeline, with the clip's words on it."""
    script = subtitles.script([_letters(clip, laid, layout, first)], layout.size, INK)
    name = f"title-{hashlib.sha256(script.encode()).hexdigest()[:32]}.ass"  # by content: equal spans have equal graphs
    return burning.burn(film, burning.prepare(script, folder, name))


def _letters(clip: TextClip, laid: Laid, layout: Layout, first: int) -> subtitles.Letters:
    shorter = min(layout.size)
    fitted = lettering.fit(lettering.cleaned(clip.text), clip.width * layout.size[0], clip.size * shorter, _MOST_LINES)
    begun = laid.start < first
    fades = [0 if begun else clip.fade_in, clip.fade_out]
    tags = [f"\\fad({','.join(str(round(frames * 1000 / layout.fps)) for frames in fades)})"] if any(fades) else []
    tags += [f"\\alpha&H{round((1 - clip.opacity) * 255):02X}&"] if clip.opacity < 1 else []
    markup = ("{" + "".join(tags) + "}" if tags else "") + subtitles.join_lines([subtitles.escape(line) for line in fitted.lines])
    # Half a frame early, so that the format's hundredths of a second never lose the first frame or add one.
    start, end = (max(0.0, (frame - first - 0.5) / float(layout.fps)) for frame in (laid.start, laid.end))
    place = (clip.x * layout.size[0], clip.y * layout.size[1])
    return subtitles.Letters(markup, *place, fitted.size, parse(clip.colour), start, end, boxed=clip.boxed)
