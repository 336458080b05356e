"""`drumbeat test`: everything that must hold, in the order of what fails fastest."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import click

from cli import output
from cli.exits import Exit
from cli.procfile import ROOT

STAGES = {
    "ruff check": ["ruff", "check", "."],
    "ruff format": ["ruff", "format", "--check", "."],
    "mypy": ["mypy", "."],
    "import contracts": ["lint-imports"],
}


# What shares servers stays together (tests/conftest.py says what); more processes than this only wait.
PARALLEL = ["-n", "auto", "--maxprocesses", "4", "--dist", "loadgroup"]


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--ci", envvar="CI", is_flag=True, help="Install Debian's Chromium for the browser tests where root may.")
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
def command(ci: bool, pytest_arguments: tuple[str, ...]) -> None:
    """Lint, types, import contracts, then the whole suite with a Postgres and a Redis of its own.

    Further arguments go to pytest. Every stage runs, also after one that failed; exit code 1 when any did.
    """
    if ci:
        install_chromium()
    failed = [name for name, words in STAGES.items() if not passes(name, words)]
    output.say(f"--- pytest, after failures in {', '.join(failed)}" if failed else "--- pytest")
    suite = subprocess.run([sys.executable, "-m", "pytest", *PARALLEL, *pytest_arguments], cwd=ROOT, check=False)
    if failed or suite.returncode != 0:
        raise click.exceptions.Exit(Exit.FAILED)


def passes(name: str, words: list[str]) -> bool:
    """Run one stage; its output is shown when it fails."""
    began = time.monotonic()
    program = Path(sys.executable).with_name(words[0])
    done = subprocess.run([program, *words[1:]], cwd=ROOT, text=True, capture_output=True, check=False)
    output.say(f"--- {name}: {'ok' if done.returncode == 0 else 'FAILED'} ({time.monotonic() - began:.1f} s)")
    if done.returncode != 0:
        click.echo(done.stdout + done.stderr, err=True)
    return done.returncode == 0


def install_chromium() -> None:
    """Debian's Chromium, where it is missing and root may install it; without it the browser tests skip and say so."""
    if shutil.which("chromium") or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    output.say("--- installing Chromium for the browser tests")
    for words in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]):
        done = subprocess.run(words, text=True, capture_output=True, check=False)
        if done.returncode != 0:
            output.say(f"{' '.join(words)} failed; the browser tests will skip:\n{done.stderr[-500:]}")
            return
