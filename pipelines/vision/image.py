"""`vision.image`: a picture file of any form as upright sRGB PNG, and what the file is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import Field

from core.params import Params
from pipelines.recipe import ImageId, Kitchen, Made, Product, Recipe
from pipelines.vision.loading import Picture, frames, load
from pipelines.vision.sources import told_where
from providers.sniff import MAX_FRAMES


class ImageParams(Params):
    """Pictures to read."""

    sources: list[ImageId] = Field(min_length=1, max_length=100, description="image assets, in order")
    frames: int = Field(default=1, ge=1, le=MAX_FRAMES, description="frames of a moving picture, or pages, to take of each at most")
    longest_side: int | None = Field(default=None, ge=16, le=8192, description="larger pictures are reduced to this many pixels")


def make(params: ImageParams, kitchen: Kitchen) -> Made:
    """May run twice. Raises MediaUnreadable for a file that is broken, too large or no picture."""
    products, facts = [], []
    for number, source in enumerate(params.sources):
        kitchen.progress(number / len(params.sources), f"reads image {number + 1} of {len(params.sources)}")
        with told_where(number):
            for index, picture in enumerate(_taken(kitchen.files[source], params.frames)):
                kitchen.progress((number + index / params.frames) / len(params.sources), "")
                facts.append({"source": str(source), "frame": index, **picture.facts})
                products.append(_saved(kitchen.folder / f"image-{number + 1}-{index + 1}.png", picture, params.longest_side))
    document = kitchen.folder / "image.json"
    document.write_text(json.dumps({"images": facts}))
    return Made((*products, Product(document, "application/json", document.name, role="facts")), {"images": facts[:100]})


def _taken(path: Path, count: int) -> Iterator[Picture]:
    return iter([load(path)]) if count == 1 else islice(frames(path), count)


def _saved(path: Path, picture: Picture, longest: int | None) -> Product:
    """Without the file's metadata: where a picture was taken is nobody's business."""
    image = picture.image.copy()
    image.info.clear()
    if longest:
        image.thumbnail((longest, longest))
    image.save(path, compress_level=3)
    facts: dict[str, Any] = {"from": picture.facts}
    return Product(path, "image/png", path.name, role="image", facts=facts)


recipe = Recipe("vision.image", ImageParams, make, pool="gpu", summary="Any picture file as upright sRGB PNG, with its facts.")
