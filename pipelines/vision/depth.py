"""`vision.depth`: how near everything in a picture or film is: 16-bit maps, coloured previews, JSON."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from pipelines.recipe import Kitchen, Made, Product, Recipe
from pipelines.vision.detection import SHOWN
from pipelines.vision.networks import NO_GPU
from pipelines.vision.preview import Preview
from pipelines.vision.sources import Frame, Sources, batches, frames

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

BATCH = 4
_GUIDED_AT = 1280  # pixels of the longer side at which a map follows the picture's edges


class DepthParams(Sources):
    """How near things are."""

    model: Literal["depth-small", "midas-small"] = Field(
        default="depth-small", description="depth-small: Drumbeat's own; midas-small: MiDaS v2.1, needs access to its publisher once"
    )
    preview: bool = Field(default=True, description="also in colour, near is bright: a JPEG of each image, an MP4 of each film")


@dataclass(frozen=True)
class Depths:
    """estimate: pictures -> maps of any size, near is high. facts: model, engine, device. notes: for the user."""

    estimate: Callable[[list[Array]], list[Array]]
    facts: dict[str, Any]
    notes: list[str] = field(default_factory=list)


def make(params: DepthParams, kitchen: Kitchen) -> Made:
    """A 16-bit PNG of each image, a ZIP of them for each film. May run twice. Raises as `sources.frames`, and ModelUnavailable.

    A map's numbers are relative: value = low + number / 65535 * (high - low), with the frame's own low and high in the JSON.
    """
    depths, preview = estimator(params.model, kitchen), Preview(kitchen.folder, lambda _canvas, _item: None)
    maps, rows = Maps(kitchen.folder), []
    try:
        for batch in batches(frames(params, kitchen), BATCH):
            for frame, found in zip(batch, depths.estimate([frame.pixels for frame in batch]), strict=True):
                full = sized(found, frame.pixels)
                low, high = float(full.min()), float(full.max())
                near = (full - low) / max(high - low, 1e-6)
                rows.append({**frame.facts(), "map": maps.add(frame, near), "low": round(low, 5), "high": round(high, 5)})
                if params.preview:
                    preview.add(Frame(frame.source, frame.index, frame.seconds, coloured(near)), [])
    finally:
        preview.close()
        maps.close()
    facts = {**depths.facts, "notes": depths.notes, "frames_total": len(rows)}
    document = kitchen.folder / "depth.json"
    document.write_text(json.dumps({**facts, "frames": rows}))
    return Made(
        (*maps.products, Product(document, "application/json", document.name, role="depth"), *preview.products),
        facts | {"frames": rows[:SHOWN]},
    )


def estimator(model: str, kitchen: Kitchen) -> Depths:
    """With its weights loaded."""
    if model == "midas-small":
        from pipelines.vision.midas.published import load_published

        published = load_published(kitchen.weight("midas-small"))
        return Depths(published.estimate, {"model": model, "engine": "onnxruntime", "device": published.device}, published.notes)
    from pipelines.vision.midas.estimator import load_estimator

    own = load_estimator(kitchen.weight("nanodet"))
    return Depths(own.estimate, {"model": model, "engine": "torch", "device": own.device}, [NO_GPU] if own.device == "cpu" else [])


def sized(found: Array, pixels: Array) -> Array:
    """The map in the picture's size, bent to its edges by a guided filter (He, Sun, Tang 2010)."""
    import cv2
    import numpy as np

    height, width = pixels.shape[:2]
    scale = min(1.0, _GUIDED_AT / max(height, width))
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    guide = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    smooth = cv2.resize(found.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    followed = cv2.ximgproc.guidedFilter(guide, smooth, max(size) // 60 + 1, (0.14 * 255) ** 2)
    return np.asarray(cv2.resize(followed, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def coloured(near: Array) -> Array:
    """(height, width, 3) uint8 of a map from 0 to 1: far is dark, near is bright."""
    import cv2
    import numpy as np

    drawn = cv2.applyColorMap((np.clip(near, 0, 1) * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)
    return np.asarray(cv2.cvtColor(drawn, cv2.COLOR_BGR2RGB))


class Maps:
    """The 16-bit files: a PNG of each still, a ZIP of PNGs of each film."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._archives: dict[Any, zipfile.ZipFile] = {}
        self.products: list[Product] = []

    def add(self, frame: Frame, near: Array) -> str:
        """The name of the file that now holds the map, after a slash where it is in a ZIP. near: from 0 to 1."""
        import cv2
        import numpy as np

        _, packed = cv2.imencode(".png", np.rint(near * 65535).astype(np.uint16))
        if frame.seconds is None:
            path = self._next("png", "image/png")
            path.write_bytes(packed.tobytes())
            return path.name
        if frame.source not in self._archives:
            self._archives[frame.source] = zipfile.ZipFile(self._next("zip", "application/zip"), "w")
        archive = self._archives[frame.source]
        archive.writestr(name := f"{frame.index:06d}.png", packed.tobytes())
        return f"{Path(archive.filename or '').name}/{name}"

    def close(self) -> None:
        """Complete the ZIPs. May run twice."""
        for archive in self._archives.values():
            archive.close()

    def _next(self, ending: str, media_type: str) -> Path:
        path = self._folder / f"depth-{len(self.products) + 1}.{ending}"
        self.products.append(Product(path, media_type, path.name, role="depth"))
        return path


recipe = Recipe("vision.depth", DepthParams, make, pool="gpu", summary="How near things in pictures and films are, as 16-bit maps.")
