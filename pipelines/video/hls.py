"""HLS: one film in several sizes, cut into segments between which players change as the line allows.

fMP4 segments of six seconds that all begin with a key frame, sound in a group of its own, a master playlist.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from core.errors import StepFailed
from pipelines.video import ffmpeg
from pipelines.video.coding import Coding, Options, picture_options, sound_options
from pipelines.video.framing import even
from pipelines.video.process import Run
from pipelines.video.rendering import Progress, tagged
from pipelines.video.stills import Size

SEGMENT_SECONDS = 6
_RATES = {2160: 16_000, 1440: 9_000, 1080: 5_000, 720: 2_800, 480: 1_400, 360: 800, 240: 400}  # kbit/s of H.264 by shorter side
CODECS = {"h264": 1.0, "h265": 0.6}  # that segments may hold, with the share of H.264's rate that they need
_DURATION = re.compile(r"^#EXTINF:([\d.]+)", re.MULTILINE)
_ROUNDING = 0.1  # seconds by which the lengths in a playlist, each rounded, may add up wrongly


@dataclass(frozen=True)
class Rung:
    """bitrate: kbit/s of the picture, which it never exceeds for long."""

    size: Size
    bitrate: int


def ladder(size: Size, codec: str, wanted: list[int] | None) -> list[Rung]:
    """Rungs by shorter side, the largest first, never larger than the picture; at least one, which is the picture's own size."""
    shorter = min(size)
    sides = sorted({side for side in wanted or (1080, 720, 480, 360) if side <= shorter}, reverse=True) or [shorter]
    return [Rung(even((size[0] * side / shorter, size[1] * side / shorter)), _rate(side, codec)) for side in sides]


def _rate(side: int, codec: str) -> int:
    nearest = min(_RATES, key=lambda known: abs(known - side))
    return max(150, int(_RATES[nearest] * float(side / nearest) ** 1.5 * CODECS[codec]))


def render_hls(
    picture: Any,
    sound: Any | None,
    rungs: list[Rung],
    folder: Path,
    *,
    frames: int,
    fps: Fraction,
    coding: Coding,
    run: Run,
    progress: Progress,
) -> dict[str, Any]:
    """Write master.m3u8 and a folder for every rung into an empty folder, by one ffmpeg process. Returns what was made.

    picture: of the largest rung's size. Raises StepFailed for playlists that are not as long as the picture.
    """
    import ffmpeg as graph

    copies = picture.filter_multi_output("split", len(rungs)) if len(rungs) > 1 else [picture]
    sized = [copies[at] if at == 0 else copies[at].filter("scale", *rung.size) for at, rung in enumerate(rungs)]
    streams = [tagged(one) for one in sized] + ([sound] if sound is not None else [])
    output = graph.output(*streams, str(folder / "v%v" / "index.m3u8"), **_options(rungs, fps, coding, sound is not None))
    ffmpeg.watch(output, frames, run, lambda done: progress(done, f"frame {round(done * frames)} of {frames}"))
    return _checked(folder, rungs, float(frames / fps), sound is not None)


def packed(folder: Path, target: Path) -> None:
    """The folder as one ZIP, not compressed again."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))


def _options(rungs: list[Rung], fps: Fraction, coding: Coding, sound: bool) -> dict[str, Any]:
    options: Options = {name: value for name, value in picture_options(coding, fps).items() if name not in ("crf", "b:v")}
    options |= sound_options(coding) if sound else {}
    for at, rung in enumerate(rungs):
        options |= {
            f"b:v:{at}": f"{rung.bitrate}k",
            f"maxrate:v:{at}": f"{rung.bitrate * 11 // 10}k",
            f"bufsize:v:{at}": f"{rung.bitrate * 2}k",
        }
    group = ",agroup:sound" if sound else ""
    variants = [f"v:{at}{group},name:{min(rung.size)}p" for at, rung in enumerate(rungs)]
    return {
        **options,
        "map_metadata": -1,
        "f": "hls",
        "hls_time": SEGMENT_SECONDS,
        "hls_playlist_type": "vod",
        "hls_segment_type": "fmp4",
        "hls_flags": "independent_segments",
        "hls_fmp4_init_filename": "init.mp4",
        "master_pl_name": "master.m3u8",
        "var_stream_map": " ".join(variants + (["a:0,agroup:sound,default:yes,name:sound"] if sound else [])),
    }


def _checked(folder: Path, rungs: list[Rung], seconds: float, sound: bool) -> dict[str, Any]:
    if not (folder / "master.m3u8").is_file():
        raise StepFailed("ffmpeg wrote no master playlist")
    told = []
    for rung in rungs:
        playlist = folder / f"v{min(rung.size)}p" / "index.m3u8"
        lasts = [float(found) for found in _DURATION.findall(playlist.read_text())]
        if abs(sum(lasts) - seconds) > _ROUNDING:
            raise StepFailed(f"The playlist of {rung.size[0]} x {rung.size[1]} lasts {sum(lasts):.3f} s instead of {seconds:.3f} s")
        size = {"width": rung.size[0], "height": rung.size[1], "bitrate": rung.bitrate}
        told.append({**size, "playlist": str(playlist.relative_to(folder)), "segments": len(lasts)})
    return {"master": "master.m3u8", "rungs": told, "sound": sound}
