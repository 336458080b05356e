"""How commands speak: data on stdout, as text or JSON; everything else on stderr."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
notes = Console(stderr=True, highlight=False)


def option(command: Decorated) -> Decorated:
    """Adds `-o json` and its short form `--json`; the command is given `form`, "text" or "json"."""
    choice = click.option(
        "-o", "--output", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Form of the data."
    )
    return choice(click.option("--json", "form", flag_value="json", help="Same as -o json.")(command))


def say(line: str) -> None:
    """One line of progress, on stderr."""
    notes.print(line, markup=False, soft_wrap=True)


def print_json(data: Any) -> None:
    click.echo(json.dumps(data, indent=2, default=str))


def print_line(line: Text) -> None:
    """One line of data on stdout, in colour where that is a terminal."""
    Console(highlight=False, soft_wrap=True).print(line)


def print_table(rows: list[dict[str, Any]], columns: list[str]) -> None:
    """Rows under lower-case headings; plain columns when stdout is not a terminal, so that cut and awk work."""
    console = Console(highlight=False, soft_wrap=True)
    if not console.is_terminal:
        for row in rows:
            click.echo("\t".join("" if row.get(name) is None else str(row[name]) for name in columns))
        return
    table = Table(box=None, pad_edge=False)
    for name in columns:
        table.add_column(name.replace("_", " "))
    for row in rows:
        table.add_row(*("" if row.get(name) is None else str(row[name]) for name in columns))
    console.print(table)
