"""`drumbeat storm`: kill processes under load, then count from the vendors' own ledger what was lost or done twice."""

from __future__ import annotations

import dataclasses

import click

from cli import output
from cli.exits import Exit


@click.command()
@click.option("--jobs", default=300, show_default=True, type=click.IntRange(1), help="Jobs to submit, children not counted.")
@click.option("--seconds", default=120, show_default=True, type=click.IntRange(10), help="How long faults go on.")
@click.option("--seed", default=1, show_default=True, help="The same seed plans the same jobs and faults.")
@output.option
def command(jobs: int, seconds: int, seed: int, form: str) -> int:
    """Submit chains, fan-ins and publishes while killing what runs them.

    Always on a stack of its own that is thrown away. Exit code 1 when anything was lost, stuck, done twice or not done,
    or needs a person where the vendor could have told.
    """
    from cli.storm.storm import Storm  # workers import this package for its kinds only

    report = Storm(jobs, seconds, seed, say=lambda line: click.echo(line, err=True)).run()
    row = dataclasses.asdict(report)
    is_clean = row.pop("is_clean")
    if form == "json":
        output.print_json(row)
    else:
        output.print_table([row], list(row))
    return Exit.OK if is_clean else Exit.FAILED
