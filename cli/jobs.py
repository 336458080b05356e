"""`drumbeat jobs …`: the HTTP API from a shell."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from cli import following, output
from cli import state as state_folder
from cli.client import Client
from cli.exits import Exit
from cli.state import State

COLUMNS = ["id", "kind", "state", "progress", "cost", "created_at", "wait_reason"]
STEP_COLUMNS = ["name", "state", "pool", "attempt", "progress", "message", "wait_reason"]
job_id = click.argument("job_id")


@click.group()
@state_folder.option
@click.option("--url", envvar="DRUMBEAT_URL", help="Of the API; default: the platform that runs here.")
@click.option("--token", envvar="DRUMBEAT_TOKEN", help="An access token; default: the login kept by ./drumbeat login.")
@click.pass_context
def command(ctx: click.Context, state_dir: Path, url: str | None, token: str | None) -> None:
    """Submit, list, watch, cancel and replay jobs."""
    ctx.obj = Client(State(state_dir), url=url, token=token)


def subcommand(function: Callable[..., None]) -> click.Command:
    """A sub-command that is given the client and the form of output."""
    made: click.Command = command.command()(output.option(click.pass_obj(function)))
    return made


@subcommand
@click.argument("kind")
@click.option("-p", "--params", default="{}", help="A JSON object, or @file.json.")
@click.option("--campaign", "campaign_id", help="Whose budget and results these are.")
@click.option("--priority", type=click.IntRange(-10, 10), default=0, show_default=True)
@click.option("--key", help="Idempotency-Key: the same key makes one job, however often it is sent.")
@click.option("--watch", is_flag=True, help="Follow it to its end; exit code 4 when it fails.")
def submit(client: Client, form: str, kind: str, params: str, campaign_id: str | None, priority: int, key: str | None, watch: bool) -> None:
    """Submit a job of KIND."""
    body: dict[str, Any] = {"kind": kind, "params": read_params(params), "priority": priority}
    if campaign_id:
        body["campaign_id"] = campaign_id
    headers = {"Idempotency_Key": key} if key else {}
    job = client.post("/v1/jobs", body, **headers)
    if watch:
        job = following.follow(client, job)
    show_job(job, form)
    if watch:
        exit_as(job)


def read_params(text: str) -> dict[str, Any]:
    """Params from JSON or, after an @, from a file. Raises click's usage error."""
    try:
        content = Path(text[1:]).read_text() if text.startswith("@") else text
        params = json.loads(content)
    except OSError as error:
        raise click.BadParameter(f"{text[1:]} cannot be read: {error.strerror}", param_hint="--params") from None
    except ValueError as error:
        raise click.BadParameter(f"not JSON: {error}", param_hint="--params") from None
    if not isinstance(params, dict):
        raise click.BadParameter('must be a JSON object such as {"seconds": 1}', param_hint="--params")
    return params


@subcommand
@click.option("--state", type=click.Choice(["queued", "running", "waiting", "succeeded", "failed", "cancelled"]))
@click.option("--kind")
@click.option("--campaign", "campaign_id")
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True)
def list(client: Client, form: str, **filters: Any) -> None:  # noqa: A001 - the command's name
    """The newest jobs."""
    jobs = client.get("/v1/jobs", **filters)["items"]
    if form == "json":
        output.print_json(jobs)
    else:
        output.print_table(jobs, COLUMNS)


@subcommand
@job_id
def show(client: Client, form: str, job_id: str) -> None:
    """One job with its steps."""
    show_job(client.get(f"/v1/jobs/{job_id}"), form)


@subcommand
@job_id
def watch(client: Client, form: str, job_id: str) -> None:
    """Follow a job to its end; exit code 4 when it fails."""
    job = following.follow(client, client.get(f"/v1/jobs/{job_id}"))
    show_job(job, form)
    exit_as(job)


@subcommand
@job_id
def cancel(client: Client, form: str, job_id: str) -> None:
    """Ask a job to stop, with its children."""
    show_job(client.post(f"/v1/jobs/{job_id}/cancel"), form)


@subcommand
@job_id
@click.option("--from-step", help="The first step to run again; default: the first that is not done.")
def replay(client: Client, form: str, job_id: str, from_step: str | None) -> None:
    """Run an ended job again from a step; the steps before it keep their results."""
    show_job(client.post(f"/v1/jobs/{job_id}/replay", {"from_step": from_step}), form)


def show_job(job: dict[str, Any], form: str) -> None:
    if form == "json":
        output.print_json(job)
        return
    for name in COLUMNS:
        if job.get(name) is not None:
            click.echo(f"{name}\t{job[name]}")
    if error := job.get("error"):
        click.echo(f"error\t{error['detail']}")
        output.say(f"hint: {error['hint']}" if error.get("hint") else "")
    output.print_table(job.get("steps", []), STEP_COLUMNS)


def exit_as(job: dict[str, Any]) -> None:
    if job["state"] != "succeeded":
        raise click.exceptions.Exit(Exit.JOB_FAILED)
