"""`drumbeat down`."""

from __future__ import annotations

from pathlib import Path

import click
import psutil

from cli import output
from cli import state as state_folder
from cli.state import State
from core.errors import Unavailable

STOP_SECONDS = 90.0


def stop(state: State) -> bool:
    """Stop the platform of a state folder and wait for its end; False when none runs. Raises Unavailable."""
    runner = state.runner()
    if runner is None:
        return False
    runner.terminate()
    try:
        runner.wait(STOP_SECONDS)
    except psutil.TimeoutExpired:
        raise Unavailable(
            f"Process {runner.pid} does not end", hint=f"Its logs are in {state.logs}; kill -9 {runner.pid} ends it."
        ) from None
    return True


@click.command()
@state_folder.option
def command(state_dir: Path) -> None:
    """Stop the platform that runs on the state folder, in order. Fine when none runs."""
    output.say("stopped" if stop(State(state_dir)) else f"nothing runs on {state_dir}")
