"""`drumbeat up`."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import click

from cli import output
from cli import state as state_folder
from cli.procfile import ROOT
from cli.stack import READY_SECONDS, Stack, last_lines
from cli.state import State
from core.errors import Unavailable


@click.command()
@state_folder.option
@output.option
@click.option("--simulate/--real", default=None, help="Play the vendors by the sandbox, or never. Default: when no vendor key is set.")
@click.option("--detach", is_flag=True, help="Return when it is ready, and leave it running.")
def command(state_dir: Path, form: str, simulate: bool | None, detach: bool) -> None:
    """Start the platform: API, worker pools, beat, Flower, and whatever of Postgres, Redis and vendors is missing.

    Stays in the foreground until Ctrl-C. DATABASE_URL, REDIS_URL and the vendors' keys are used when they are set, in
    the environment or in .env.
    """
    state = State(state_dir)
    if detach:
        _start_detached(state, simulate)
        _show(state.read("state.json")["urls"], state, form)
        return
    interrupt_on_terminate()
    with state.owned(), Stack(state, simulate=simulate, say=output.say) as stack:
        _show(stack.urls, state, form)
        wait_for_interrupt()
        output.say("stopping")


def interrupt_on_terminate() -> None:
    """SIGTERM ends a command as Ctrl-C does: from wherever it is, stopping in order what it started."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def wait_for_interrupt() -> None:
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()


def _show(urls: dict[str, str], state: State, form: str) -> None:
    if form == "json":
        output.print_json(urls)
        return
    for name, url in urls.items():
        click.echo(f"{name}\t{url}")
    output.say(f"Flower's login is {state.secrets()['FLOWER_BASIC_AUTH']}; logs are in {state.logs}; Ctrl-C or ./drumbeat down stops it")


def _start_detached(state: State, simulate: bool | None) -> None:
    state.make()
    log = state.logs / "up.log"
    choice = [] if simulate is None else ["--simulate" if simulate else "--real"]
    with log.open("wb") as out:
        words = [sys.executable, "-m", "cli.main", "up", "--state-dir", str(state.folder), *choice]
        child = subprocess.Popen(words, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
    deadline = time.monotonic() + READY_SECONDS
    while child.poll() is None and time.monotonic() < deadline:
        if b"\nflower\t" in log.read_bytes():
            return
        time.sleep(0.2)
    raise Unavailable(f"The platform did not start:\n{last_lines(log)}", hint=f"All logs are in {state.logs}.")
