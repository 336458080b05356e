"""A platform's figures by day, as a CSV file says them."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any

from core.csv_lines import delimiter_of, is_separator_line
from core.errors import InvalidInput

MOST_ROWS = 100_000
COLUMNS = ("date", "channel", "campaign_id", "campaign", "post_id", "currency", "spend", "impressions", "clicks")
_NEEDED = ("date", "channel")
_FIGURES = ("spend", "impressions", "clicks")
_MOST_FAULTS = 1000
_MOST_COLUMNS = 50


@dataclass(frozen=True)
class MetricsRow:
    """One line. campaign: a name that the caller looks up, where there is no campaign_id."""

    line: int
    date: date
    channel: str
    campaign_id: str | None
    campaign: str | None
    post_id: str | None
    currency: str | None
    spend: Decimal
    impressions: int
    clicks: int


def read_metrics(content: bytes) -> tuple[list[MetricsRow], list[dict[str, str]]]:
    """The good lines, and a fault for everything wrong with the others, pointers /rows/LINE/COLUMN with the file's line numbers.

    UTF-8 with or without a mark; commas, semicolons or tabs. Raises InvalidInput when the file as a whole cannot be read.
    """
    text = _text(content)
    head, *more = text.split("\n", 2)
    skipped = is_separator_line(head)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(more[0] if skipped and more else head), strict=True)
    try:
        if skipped:
            next(lines)
        header = _header(next(lines, []))
        filled = ((lines.line_num, cells) for cells in lines if any(cell.strip() for cell in cells))
        numbered = list(islice(filled, MOST_ROWS + 1))
    except csv.Error as error:
        raise InvalidInput(f"Line {lines.line_num} of the file is not CSV: {error}") from None
    if not 0 < len(numbered) <= MOST_ROWS:
        has = f"more than {MOST_ROWS}" if numbered else "no"
        raise InvalidInput(f"The file has {has} lines below its header; it takes 1 to {MOST_ROWS}")
    rows, faults = [], []
    for number, cells in numbered:
        row, wrong = _row(number, dict(zip(header, cells, strict=False)), len(cells) > len(header))
        faults += wrong
        if row:
            rows.append(row)
    return rows, faults[:_MOST_FAULTS]


def _text(content: bytes) -> str:
    try:
        decoded = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"The file is not UTF-8: byte {error.start}", hint="Export it as CSV UTF-8.") from None
    if "\0" in decoded:
        raise InvalidInput("The file holds NUL characters", hint="Export it as CSV UTF-8.")
    return decoded


def _header(cells: list[str]) -> list[str]:
    if len(cells) > _MOST_COLUMNS:
        raise InvalidInput(f"The header has {len(cells)} columns; it takes {', '.join(COLUMNS)}")
    names = [cell.strip().lower().replace(" ", "_") for cell in cells]
    faults = [{"pointer": f"/columns/{name}", "detail": "is missing"} for name in _NEEDED if name not in names]
    if not any(name in names for name in _FIGURES):
        faults.append({"pointer": "/columns", "detail": f"one of {', '.join(_FIGURES)} is needed"})
    faults += [{"pointer": f"/columns/{name}", "detail": "is unknown"} for name in names if name not in COLUMNS]
    faults += [{"pointer": f"/columns/{name}", "detail": "is there twice"} for name in sorted({n for n in names if names.count(n) > 1})]
    if faults:
        told = "; ".join(f"{fault['pointer'].rpartition('/')[2]} {fault['detail']}" for fault in faults)
        raise InvalidInput(f"The header cannot be used: {told}", hint=f"The columns are {', '.join(COLUMNS)}.", errors=faults)
    return names


def _row(line: int, cells: dict[str, str], is_long: bool) -> tuple[MetricsRow | None, list[dict[str, str]]]:
    values: dict[str, Any] = {"line": line}
    faults = [{"pointer": f"/rows/{line}", "detail": "has more cells than the header"}] if is_long else []
    for name, read in _READERS.items():
        try:
            values[name] = read(cells.get(name, "").strip())
        except ValueError as error:
            faults.append({"pointer": f"/rows/{line}/{name}", "detail": str(error)})
    return (None if faults else MetricsRow(**values)), faults


def _date(cell: str) -> date:
    try:
        found = date.fromisoformat(cell)
    except ValueError:
        raise ValueError(f"{cell[:40]!r} is not a date like 2026-03-31") from None
    if not 2000 <= found.year <= 2100:
        raise ValueError(f"{cell} lies outside 2000 to 2100")
    return found


def _channel(cell: str) -> str:
    if not 0 < len(cell) <= 100:
        raise ValueError("must have 1 to 100 characters")
    return cell.lower()


def _id(cell: str) -> str | None:
    try:
        return str(uuid.UUID(cell)) if cell else None
    except ValueError:
        raise ValueError(f"{cell[:40]!r} is not an id") from None


def _currency(cell: str) -> str | None:
    if cell and not (len(cell) == 3 and cell.isascii() and cell.isalpha()):
        raise ValueError(f"{cell[:40]!r} is not a currency like EUR")
    return cell.upper() or None


def _amount(cell: str) -> Decimal:
    try:
        amount = Decimal(cell or "0")
    except InvalidOperation:
        raise ValueError(f"{cell[:40]!r} is not a number like 1234.50, without signs for thousands") from None
    if not amount.is_finite() or not 0 <= amount < Decimal(10) ** 12 or -int(amount.as_tuple().exponent) > 6:
        raise ValueError(f"{cell[:40]} must be at least 0, with at most 6 decimals")
    return amount


def _count(cell: str) -> int:
    if cell and not (cell.isascii() and cell.isdigit() and len(cell) <= 15):
        raise ValueError(f"{cell[:40]!r} is not a whole number of at least 0")
    return int(cell or "0")


_READERS: dict[str, Callable[[str], Any]] = {
    "date": _date,
    "channel": _channel,
    "campaign_id": _id,
    "campaign": lambda cell: cell[:200] or None,
    "post_id": _id,
    "currency": _currency,
    "spend": _amount,
    "impressions": _count,
    "clicks": _count,
}


def repeated(keys: list[tuple[int, tuple[Any, ...]]]) -> Iterator[dict[str, str]]:
    """A fault for each (line, key) whose key an earlier line has."""
    first: dict[tuple[Any, ...], int] = {}
    for line, key in keys:
        if key in first:
            yield {"pointer": f"/rows/{line}", "detail": f"is about the same as line {first[key]}; add the two up"}
        first.setdefault(key, line)
