"""`drumbeat version`."""

from __future__ import annotations

import configparser
import platform
from pathlib import Path

import click

SETUP = Path(__file__).resolve().parent.parent / "setup.cfg"


def version() -> str:
    """The platform's version; setup.cfg is the only place that holds it."""
    setup = configparser.ConfigParser()
    setup.read(SETUP)
    return setup["metadata"]["version"]


@click.command()
def command() -> None:
    """Print Drumbeat's and Python's versions."""
    click.echo(f"drumbeat {version()} (Python {platform.python_version()})")
