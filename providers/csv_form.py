"""Whether a file has the form of a table in CSV: plain UTF-8 text whose rows have the columns of the header."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from core.csv_lines import delimiter_of, is_separator_line

LARGEST = 50_000_000  # bytes
LONGEST_LINE = 100_000
ROWS_LOOKED_AT = 1000
MOST_COLUMNS = 1000
_CONTROL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f]")


def fault_of_csv(path: Path) -> str | None:
    """What keeps the file from being a table in CSV, of commas, semicolons or tabs; None where nothing does.

    Every byte is read as UTF-8, and the first thousand rows are held against the header. What begins like a page is none: a
    browser might show it as one.
    """
    if path.stat().st_size > LARGEST:
        return f"it is larger than {LARGEST // 1_000_000} MB"
    try:
        return _fault(path)
    except UnicodeDecodeError:
        return "it is not in UTF-8; a spreadsheet offers that as a form to save in"
    except csv.Error as error:
        return str(error)


def _fault(path: Path) -> str | None:
    lines = _lines(path)
    head = next(lines, "")
    if is_separator_line(head):
        head = next(lines, "")
    delimiter = delimiter_of(head)
    if head.lstrip().startswith("<") or not 0 < head.count(delimiter) < MOST_COLUMNS:
        return "its first line is no header of several columns"
    (columns,) = csv.reader([head], delimiter=delimiter)
    rows = 0
    for row in islice(csv.reader(lines, delimiter=delimiter), ROWS_LOOKED_AT):
        rows += bool(row)
        if row and len(row) != len(columns):
            return f"its row {rows} has {len(row)} columns and its header {len(columns)}"
    for _ in lines:
        pass
    return None if rows else "it has no row below its header"


def _lines(path: Path) -> Iterator[str]:
    """Raises csv.Error for what no text has in it."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        while line := file.readline(LONGEST_LINE):
            if len(line) == LONGEST_LINE:
                raise csv.Error(f"a line has more than {LONGEST_LINE} characters")
            if _CONTROL.search(line):
                raise csv.Error("it holds control characters")
            yield line
