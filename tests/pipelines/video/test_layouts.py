"""How a frame is divided."""

from __future__ import annotations

import pytest

from pipelines.video.layouts import LAYOUTS, Box, boxes, grid

FRAME = (640, 360)


@pytest.mark.parametrize("name", LAYOUTS)
def test_cells_fill_the_frame_without_overlap(name: str) -> None:
    """Without gaps every pixel belongs to exactly one cell; the layouts have two to six."""
    cells = boxes(LAYOUTS[name], FRAME, 0, 0)
    assert 2 <= len(cells) <= 6 and sum(box.width * box.height for box in cells) == FRAME[0] * FRAME[1]
    assert all(side % 2 == 0 for box in cells for side in (box.left, box.top, box.width, box.height))
    assert not any(_overlap(one, other) for index, one in enumerate(cells) for other in cells[index + 1 :])


@pytest.mark.parametrize("name", LAYOUTS)
def test_gaps_and_border_are_kept(name: str) -> None:
    """The border is around all cells; no two are nearer than the gap."""
    cells = boxes(LAYOUTS[name], FRAME, 8, 12)
    assert min(box.left for box in cells) == min(box.top for box in cells) == 12
    assert (max(box.left + box.width for box in cells), max(box.top + box.height for box in cells)) == (628, 348)
    wider = [Box(box.left, box.top, box.width + 8, box.height + 8) for box in cells]
    assert not any(_overlap(one, other) for index, one in enumerate(wider) for other in wider[index + 1 :])


def test_a_grid_reads_like_a_page() -> None:
    """From left to right, then down."""
    cells = boxes(grid(3, 2), FRAME, 0, 0)
    assert [(box.left, box.top) for box in cells] == [(0, 0), (214, 0), (426, 0), (0, 180), (214, 180), (426, 180)]


def _overlap(one: Box, other: Box) -> bool:
    across = one.left < other.left + other.width and other.left < one.left + one.width
    return across and one.top < other.top + other.height and other.top < one.top + one.height
