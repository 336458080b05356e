"""`drumbeat doctor`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click
from rich.text import Text

from cli import output
from cli import state as state_folder
from cli.checks import machine, processes, production, services
from cli.checks.findings import Finding
from cli.embedded import PostgresServer, RedisServer
from cli.environment import missing, read_given
from cli.exits import Exit
from cli.state import State
from core.errors import NotConfigured
from core.settings import get_settings

MARKS = {"ok": ("ok", "green"), "warning": ("warn", "yellow"), "fault": ("FAULT", "red")}


@click.command()
@state_folder.option
@output.option
@click.option("--production", "for_production", is_flag=True, help="Also go through the checklist for production.")
def command(state_dir: Path, form: str, for_production: bool) -> None:
    """Check settings, services, processes and keys. Each finding comes with its fix; exit code 1 when there is a fault."""
    findings = [*production.check()] if for_production else []  # judged by what is set, not by what `up` fills in
    fill_in(State(state_dir))
    findings = [*look(), *findings]
    if form == "json":
        output.print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            show(finding)
    if any(finding.state == "fault" for finding in findings):
        raise click.exceptions.Exit(Exit.FAILED)


def look() -> Iterator[Finding]:
    for room in (machine, services, processes):
        yield from room.check()


def fill_in(state: State) -> None:
    """Take over the embedded services' addresses and the secrets of the platform that runs on this folder."""
    running = state.read("state.json").get("urls", {})
    if not running:
        return
    try:
        given = read_given()
    except NotConfigured:
        return
    servers = {"DATABASE_URL": PostgresServer(state.folder).url, "REDIS_URL": RedisServer(state.folder).url}
    values = {**servers, **state.secrets(), "PUBLIC_URL": running["api"], "FLOWER_URL": running["flower"], "STATE_DIR": str(state.folder)}
    os.environ.update(missing(given, values))
    get_settings.cache_clear()


def show(finding: Finding) -> None:
    mark, colour = MARKS[finding.state]
    output.print_line(Text.assemble((f"{mark:<6}", colour), f"{finding.name:<26}{finding.detail}"))
    if finding.fix:
        click.echo(f"{'':<32}-> {finding.fix}")
