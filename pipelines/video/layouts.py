"""How a frame is divided among several pictures: layouts by name, and their cells in whole pixels."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.video.stills import Size

_EDGE = 0.9999  # shares beyond it are the frame's own edge

Share = tuple[float, float, float, float]  # left, top, right, bottom as shares of the frame


@dataclass(frozen=True)
class Box:
    left: int
    top: int
    width: int
    height: int

    @property
    def size(self) -> Size:
        return self.width, self.height


def _rows(*columns: int) -> tuple[Share, ...]:
    """Rows of equal height, each divided into so many columns."""
    high = 1 / len(columns)
    return tuple(
        (column / count, row * high, (column + 1) / count, (row + 1) * high) for row, count in enumerate(columns) for column in range(count)
    )


def _beside(*columns: int) -> tuple[Share, ...]:
    """Columns of equal width, each divided into so many rows."""
    return tuple((top, left, bottom, right) for left, top, right, bottom in _rows(*columns))


def _large(others: int, share: float, *, beside: bool) -> tuple[Share, ...]:
    """One large cell first, the others in a strip at its right or below it."""
    small = [(share, index / others, 1.0, (index + 1) / others) for index in range(others)]
    cells = [(0.0, 0.0, share, 1.0), *small]
    return tuple(cells if beside else [(top, left, bottom, right) for left, top, right, bottom in cells])


LAYOUTS: dict[str, tuple[Share, ...]] = {
    "side_by_side": _rows(2),
    "stacked": _rows(1, 1),
    "large_left_1": _large(1, 2 / 3, beside=True),
    "large_top_1": _large(1, 2 / 3, beside=False),
    "three_columns": _rows(3),
    "three_rows": _rows(1, 1, 1),
    "large_left_2": _large(2, 2 / 3, beside=True),
    "large_top_2": _large(2, 2 / 3, beside=False),
    "one_over_two": _rows(1, 2),
    "two_over_one": _rows(2, 1),
    "grid_2x2": _rows(2, 2),
    "four_columns": _rows(4),
    "four_rows": _rows(1, 1, 1, 1),
    "large_left_3": _large(3, 3 / 4, beside=True),
    "large_top_3": _large(3, 3 / 4, beside=False),
    "two_over_three": _rows(2, 3),
    "three_over_two": _rows(3, 2),
    "two_beside_three": _beside(2, 3),
    "large_left_4": _large(4, 3 / 4, beside=True),
    "large_top_4": _large(4, 3 / 4, beside=False),
    "grid_3x2": _rows(3, 3),
    "grid_2x3": _rows(2, 2, 2),
    "large_left_5": _large(5, 4 / 5, beside=True),
    "large_top_5": _large(5, 4 / 5, beside=False),
}


def grid(columns: int, rows: int) -> tuple[Share, ...]:
    return _rows(*[columns] * rows)


def boxes(cells: tuple[Share, ...], size: Size, gap: int, border: int) -> list[Box]:
    """The cells in pixels, all on even places; `gap` between neighbours, `border` around them all."""
    found = []
    for left, top, right, bottom in cells:
        across = _after(left, size[0], gap, border), _before(right, size[0], gap, border)
        down = _after(top, size[1], gap, border), _before(bottom, size[1], gap, border)
        found.append(Box(across[0], down[0], across[1] - across[0], down[1] - down[0]))
    return found


def _before(share: float, length: int, gap: int, border: int) -> int:
    """The pixel at which the cell ends whose far edge is at this share of the frame."""
    return length - border if share > _EDGE else round((border + share * (length - 2 * border) - gap / 2) / 2) * 2


def _after(share: float, length: int, gap: int, border: int) -> int:
    """The pixel at which the next one begins."""
    return border if share < 1 - _EDGE else _before(share, length, gap, border) + gap
