"""`drumbeat login`."""

from __future__ import annotations

from pathlib import Path

import click

from cli import output
from cli import state as state_folder
from cli.client import Client
from cli.state import State


@click.command()
@state_folder.option
@click.option("--url", envvar="DRUMBEAT_URL", help="Of the API; default: the platform that runs here.")
@click.option("--email", prompt=True, help="Of your account.")
@click.option("--password", envvar="DRUMBEAT_PASSWORD", prompt=True, hide_input=True, help="Asked for when it is not given.")
def command(state_dir: Path, url: str | None, email: str, password: str) -> None:
    """Log in and keep the tokens in the state folder, readable by you only."""
    client = Client(State(state_dir), url=url)
    session = client.open_session("/v1/auth/login", {"email": email, "password": password})
    output.say(
        f"logged in at {client.url} as {session['user']['email']}, {session['organization']['role']} of {session['organization']['name']}"
    )
