"""The background of pictures and films taken away: a cut-out, or the foreground before something else.

The job kind is `tasks/vision_background.py`: a vendor may have made the mattes before.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from core.errors import InvalidInput
from core.params import Params
from pipelines.recipe import Kitchen, Made, PictureId, Product
from pipelines.vision.backdrop import Backdrop, composed, foreground
from pipelines.vision.film import Film, with_sound
from pipelines.vision.loading import is_picture, load
from pipelines.vision.matting import Matting, Model, matting
from pipelines.vision.sources import MAX_FRAMES, Sampling, Sources, frames, told_where
from pipelines.vision.steadying import Steadied

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

Mattes = Mapping[uuid.UUID, Path | None]  # of pictures whose matte is known: a grey image; None: no foreground


class BackgroundParams(Params):
    """What is cut out, and what it stands before."""

    sources: list[PictureId] = Field(min_length=1, max_length=100, description="image and video assets, in order")
    by: Literal["auto", "local", "remove.bg"] = Field(
        default="auto", description="auto: remove.bg for images where its key is set, else a model on the gpu pool; films are always local"
    )
    model: Model = Field(
        default="selfie", description="selfie finds people (Apache-2.0); isnet finds any subject, slowly (its weights are AGPL-3.0)"
    )
    subject: Literal["auto", "person", "product", "car"] = Field(default="auto", description="what remove.bg looks for")
    background: Backdrop | None = Field(default=None, description="what the foreground stands before; without it: a cut-out")
    matte: bool = Field(default=False, description="also the matte by itself, white where the foreground is")


def make(params: BackgroundParams, kitchen: Kitchen, mattes: Mattes) -> Made:
    """mattes: what a vendor told already. May run twice. Raises MediaUnreadable, ModelUnavailable, InvalidInput for a film too long."""
    local = matting(params.model, kitchen) if any(source not in mattes for source in params.sources) else None
    products, rows = [], []
    for number, source in enumerate(params.sources):
        share = _Share(number, len(params.sources), kitchen)
        with told_where(number):
            made, facts = _one(_Plate(source, number, params, share.kitchen), local, mattes)
        products += made
        rows.append({"source": str(source), **facts})
    document = kitchen.folder / "background.json"
    facts = {**(local.facts if local else {"model": "remove.bg"}), "notes": local.notes if local else [], "sources": rows}
    document.write_text(json.dumps(facts))
    return Made((*products, Product(document, "application/json", document.name, role="facts")), facts)


@dataclass(frozen=True)
class _Share:
    """A kitchen whose progress is that of one source among many."""

    number: int
    of: int
    whole: Kitchen

    @property
    def kitchen(self) -> Kitchen:
        told = self.whole.progress
        return Kitchen(
            self.whole.files,
            self.whole.folder,
            self.whole.run,
            lambda x, words: told((self.number + x) / self.of, words),
            self.whole.weight,
        )


@dataclass(frozen=True)
class _Plate:
    """One source on its way."""

    source: uuid.UUID
    number: int
    params: BackgroundParams
    kitchen: Kitchen

    @property
    def path(self) -> Path:
        return self.kitchen.files[self.source]

    def file(self, role: str, ending: str) -> Path:
        return self.kitchen.folder / f"{role}-{self.number + 1}.{ending}"

    def finished(self, pixels: Array, matte: Array) -> Array:
        """The picture before its new background, or with alpha."""
        import cv2
        import numpy as np

        if self.params.background:
            return composed(pixels, matte, self.params.background.behind(pixels, matte, self.kitchen))
        cutout = cv2.cvtColor(foreground(pixels, matte), cv2.COLOR_RGB2RGBA)
        cutout[..., 3] = np.rint(matte * 255)
        return np.asarray(cutout)

    @property
    def role(self) -> str:
        return "composite" if self.params.background else "cutout"


def _one(plate: _Plate, local: Matting | None, mattes: Mattes) -> tuple[list[Product], dict[str, Any]]:
    if plate.source in mattes:
        return _picture(plate, lambda pixels: _given(mattes[plate.source], pixels), "remove.bg")
    assert local is not None
    if is_picture(plate.path):
        return _picture(plate, local.matte, plate.params.model)
    return _film(plate, local)


def _given(path: Path | None, pixels: Array) -> Array:
    """A vendor's matte in the picture's own size."""
    import cv2
    import numpy as np

    if path is None:
        return np.zeros(pixels.shape[:2], np.float32)
    grey = np.asarray(load(path).image.convert("L"), np.float32) / 255
    return np.asarray(cv2.resize(grey, pixels.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _picture(plate: _Plate, find: Callable[[Array], Array], by: str) -> tuple[list[Product], dict[str, Any]]:
    import numpy as np
    from PIL import Image

    plate.kitchen.progress(0.0, f"cuts out image {plate.number + 1}")
    picture = load(plate.path)
    matte = find(picture.rgb)
    if picture.alpha is not None:  # what was transparent stays so
        matte = matte * (picture.alpha.astype(np.float32) / 255)
    plate.kitchen.progress(0.7, "")
    path = plate.file(plate.role, "png")
    Image.fromarray(plate.finished(picture.rgb, matte)).save(path, compress_level=3)
    products = [Product(path, "image/png", path.name, role=plate.role)]
    if plate.params.matte:
        apart = plate.file("matte", "png")
        Image.fromarray(np.rint(matte * 255).astype(np.uint8)).save(apart)
        products.append(Product(apart, "image/png", apart.name, role="matte"))
    return products, {"by": by, "frames": 1, **_told(matte)}


def _film(plate: _Plate, local: Matting) -> tuple[list[Product], dict[str, Any]]:
    """Every frame, its matte steadied by those before it; the source's sound is kept."""
    ending = "mp4" if plate.params.background else "webm"
    silent, path, apart = (plate.file(name, end) for name, end in (("silent", ending), (plate.role, ending), ("matte", "mp4")))
    steadied, shares = Steadied(), []
    every = Sources(sources=[plate.source], sampling=Sampling(every=1, limit=MAX_FRAMES))
    with ExitStack() as films:
        film = films.enter_context(Film(silent, transparent=not plate.params.background))
        drawn = films.enter_context(Film(apart, transparent=False)) if plate.params.matte else None
        for frame in frames(every, plate.kitchen, first=plate.number):
            matte = steadied.next(local.matte(frame.pixels))
            film.add(plate.finished(frame.pixels, matte), frame.seconds or 0.0)
            if drawn:
                drawn.add((matte[..., None] * 255).astype("uint8").repeat(3, 2), frame.seconds or 0.0)
            shares.append(float(matte.mean()))
    if len(shares) >= MAX_FRAMES:
        fault = {"pointer": f"/params/sources/{plate.number}", "detail": f"has {MAX_FRAMES} frames or more"}
        raise InvalidInput("The film is too long to be cut out frame by frame", hint="Cut it into parts first.", errors=[fault])
    with_sound(silent, plate.path, path, plate.kitchen.run)
    silent.unlink()
    products = [Product(path, f"video/{ending}", path.name, role=plate.role)]
    products += [Product(apart, "video/mp4", apart.name, role="matte")] if plate.params.matte else []
    return products, {"by": plate.params.model, "frames": len(shares), "coverage": round(sum(shares) / len(shares), 4)}


def _told(matte: Array) -> dict[str, Any]:
    """coverage: the foreground's share of the picture. box: left, top, right, bottom around it, or None for an empty matte."""
    import numpy as np

    rows, columns = np.flatnonzero(matte.max(1) > 0.5), np.flatnonzero(matte.max(0) > 0.5)
    box = [int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1] if len(rows) else None
    return {"coverage": round(float(matte.mean()), 4), "box": box}
