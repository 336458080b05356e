"""What a report says, in order: headings, sentences, tables and pictures, which HTML and PDF then set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Table:
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """paragraphs, then the table, then the picture."""

    title: str
    paragraphs: tuple[str, ...] = ()
    table: Table | None = None
    picture: Path | None = None


@dataclass(frozen=True)
class Report:
    title: str
    sections: tuple[Section, ...] = field(default=())


def report_of(
    name: str, results: Mapping[str, Any], pictures: Mapping[str, Path], plan: Mapping[str, Any] | None, *, simulated: bool
) -> Report:
    """pictures: of `pictures.fit_pictures`, and `plan` where there is one."""
    sections = [
        _verdict(results, simulated),
        _returns(results, pictures),
        Section("What each period is made of", ("The parts sum to the prediction.",), _parts(results), pictures["contributions"]),
        _curves(results, pictures),
        *([_plan(plan, results, pictures)] if plan else []),
        _quality(results, pictures),
    ]
    return Report(name, tuple(sections))


def _verdict(results: Mapping[str, Any], simulated: bool) -> Section:
    found = results["verdict"]
    span = f"{results['dates'][0]} to {results['dates'][-1]}, {len(results['dates'])} {results['period']}s of {results['outcome']}."
    reasons = tuple(
        f"{reason['detail'][0].upper()}{reason['detail'][1:]}." for reason in found["reasons"] if reason["detail"] not in found["summary"]
    )
    told = ("The history is simulated: it did not happen.",) if simulated else ()
    return Section(f"Verdict: {found['grade']}", (found["summary"], *reasons, span, *told))


def _returns(results: Mapping[str, Any], pictures: Mapping[str, Path]) -> Section:
    rows = tuple(
        (
            entry["name"],
            number(entry["spend"]),
            between(entry["contribution"]),
            between(entry["roas"]),
            between(entry["marginal_roas"]),
            share(entry["share_of_outcome"]),
        )
        for entry in results["channels"]
    )
    columns = ("Channel", "Spend", f"Brought, {results['outcome']}", "ROAS", "ROAS of the next unit", "Share of the outcome")
    words = (
        "Figures are means with 90 % intervals. ROAS is what a unit of spend brought on average; "
        "the next unit brings less where a channel saturates."
    )
    return Section("Return on spend", (words,), Table(columns, rows), pictures["roas"])


def _parts(results: Mapping[str, Any]) -> Table:
    whole = sum(results["prediction"]["mean"])
    rows = tuple((part["name"], number(sum(part["mean"])), f"{sum(part['mean']) / whole:.1%}") for part in results["parts"])
    return Table(("Part", results["outcome"].capitalize(), "Share"), rows)


def _curves(results: Mapping[str, Any], pictures: Mapping[str, Path]) -> Section:
    rows = tuple(
        (
            entry["name"], number(entry["current_spend"]), number(entry["highest_spend"]), between(entry["saturation_point"], "median"),
            "beyond what was ever spent" if entry["saturation_point"]["median"] > entry["highest_spend"] else "within what was spent",
        )
        for entry in results["channels"]
    )  # fmt: skip
    columns = ("Channel", f"Spend a {results['period']} now", "Highest seen", "Nine tenths of its ceiling at", "Which is")
    return Section(
        "Response curves",
        (f"{results['outcome'].capitalize()} a {results['period']} at steady spend.",),
        Table(columns, rows),
        pictures["curves"],
    )


def _plan(plan: Mapping[str, Any], results: Mapping[str, Any], pictures: Mapping[str, Path]) -> Section:
    gain = plan["gain"]
    words = (
        f"{number(plan['total'])} over {plan['periods']} {results['period']}s, split as below, is expected to bring "
        f"{number(plan['after']['mean'])} instead of {number(plan['before']['mean'])}: {between(gain)} more, "
        f"with a probability of {gain['probability']:.0%} that it is more at all."
    )
    rows = tuple(
        (entry["name"], number(entry["before"]), number(entry["after"]), f"{entry['marginal_roas']:.2f}") for entry in plan["channels"]
    )
    return Section("A better split", (words,), Table(("Channel", "Before", "After", "ROAS of the next unit"), rows), pictures.get("plan"))


def _quality(results: Mapping[str, Any], pictures: Mapping[str, Path]) -> Section:
    converged, quality, held = results["convergence"], results["quality"], results["holdout"]
    rows = [
        ("R-hat, worst", f"{converged['r_hat']:.3f}", "at most 1.01"),
        ("Effective draws, bulk and tail, worst", f"{converged['ess_bulk']:.0f} and {converged['ess_tail']:.0f}", "at least 400"),
        ("Divergences", f"{converged['divergences']} of {converged['draws']}", "none"),
        ("History inside its 90 % intervals", f"{quality['coverage']:.0%}", "about 90 %"),
        ("Ups and downs explained", f"{quality['r_squared']:.0%}", "above 50 %"),
        ("Autocorrelation of errors", f"{quality['autocorrelation']:.2f}", "near 0"),
    ]
    if held:
        rows += [
            (f"CRPS on {held['periods']} held-out periods", number(held["crps"]), f"below {number(held['naive_crps'])}, {held['naive']}"),
            ("MAPE on them", percent(held["mape"]), f"below {percent(held['naive_mape'])}"),
        ]
    rows += [
        (f"{entry['name']}: prior and posterior overlap", f"{entry['prior_overlap']:.0%}", "below 70 %") for entry in results["channels"]
    ]
    return Section("Can it be believed?", (), Table(("Check", "Found", "Wanted"), tuple(rows)), pictures["fit"])


def number(value: float) -> str:
    """With the digits that matter."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"


def percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def between(figure: Mapping[str, float], middle: str = "mean") -> str:
    return f"{number(figure[middle])} ({number(figure['low'])} to {number(figure['high'])})"


def share(figure: Mapping[str, float]) -> str:
    return f"{figure['mean']:.1%} ({figure['low']:.1%} to {figure['high']:.1%})"


def lines_of(table: Table) -> Sequence[Sequence[str]]:
    """The table with its head, for those who set it."""
    return [table.columns, *table.rows]
