"""`drumbeat bench`: our figures beside those of the best known peer, measured in one run."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import output

if TYPE_CHECKING:
    from benchmarks.row import Row

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"


def names() -> list[str]:
    """The benchmarks there are: files that say `def rows()`."""
    return sorted(path.stem for path in BENCHMARKS.glob("*.py") if "def rows(" in path.read_text())


@click.command()
@click.argument("name", type=click.Choice(names()))
@output.option
def command(name: str, form: str) -> None:
    """Measure NAME. Nothing else should run on the machine meanwhile."""
    table = [_as_dict(row) for row in importlib.import_module(f"benchmarks.{name}").rows()]
    if form == "json":
        output.print_json(table)
    else:
        output.print_table(table, ["name", "ours", "peer", "ratio", "unit"])


def _as_dict(row: Row) -> dict[str, Any]:
    numbers = {"ours": row.ours, "peer": row.peer, "ratio": row.ratio}
    return {"name": row.name, **{name: round(number, 3) for name, number in numbers.items()}, "unit": row.unit}
