"""`python -m sandbox`: run the sandbox until it is told to stop, or print the variables that point Drumbeat at it."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType

import click

from sandbox.env import environment
from sandbox.server import HOST, Sandbox


def _stop(_signal: int, _frame: FrameType | None) -> None:
    os._exit(0)  # everything that was done is on the disk already


@click.command()
@click.option("--port", default=8900, show_default=True, help="of the vendors; 0 takes a free one")
@click.option("--site-port", default=8901, show_default=True, help="of the fictional brand's site; 0 takes a free one")
@click.option("--state-dir", type=click.Path(file_okay=False, path_type=Path), default=Path(".drumbeat/sandbox"), show_default=True)
@click.option("--rate-limits/--no-rate-limits", default=True, show_default=True, help="enforce the vendors' documented rate limits")
@click.option("--environment", "stage", default="development", help="the platform's ENVIRONMENT; production is refused")
@click.option("--print-env", is_flag=True, help="print the variables for these two ports on stdout and end")
def main(port: int, site_port: int, state_dir: Path, rate_limits: bool, stage: str, print_env: bool) -> None:
    if stage == "production":
        raise click.ClickException("the sandbox is refused in production: it answers with invented text, images and posts")
    if print_env:
        for name, value in environment(f"http://{HOST}:{port}", f"http://{HOST}:{site_port}").items():
            click.echo(f"{name}={value}")
        return
    try:
        sandbox = Sandbox(state_dir, port=port, site_port=site_port, rate_limits=rate_limits)
    except OSError as error:
        raise click.ClickException(f"cannot listen on ports {port} and {site_port}: {error}; choose others or 0") from None
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    print(f"sandbox ready at {sandbox.base_url} with the site at {sandbox.site_url}", file=sys.stderr, flush=True)
    sandbox.serve()


if __name__ == "__main__":
    main(prog_name="python -m sandbox")
