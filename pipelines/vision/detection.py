"""One run of a detector over its sources: in batches, drawn if asked for, told as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.recipe import Kitchen, Made, Product
from pipelines.vision.preview import Draw, Preview
from pipelines.vision.sources import Frame, Sources, batches, frames

SHOWN = 100  # frames in the job's result; the file has all
_IN_FILE_ONLY = ("mesh",)  # too long for a job's result

Found = list[dict[str, Any]]


@dataclass(frozen=True)
class Detector:
    """what: the plural that names its findings, such as faces. find: the findings of each frame of a batch.

    facts: model, engine, device. notes: what the user should know, such as a fall-back.
    """

    what: str
    find: Callable[[list[Frame]], list[Found]]
    draw: Draw
    batch: int
    facts: dict[str, Any]
    notes: list[str] = field(default_factory=list)


def examine(params: Sources, kitchen: Kitchen, detector: Detector) -> Made:
    """Everything found, in pixels of the upright originals. May run twice. Raises as `sources.frames`, and what `find` raises."""
    rows, total = [], 0
    preview = Preview(kitchen.folder, detector.draw)
    try:
        for batch in batches(frames(params, kitchen), detector.batch):
            for frame, items in zip(batch, detector.find(batch), strict=True):
                rows.append({**frame.facts(), detector.what: items})
                total += len(items)
                if params.preview:
                    preview.add(frame, items)
    finally:
        preview.close()
    facts = {**detector.facts, "notes": detector.notes, f"{detector.what}_total": total, "frames_total": len(rows)}
    document = _saved(kitchen.folder / f"{detector.what}.json", {**facts, "frames": rows})
    products = (Product(document, "application/json", document.name, role=detector.what), *preview.products)
    return Made(products, facts | {"frames": [_shown(row, detector.what) for row in rows[:SHOWN]]})


def _shown(row: dict[str, Any], what: str) -> dict[str, Any]:
    return {**row, what: [{name: value for name, value in item.items() if name not in _IN_FILE_ONLY} for item in row[what]]}


def _saved(path: Path, document: dict[str, Any]) -> Path:
    path.write_text(json.dumps(document))
    return path


def rounded(values: Any, digits: int = 1) -> list[Any]:
    """An array's numbers as JSON has them."""
    import numpy as np

    found: list[Any] = np.round(np.asarray(values, np.float64), digits).tolist()
    return found
