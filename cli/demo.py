"""`drumbeat demo`: a campaign from a domain to published posts, on the sample brand or on a site of yours."""

from __future__ import annotations

import ipaddress
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import click

from cli import demo_measure, demo_run, measured, output
from cli import state as state_folder
from cli.client import Client
from cli.exits import Exit
from cli.stack import Stack
from cli.state import State
from cli.up import interrupt_on_terminate, wait_for_interrupt


@click.command()
@state_folder.option
@click.option("--site", help="Run it on this site (a URL) instead of the sample brand's.")
@click.option("--allow-loopback-site", is_flag=True, help="Let --site be on this machine.")
@output.option
def command(state_dir: Path, site: str | None, allow_loopback_site: bool, form: str) -> None:
    """Start everything, run a whole campaign and measure the brand's past, every vendor played by the sandbox: no key is
    needed, nothing is billed.

    On a terminal the platform then runs until Ctrl-C; otherwise it stops and the command ends.
    """
    began = time.monotonic()
    allow_host = checked_site(site, allow_loopback_site) if site else ""
    state = State(state_dir)
    interrupt_on_terminate()
    with state.owned(), Stack(state, simulate=True, allow_host=allow_host, say=output.say) as stack:
        client = Client(state, url=stack.urls["api"])
        made = demo_run.run(client, state, site or stack.urls["site"], stack.urls)
        made["measured"] = demo_measure.measure(client, stack.urls["sandbox"])
        made["seconds"] = round(time.monotonic() - began, 1)
        if form == "json":
            output.print_json(made)
        else:
            demo_run.show(made)
            measured.show(made["measured"])
        if sys.stdout.isatty():
            output.say(f"Log in at {stack.urls['pages']} as {demo_run.account(state)}.")
            output.say(f"Flower's login is {state.secrets()['FLOWER_BASIC_AUTH']}. Ctrl-C stops everything.")
            wait_for_interrupt()
        output.say("stopping")
    if made["job"]["state"] != "succeeded":
        raise click.exceptions.Exit(Exit.JOB_FAILED)


def checked_site(site: str, allow_loopback: bool) -> str:
    """The `host:port` that the guarded fetch must be told to allow, empty for a public site. Raises click's usage error."""
    parts = urlsplit(site)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise click.BadParameter("must be a URL such as https://example.com", param_hint="--site")
    if not is_loopback(parts.hostname):
        return ""
    if not allow_loopback:
        raise click.BadParameter(f"{parts.hostname} is this machine; add --allow-loopback-site if you mean it", param_hint="--site")
    return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
