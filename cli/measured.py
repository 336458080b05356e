"""What the demo measured, for people: every figure beside the truth that the sandbox knows."""

from __future__ import annotations

from typing import Any

import click

from cli import output

MODELS = {"last": "last touch", "linear": "linear", "markov": "Markov", "shapley": "Shapley"}


def show(measured: dict[str, Any]) -> None:
    _performance(measured["performance"])
    if measured["attribution"]:
        _attribution(measured["attribution"])
    if measured["mix"]:
        _mix(measured["mix"])
    _experiment(measured["experiment"])


def _performance(totals: dict[str, Any]) -> None:
    click.echo("\nPerformance of the brand's last weeks")
    told = f"  spend {float(totals['spend']):,.0f}, {totals['clicks']:,} clicks, {totals['conversions']:,} conversions"
    click.echo(f"{told}, revenue {float(totals['revenue']):,.0f}")


def _attribution(found: dict[str, Any]) -> None:
    click.echo("\nAttribution: shares of conversions, beside what channels really added")
    rows = [
        {
            "channel": name,
            **{word: _percent(found["models"].get(model, {}).get(name)) for model, word in MODELS.items()},
            "truth": _percent(true),
        }
        for name, true in found["truth"].items()
    ]
    output.print_table(rows, ["channel", *MODELS.values(), "truth"])


def _mix(found: dict[str, Any]) -> None:
    click.echo("\nMarketing mix model: ROAS with 90 % intervals, beside the true one")
    rows = [_roas(name, one) for name, one in found["roas"].items()]
    output.print_table(rows, ["channel", "roas", "from", "to", "truth", "covered"])
    click.echo(f"  {found['verdict']['summary']}")
    if plan := found["plan"]:
        gain = plan["gain"]
        click.echo(
            f"  A better split of the same budget gains {gain['mean']:,.0f} ({gain['low']:,.0f} to {gain['high']:,.0f}) in a quarter."
        )


def _roas(name: str, one: dict[str, float]) -> dict[str, str]:
    inside = one["low"] <= one["truth"] <= one["high"]
    numbers = {"roas": one["mean"], "from": one["low"], "to": one["high"], "truth": one["truth"]}
    return {"channel": name, **{word: f"{number:.2f}" for word, number in numbers.items()}, "covered": "yes" if inside else "no"}


def _experiment(found: dict[str, Any]) -> None:
    click.echo("\nExperiment: a shorter checkout")
    for arm in found["metrics"][0]["arms"]:
        click.echo(f"  {arm['variant']:<6} {arm['units']:>5} visitors, {arm['value'] or 0:.1%} bought")
    click.echo(f"  {found['sentence']}\n  The true rates are {' and '.join(f'{rate:.0%}' for rate in found['truth']['rates'])}.")


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"
