"""`video.split_screen`: several pictures in one frame."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, ValidationInfo, WithJsonSchema, field_validator

from core.params import Params
from pipelines.recipe import Kitchen, Made, PictureId, Recipe
from pipelines.video import mixing, palette
from pipelines.video.canvas import Canvas, HexColour, Loudness, Span
from pipelines.video.composing import Cut, Stage, cut, film, opened, staged
from pipelines.video.faults import Faults, known
from pipelines.video.inputs import Fit, Source, picture, samples_in, silence
from pipelines.video.layouts import LAYOUTS, Box, Share, boxes, grid
from pipelines.video.stills import Size

_LEAST = 16  # pixels a side of a cell

LayoutName = Annotated[str, AfterValidator(known("layout", LAYOUTS)), WithJsonSchema({"type": "string", "enum": list(LAYOUTS)})]
Even = Annotated[int, Field(ge=0, le=400, multiple_of=2)]


class Cell(Span):
    """What is seen in one cell."""

    file: PictureId
    fit: Fit = Field(default="cover", description="how another shape is brought into the cell")
    volume: Loudness = Field(default=1.0, description="1 as it is, 0 silent")


class Grid(Params):
    columns: int = Field(ge=1, le=6)
    rows: int = Field(ge=1, le=6)


class SplitScreenParams(Canvas):
    """A layout by name, or a grid, and what is in its cells: from left to right, from top to bottom, a large one first."""

    layout: LayoutName | None = None
    grid: Grid | None = Field(default=None, validate_default=True, description="instead of a layout")
    cells: list[Cell] = Field(min_length=2, max_length=36)
    gap: Even = Field(default=0, description="pixels between the cells, even")
    border: Even = Field(default=0, description="pixels around all cells, even")
    colour: HexColour = Field(default="#ffffff", description="of gaps and border")
    length: Literal["longest", "shortest"] = Field(default="longest", description="which cell decides how long it lasts")
    after: Literal["hold", "loop"] = Field(default="hold", description="what a cell does that ends earlier")
    sound: int | Literal["mix", "none"] = Field(default="mix", description="the number of the cell that is heard, from 0; or all, or none")

    @field_validator("grid")
    @classmethod
    def _layout_or_grid(cls, grid: Grid | None, info: ValidationInfo) -> Grid | None:
        if "layout" in info.data and (info.data["layout"] is None) == (grid is None):
            raise ValueError("give a layout or a grid")
        return grid

    @field_validator("cells")
    @classmethod
    def _as_many_as_the_layout(cls, cells: list[Cell], info: ValidationInfo) -> list[Cell]:
        shares = _shares(info.data.get("layout"), info.data.get("grid"))
        if shares and len(shares) != len(cells):
            fitting = [name for name, others in LAYOUTS.items() if len(others) == len(cells)]
            hint = f"; for {len(cells)} there are {', '.join(fitting)}" if fitting else ""
            raise ValueError(f"{info.data.get('layout') or 'the grid'} has {len(shares)} cells, {len(cells)} are given{hint}")
        return cells

    @field_validator("sound")
    @classmethod
    def _one_of_the_cells(cls, sound: int | str, info: ValidationInfo) -> int | str:
        cells = info.data.get("cells")
        if cells and isinstance(sound, int) and not 0 <= sound < len(cells):
            raise ValueError(f"there is no cell {sound}; the last is {len(cells) - 1}")
        return sound


def make(params: SplitScreenParams, kitchen: Kitchen) -> Made:
    sources = opened(params, kitchen)
    stage = staged(params, sources[params.cells[0].file])
    placed = boxes(_shares(params.layout, params.grid), stage.size, params.gap, params.border)
    taken = _taken(params, sources, stage, placed)
    frames, loop = _frames(taken, params.length), params.after == "loop"
    parts = [_cell(one, box, stage, frames, loop) for one, box in zip(taken, placed, strict=True)]
    seen, heard = _stacked(parts, placed, stage.size, params.colour), _heard(params, taken, stage, frames)
    told = [{"left": box.left, "top": box.top, "width": box.width, "height": box.height} for box in placed]
    return film(kitchen, "split-screen", params.coding, stage, seen, heard, frames, cells=told)


def _shares(layout: str | None, division: Grid | None) -> tuple[Share, ...]:
    return grid(division.columns, division.rows) if division else LAYOUTS.get(layout or "", ())


def _taken(params: SplitScreenParams, sources: dict[UUID, Source], stage: Stage, placed: list[Box]) -> list[Cut]:
    """What each cell shows. Raises InvalidInput with all that does not fit."""
    faults, taken = Faults(), []
    for index, cell in enumerate(params.cells):
        pointer = f"/cells/{index}"
        taken.append(cut(cell, sources[cell.file], stage.fps, pointer, faults, fit=cell.fit, volume=cell.volume, take=index))
        if params.after == "loop" and (cell.start or cell.end is not None or cell.seconds is not None):
            faults.add(pointer, "only whole files can begin again: leave start, end and seconds out, or hold")
    if min(min(box.size) for box in placed) < _LEAST:
        faults.add("/gap", f"leaves cells of less than {_LEAST} pixels in a frame of {stage.size[0]} x {stage.size[1]}")
    faults.check()
    return taken


def _frames(taken: list[Cut], length: str) -> int:
    """Stills last as long as the films beside them."""
    moving = [one.frames for one in taken if not one.source.seen.still] or [one.frames for one in taken]
    return max(moving) if length == "longest" else min(moving)


def _cell(one: Cut, box: Box, stage: Stage, frames: int, loop: bool) -> Any:
    if one.source.seen.still or (loop and one.frames < frames):
        return picture(one.source, box.size, stage.fps, frames=frames, fit=one.fit, behind=stage.behind, loop=loop, take=one.take)
    shown = replace(one, frames=min(one.frames, frames))
    held = frames - shown.frames
    seen = shown.picture(stage, box.size)
    return seen.filter("tpad", stop=held, stop_mode="clone") if held else seen


def _stacked(parts: list[Any], placed: list[Box], size: Size, colour: str) -> Any:
    import ffmpeg as graph

    plain = "0x{:02x}{:02x}{:02x}".format(*palette.parse(colour))
    layout = "|".join(f"{box.left}_{box.top}" for box in placed)
    stacked = graph.filter(parts, "xstack", inputs=len(parts), layout=layout, fill=plain)
    reached = max(box.left + box.width for box in placed), max(box.top + box.height for box in placed)
    return stacked if reached == size else stacked.filter("pad", *size, 0, 0, plain)


def _heard(params: SplitScreenParams, taken: list[Cut], stage: Stage, frames: int) -> Any | None:
    wanted = [index for index, one in enumerate(taken) if one.source.sound and params.sound in ("mix", index)]
    if params.sound == "none" or not any(one.source.sound for one in taken):
        return None
    samples = samples_in(frames, stage.fps)
    heard = [_sound(taken[index], stage, frames, params.after == "loop") for index in wanted]
    return mixing.mixed(heard, samples) if heard else silence(samples)


def _sound(one: Cut, stage: Stage, frames: int, loop: bool) -> Any:
    samples = samples_in(frames, stage.fps)
    if loop and one.frames < frames:
        return one.sound(samples, loop=True)
    return mixing.exact(one.sound(samples_in(min(one.frames, frames), stage.fps)), samples)


recipe = Recipe("video.split_screen", SplitScreenParams, make, summary="Show several videos side by side in one frame.")
