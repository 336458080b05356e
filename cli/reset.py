"""`drumbeat reset`."""

from __future__ import annotations

from pathlib import Path

import click

from cli import output
from cli import state as state_folder
from cli.down import stop
from cli.embedded import PostgresServer, RedisServer
from cli.state import State
from core.errors import Conflict

OURS = ("secrets.json", "ports.json", "postgres", "redis", "logs", "models")


@click.command()
@state_folder.option
@click.confirmation_option("-y", "--yes", prompt="Delete the embedded database, all files and logs?")
def command(state_dir: Path) -> None:
    """Stop the platform and delete its state folder: embedded database, files, secrets, logs.

    A database of your own (DATABASE_URL) and a bucket of your own are not touched.
    """
    state = State(state_dir)
    if not state.folder.exists():
        output.say(f"there is no {state_dir}")
        return
    if not any((state.folder / name).exists() for name in OURS):
        raise Conflict(f"{state.folder} is not a state folder of Drumbeat", hint="Check --state-dir; nothing was deleted.")
    stop(state)
    with state.owned():
        PostgresServer(state.folder).remove()
        RedisServer(state.folder).remove()
    state.remove()
    output.say(f"removed {state_dir}")
