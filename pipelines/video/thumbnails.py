"""`video.thumbnails`: the best frames of a film as pictures, and a sheet of small ones for scrubbing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field

from core.params import Params
from pipelines.recipe import Kitchen, Made, Product, Recipe, VideoId
from pipelines.video import choosing, pictures, sprites
from pipelines.video.choosing import Candidate
from pipelines.video.composing import opened
from pipelines.video.looks import LONGEST, look
from pipelines.video.people import FaceFinder
from pipelines.video.reel import Reel
from pipelines.video.telling import Teller

_TRIED = 160  # frames that are looked at
_SEARCHED = 60  # of them, those searched for faces: the best-looking ones
_LOOKED, _FACED, _STORED = 0.45, 0.75, 0.85  # progress after each part


class ThumbnailsParams(Params):
    """How many pictures, and in which form."""

    video: VideoId
    count: int = Field(default=3, ge=1, le=20, description="how many pictures, the best first")
    faces: bool = Field(default=True, description="prefer frames in which people are seen")
    format: pictures.Format = "jpeg"
    longest_side: int | None = Field(default=1280, ge=64, le=8192, description="pixels; null keeps the film's own size")
    sprites: bool = Field(default=True, description="also a sheet of small pictures of the whole film, with a WebVTT file for players")
    sprite_width: int = Field(default=160, ge=32, le=480, description="pixels of one small picture's longer side")
    sprite_seconds: float | None = Field(default=None, ge=0.1, allow_inf_nan=False, description="between small pictures")


def make(params: ThumbnailsParams, kitchen: Kitchen) -> Made:
    tell = Teller(kitchen)
    film = Reel(opened(params, kitchen)[params.video], tell.again)
    candidates, notes = _looked_at(film, tell), []
    if params.faces:
        finder = FaceFinder(kitchen)
        candidates, notes = _searched(candidates, film, finder, tell), finder.notes
    chosen = choosing.choose(candidates, params.count, film.seconds)
    products = _stored(chosen, film, params, kitchen.folder, tell)
    facts = {
        "thumbnails": [product.facts for product in products],
        "looked_at": len(candidates),
        "refused": choosing.faults(candidates),
        "notes": [*choosing.notes(chosen, params.count), *notes],
    }
    if params.sprites:
        products += sprites.sheet(film, kitchen.folder, params.sprite_width, params.sprite_seconds, _later(tell, _STORED))
    return Made(tuple(products), facts)


def _looked_at(film: Reel, tell: Teller) -> list[Candidate]:
    numbers = choosing.tries(film, _TRIED)
    found = []
    for place, frame in enumerate(film.pick(numbers)):
        tell(_LOOKED * place / len(numbers), f"looking at frame {place + 1} of {len(numbers)}")
        pixels = frame.pixels(LONGEST)
        found.append(Candidate(frame.number, frame.seconds, look(pixels), choosing.imprint(pixels)))
    return found


def _searched(candidates: list[Candidate], film: Reel, finder: FaceFinder, tell: Teller) -> list[Candidate]:
    worth = sorted((c for c in candidates if not c.look.fault), key=lambda c: c.look.score, reverse=True)[:_SEARCHED]
    faces = {}
    for place, frame in enumerate(film.pick(c.number for c in worth)):
        tell(_LOOKED + (_FACED - _LOOKED) * place / len(worth), "looking for faces")
        faces[frame.number] = tuple(finder.find(frame.pixels(LONGEST)))
    return [c.with_faces(faces.get(c.number, ())) for c in candidates]


def _stored(chosen: list[Candidate], film: Reel, params: ThumbnailsParams, folder: Path, tell: Teller) -> list[Product]:
    rank = {candidate.number: place for place, candidate in enumerate(chosen)}
    products: dict[int, Product] = {}
    for frame in film.pick(rank):
        tell(_FACED, "writing the pictures")
        place = rank[frame.number]
        path = folder / f"thumbnail-{place + 1:02d}.{pictures.SUFFIXES[params.format]}"
        pictures.save(frame.pixels(params.longest_side), path, params.format)
        facts: dict[str, Any] = {"rank": place + 1, **chosen[place].facts()}
        products[place] = Product(path, pictures.MEDIA_TYPES[params.format], f"Thumbnail {place + 1}", "thumbnail", facts)
    return [products[place] for place in sorted(products)]


def _later(tell: Teller, start: float) -> sprites.Told:
    return lambda done: tell(start + (1 - start) * done, "drawing the sheet of small pictures")


recipe = Recipe("video.thumbnails", ThumbnailsParams, make, summary="Choose a video's best frames as thumbnails; draw its sprite sheet.")
