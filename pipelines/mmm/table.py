"""A sales history from rows or CSV, wide or long, to a market; every fault of it told at once."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice, pairwise, zip_longest

import numpy as np

from core.csv_lines import delimiter_of, is_separator_line
from core.pointers import escaped
from pipelines.mmm.columns import Columns
from pipelines.mmm.faults import Faults
from pipelines.mmm.market import Market

Row = Mapping[str, object]
ONE_GEO = "all"
MOST_ROWS, MOST_COLUMNS = 50_000, 1000
LONGEST_NAME = 80  # of a channel, as `Name` has it: plans and beliefs must be able to name it
FIRST_YEAR, LAST_YEAR = 1900, 2100
MOST = 1e15  # of one figure: sums of squares stay far from the end of floats
NO_SPEND = frozenset(
    {"impressions", "clicks", "conversions", "orders", "sessions", "visits", "users", "customers", "sales", "revenue", "outcome"}
    | {"year", "quarter", "month", "week", "day", "weekday", "week_number", "index", "row", "id", "total", "total_spend"}
)
_DATE_LENGTH = len("2026-01-31")


def rows_of_csv(text: str, most: int = MOST_ROWS, *, at: str = "") -> list[Row]:
    """The rows of a CSV with a header; comma, semicolon or tab between its fields. at: the JSON pointer of the text.

    Raises InvalidInput for what is no CSV, and for more than `most` rows or MOST_COLUMNS columns, without reading on.
    """
    clean = text.lstrip("\ufeff")
    head, _, rest = clean.partition("\n")
    if is_separator_line(head):
        clean, head = rest, rest.partition("\n")[0]
    delimiter = delimiter_of(head)
    faults = Faults(at)
    if head.count(delimiter) >= MOST_COLUMNS:
        faults.add("", f"the header has more than {MOST_COLUMNS} columns")
    if "\0" in clean:
        faults.add("", "it holds NUL characters; export it as CSV UTF-8")
    faults.raise_if_any()
    lines = csv.reader(io.StringIO(clean), delimiter=delimiter)
    rows: list[Row] = []
    try:
        header = [name.strip() for name in next(lines, [])]
        _check_names_differ(header, faults)
        rows = list(islice(_filled(lines, header, faults), most + 1))
    except csv.Error as error:
        rows = []
        faults.add("", f"line {lines.line_num} is not CSV: {error}")
    if len(rows) > most:
        faults.add("", f"there are more than {most} rows")
    faults.raise_if_any()
    return rows


def _check_names_differ(header: list[str], faults: Faults) -> None:
    for name in sorted({name for name in header if name and header.count(name) > 1}):
        faults.add("", f"the header has the column {name!r} more than once; each needs a name of its own")
    faults.raise_if_any()


def _filled(lines: Iterator[list[str]], header: list[str], faults: Faults) -> Iterator[Row]:
    """The rows that are not blank. What stands in a column without a name is passed over only where it can be no figure.

    A first column without a name is the row's number, as data frames write it.
    """
    named, number = len(header), 0
    for cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        nameless = [cell for n, cell in enumerate(cells) if n > 0 and (n >= named or not header[n])]
        if any(map(_has_figures, nameless)):
            detail = f"row {number + 1} has a figure in a column without a name; name it in the header, and write decimals with a point"
            faults.add(f"/{number}", detail)
        number += 1
        yield {name: cell for name, cell in zip_longest(header, cells[:named]) if name}


@dataclass
class _Cells:
    """Numbers by (geo, date, column)."""

    spend: dict[tuple[str, date, str], float] = field(default_factory=dict)
    other: dict[tuple[str, date, str], float] = field(default_factory=dict)
    currencies: set[str] = field(default_factory=set)
    seen: dict[tuple[str, date, str], int] = field(default_factory=dict)


def read_market(rows: Sequence[Row], columns: Columns, *, at: str, outcome_name: str = "", currency: str = "USD") -> Market:
    """The market in the rows. at: the JSON pointer of the rows. Raises InvalidInput with every fault of the table."""
    faults = Faults(at)
    if not rows:
        faults.add("", "there are no rows")
        faults.raise_if_any()
    is_long = columns.channel in rows[0] and columns.spend in rows[0]
    channels = _channels(rows, columns, is_long)
    _check_header(rows[0], columns, channels, faults, is_long)
    faults.raise_if_any()
    cells = _Cells()
    for number, row in enumerate(rows):
        _read_row(row, f"/{number}", columns, channels, cells, faults, is_long)
    if len(cells.currencies) > 1:
        faults.add("", f"amounts are in several currencies ({', '.join(sorted(cells.currencies))}); convert them to one")
    faults.raise_if_any()
    return _assembled(cells, columns, channels, faults, outcome_name or columns.outcome, next(iter(cells.currencies), currency))


def _channels(rows: Sequence[Row], columns: Columns, is_long: bool) -> list[str]:
    if is_long:
        found = dict.fromkeys(str(row.get(columns.channel) or "").strip() for row in rows)
        return [name for name in columns.channels or found if name]
    if columns.channels:
        return list(columns.channels)
    taken = {columns.date, columns.outcome, columns.geo, columns.currency, *columns.controls}
    names = dict.fromkeys(name for row in rows for name in row if name and name not in taken)
    return [name for name in names if any(_has_figures(row.get(name)) for row in rows)]


def _has_figures(value: object) -> bool:
    """Whether it is, or is meant to be, a number: "€ 1,200" is told as a fault of its cell, a remark is passed over."""
    return any(letter.isdigit() for letter in str(value or ""))


def _check_header(head: Row, columns: Columns, channels: list[str], faults: Faults, is_long: bool) -> None:
    wanted = [columns.date, columns.outcome, *columns.controls, *([columns.geo] if columns.geo else []), *([] if is_long else channels)]
    for name in wanted:
        if name not in head:
            faults.add("/0", f"there is no column {name!r}; columns are {', '.join(map(str, head))}")
    if not channels:
        faults.add("/0", "there is no column of spend")
    if not (columns.channels or is_long or faults.found):
        _check_spend(channels, faults)
    _check_spelling(channels, faults)
    for name in (name for name in channels if len(name) > LONGEST_NAME):
        faults.add("/0", f"the channel {name[:20]}… has a name of {len(name)} characters; it takes {LONGEST_NAME}")
    if doubled := sorted({name for name in channels if channels.count(name) > 1 or name in (columns.outcome, *columns.controls)}):
        faults.add("/0", f"column(s) {', '.join(doubled)} would be used twice")


def _check_spend(channels: list[str], faults: Faults) -> None:
    """Of columns that nobody has called channels."""
    for name in channels:
        if name.casefold().replace(" ", "_") in NO_SPEND:
            faults.add("/0", f"column {name!r} holds no spend, by its name; say what the channels are (columns.channels) or leave it out")


def _check_spelling(channels: list[str], faults: Faults) -> None:
    alike: dict[str, list[str]] = {}
    for name in dict.fromkeys(channels):
        alike.setdefault(name.casefold(), []).append(name)
    for names in (names for names in alike.values() if len(names) > 1):
        faults.add("/0", f"channels {', '.join(map(repr, names))} differ in case only; write them alike")


def _read_row(row: Row, pointer: str, columns: Columns, channels: list[str], cells: _Cells, faults: Faults, is_long: bool) -> None:
    day = _day(row.get(columns.date), f"{pointer}/{escaped(columns.date)}", faults)
    if day is None:
        return
    geo = str(row.get(columns.geo) or "").strip() if columns.geo else ONE_GEO
    if not geo:
        faults.add(f"{pointer}/{escaped(columns.geo)}", "the geo is missing")
        return
    if code := str(row.get(columns.currency) or "").strip().upper():
        cells.currencies.add(code)
    name = str(row.get(columns.channel) or "").strip() if is_long else ""
    if (first := cells.seen.setdefault((geo, day, name), int(pointer[1:]))) != int(pointer[1:]):
        of = f" of {name}" if name else ""
        hint = "" if columns.geo else "; where rows are of several geos, say which column has them (columns.geo)"
        faults.add(f"{pointer}/{escaped(columns.date)}", f"{day}{of} is there twice, first in row {first + 1}{hint}")
        return
    spent = {name: columns.spend} if is_long else {channel: channel for channel in channels}
    for channel, column in spent.items():
        if channel not in channels:
            continue
        amount = _number(row.get(column), f"{pointer}/{escaped(column)}", column, faults, blank=0.0)
        if amount is not None and amount < 0:
            faults.add(f"{pointer}/{escaped(column)}", f"{channel} spent {amount:g} on {day}: spend cannot be negative")
        elif amount is not None:
            cells.spend[(geo, day, channel)] = amount
    for column in (columns.outcome, *columns.controls):
        if is_long and str(row.get(column) if row.get(column) is not None else "").strip() == "":
            continue
        value = _number(row.get(column), f"{pointer}/{escaped(column)}", column, faults)
        before = cells.other.setdefault((geo, day, column), value) if value is not None else None
        if before is not None and before != value:
            faults.add(f"{pointer}/{escaped(column)}", f"{column} of {day} is {before:g} in one row and {value:g} in another")


def _day(value: object, pointer: str, faults: Faults) -> date | None:
    words = str(value).strip()
    try:
        day = date.fromisoformat(words) if len(words) <= _DATE_LENGTH else datetime.fromisoformat(words).date()
    except ValueError:
        faults.add(pointer, f"{value!r} is no date; write it as 2026-01-31")
        return None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        faults.add(pointer, f"{day} lies outside {FIRST_YEAR} to {LAST_YEAR}")
        return None
    return day


def _number(value: object, pointer: str, column: str, faults: Faults, blank: float | None = None) -> float | None:
    words = "" if value is None else str(value).strip()
    if not words and blank is not None:
        return blank
    try:
        number = float(words)
    except ValueError:
        number = math.nan
    if abs(number) <= MOST:
        return number
    too_large = f"{column} is {words}; at most {MOST:g} is taken"
    wrong = too_large if math.isfinite(number) else f"{column} is {words!r}, not a number"
    faults.add(pointer, wrong if words else f"{column} is missing")
    return None


def _assembled(cells: _Cells, columns: Columns, channels: list[str], faults: Faults, outcome_name: str, currency: str) -> Market:
    geos = sorted({geo for geo, _, _ in cells.seen})
    days = sorted({day for _, day, _ in cells.seen})
    period = _period(days, faults)
    faults.raise_if_any()
    for geo in geos:
        missing = [day for day in days if (geo, day, columns.outcome) not in cells.other]
        if missing:
            of = f" of {geo}" if len(geos) > 1 else ""
            faults.add("", f"{len(missing)} date(s){of} have no {columns.outcome}, the first is {missing[0]}")
    faults.raise_if_any()
    spend = np.array([[[cells.spend.get((geo, day, channel), 0.0) for channel in channels] for day in days] for geo in geos])
    others = {
        name: np.array([[cells.other.get((geo, day, name), math.nan) for day in days] for geo in geos])
        for name in (columns.outcome, *columns.controls)
    }
    for name, values in others.items():
        if not np.isfinite(values).all():
            faults.add("", f"{name} is missing on {int((~np.isfinite(values)).sum())} date(s)")
    faults.raise_if_any()
    outcome = others.pop(columns.outcome)
    return Market(tuple(days), tuple(channels), spend, outcome, tuple(geos), others, period, currency, outcome_name)


def _period(days: list[date], faults: Faults) -> int:
    """1 or 7 days, by the commonest step; every gap is a fault."""
    steps = [(later - earlier).days for earlier, later in pairwise(days)]
    if not steps:
        faults.add("", "there is one date only; a model needs at least a year of weeks")
        return 7
    period = max(set(steps), key=steps.count)
    word = {1: "day", 7: "week"}.get(period)
    if word is None:
        faults.add("", f"the dates are {period} days apart; send one row a day or one a week")
        return 7
    gaps = [n for n, step in enumerate(steps) if step != period]
    for n in gaps[:20]:
        if steps[n] % period:
            faults.add("", f"after {days[n]} comes {days[n + 1]}, which is not a {word} later")
        else:
            first, count = days[n] + timedelta(days=period), steps[n] // period - 1
            faults.add("", f"{count} {word}(s) are missing from {first} on; a {word} without spend is a row with zeros")
    return period
