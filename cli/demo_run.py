"""What the demo does on the running platform, all of it over HTTP as any client would."""

from __future__ import annotations

import secrets
import textwrap
from typing import Any

import click
from rich.text import Text

from cli import output
from cli.client import Client
from cli.following import follow
from cli.state import State
from core.errors import Unauthenticated

ACCOUNT = "demo.json"
CAMPAIGN = {
    "name": "Demo campaign",
    "goal": "Win new customers for the product that the site shows first",
    "channels": ["x"],
    "budget": "25.00",
    "approval": "auto",
}


def run(client: Client, state: State, site: str, urls: dict[str, str]) -> dict[str, Any]:
    """Log in, connect X, run the campaign with its progress shown; what was made."""
    log_in(client, state)
    connect_x(client)
    campaign = client.post("/v1/campaigns", {**CAMPAIGN, "domain": site})
    output.say(f"campaign {campaign['id']} on {site}")
    job = follow(client, client.post(f"/v1/campaigns/{campaign['id']}/run"))
    return gather(client, campaign["id"], job, urls)


def log_in(client: Client, state: State) -> None:
    """As the demo organisation's admin: registered the first time, logged in after that."""
    kept = state.read(ACCOUNT)
    if kept:
        try:
            client.open_session("/v1/auth/login", {"email": kept["email"], "password": kept["password"]})
        except Unauthenticated:
            output.say("the demo's account is gone from the database; registering a new one")
        else:
            output.say("using the demo organisation that is there")
            return
    kept = {"email": f"demo-{secrets.token_hex(4)}@example.com", "password": secrets.token_urlsafe(18)}
    client.open_session("/v1/auth/register", {**kept, "name": "Demo", "organization": "Demo organisation"})
    state.write(ACCOUNT, kept)
    output.say("registered a demo organisation")


def account(state: State) -> str:
    kept = state.read(ACCOUNT)
    return f"{kept['email']} with password {kept['password']}"


def connect_x(client: Client) -> None:
    """Through the sandbox's OAuth consent, unless an account is connected already."""
    connections = client.get("/v1/connections")["items"]
    if any(c["vendor"] == "x" and c["state"] == "active" for c in connections):
        return
    started = client.post("/v1/connections", {"vendor": "x"})
    connection = client.visit(started["authorize_url"])
    output.say(f"connected X as {connection['account_name']}")


def gather(client: Client, campaign_id: str, job: dict[str, Any], urls: dict[str, str]) -> dict[str, Any]:
    """One object of all that the run made; `seconds` is the caller's."""
    campaign = client.get(f"/v1/campaigns/{campaign_id}")
    assets = [client.get(f"/v1/assets/{asset['id']}") for asset in campaign.pop("assets")]
    return {
        "brief": (campaign.pop("brief") or {}).get("body"),
        "concepts": campaign.pop("concepts"),
        "assets": [{**asset, "link": client.absolute(asset["link"])} for asset in assets],
        "posts": campaign.pop("posts"),
        "cost": client.get(f"/v1/campaigns/{campaign_id}/costs")["spent"],
        "campaign": campaign,
        "job": {name: job[name] for name in ("id", "state", "error", "wait_reason")},
        "urls": urls,
    }


def show(made: dict[str, Any]) -> None:
    """The same for people."""
    if error := made["job"]["error"]:
        output.say(f"the campaign failed: {error['detail']}")
        output.say(f"hint: {error.get('hint') or 'its events and logs are on the pages'}")
    click.echo(f"\nBrief\n  {made['brief']['message']['text'] if made['brief'] else '(none)'}")
    click.echo("\nConcepts")
    for concept in made["concepts"]:
        click.echo(f"  {concept['position']}. {concept['title']}")
    click.echo("\nFiles")
    for asset in sorted(made["assets"], key=lambda asset: asset["name"]):
        show_file(asset)
    click.echo("\nPosts")
    for post in made["posts"]:
        click.echo(f"  {post['channel']}: {post['url'] or post['state']}")
        click.echo(textwrap.indent(post["text"], "     | ", lambda _: True))
    click.echo(f"\nCost      ${made['cost']} (simulated: nothing was billed)\nTook      {made['seconds']} s")
    for name in ("pages", "docs", "flower", "sandbox"):
        click.echo(f"{name.capitalize():<9} {made['urls'][name]}")


def show_file(asset: dict[str, Any]) -> None:
    """One line; on a terminal the name is a link that opens the file."""
    current = asset["current"]
    length = f"{current['duration_seconds']:.0f} s" if current["duration_seconds"] else ""
    name = Text(asset["name"], style=f"link {asset['link']}")
    output.print_line(Text.assemble(f"  {asset['role'] or asset['kind']:<11} {current['bytes'] / 1024:>6.0f} KiB  {length:>5}  ", name))
