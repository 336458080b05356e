"""A fit's and a plan's charts as PNG files, drawn without a browser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

DOTS_PER_INCH = 120
WIDE = (9.0, 4.0)


def fit_pictures(results: Mapping[str, Any], folder: Path) -> Iterator[tuple[str, Path]]:
    """fit, contributions, roas and curves, each drawn as it is asked for: some tenths of a second a picture."""
    yield "fit", _saved(folder / "fit.png", WIDE, lambda axes: _fit(axes, results))
    yield "contributions", _saved(folder / "contributions.png", WIDE, lambda axes: _contributions(axes, results))
    yield "roas", _saved(folder / "roas.png", WIDE, lambda axes: _roas(axes, results))
    yield "curves", _curves(folder / "curves.png", results)


def plan_picture(plan: Mapping[str, Any], path: Path) -> Path:
    """Spend before and after."""
    return _saved(path, WIDE, lambda axes: _plan(axes, plan))


def _figure(size: tuple[float, float]) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, dpi=DOTS_PER_INCH, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _saved(path: Path, size: tuple[float, float], draw: Any) -> Path:
    with _plain_words():
        figure = _figure(size)
        axes = figure.add_subplot()
        axes.spines[["top", "right"]].set_visible(False)
        draw(axes)
        figure.savefig(path)
    return path


def _plain_words() -> Any:
    """A channel's name may hold anything, dollar signs too, and is no formula."""
    from matplotlib import rc_context

    return rc_context({"text.parse_math": False})


def _days(results: Mapping[str, Any]) -> list[date]:
    return [date.fromisoformat(day) for day in results["dates"]]


def _fit(axes: Any, results: Mapping[str, Any]) -> None:
    days, said = _days(results), results["prediction"]
    axes.fill_between(days, said["low"], said["high"], alpha=0.25, label="90 % interval")
    axes.plot(days, said["mean"], linewidth=1.2, label="predicted")
    axes.plot(days, results["actual"], ".", markersize=3, color="black", label="actual")
    axes.set_ylabel(results["outcome"])
    axes.legend(frameon=False, ncols=3)


def _contributions(axes: Any, results: Mapping[str, Any]) -> None:
    parts = results["parts"]
    base = np.sum([part["mean"] for part in parts if part["kind"] == "other"], axis=0)
    channels = [part for part in parts if part["kind"] == "channel"]
    axes.stackplot(
        _days(results), base, *(part["mean"] for part in channels), labels=["without media", *(part["name"] for part in channels)]
    )
    axes.set_ylabel(results["outcome"])
    axes.legend(frameon=False, ncols=4, fontsize="small")


def _roas(axes: Any, results: Mapping[str, Any]) -> None:
    names = [entry["name"] for entry in results["channels"]]
    for shift, key, label in ((-0.18, "roas", "all spend"), (0.18, "marginal_roas", "the next unit")):
        found = [entry[key] for entry in results["channels"]]
        ends = [[max(0.0, one["mean"] - one["low"]) for one in found], [max(0.0, one["high"] - one["mean"]) for one in found]]
        axes.bar(np.arange(len(names)) + shift, [one["mean"] for one in found], 0.34, yerr=ends, capsize=3, label=label)
    axes.set_xticks(range(len(names)), names)
    axes.set_ylabel("ROAS")
    axes.legend(frameon=False)


def _curves(path: Path, results: Mapping[str, Any]) -> Path:
    with _plain_words():
        rows = -(-len(results["curves"]) // 2)
        figure = _figure((9.0, 2.6 * rows))
        grid = figure.subplots(rows, 2, squeeze=False)
        for axes in grid.flat[len(results["curves"]) :]:
            axes.set_visible(False)
        for axes, curve, entry in zip(grid.flat, results["curves"], results["channels"], strict=False):
            axes.fill_between(curve["spend"], curve["low"], curve["high"], alpha=0.25)
            axes.plot(curve["spend"], curve["mean"])
            axes.axvline(entry["current_spend"], linestyle=":", color="black", linewidth=1)
            axes.set_title(curve["channel"], fontsize="medium", loc="left")
            axes.set_xlabel(f"spend a {results['period']}", fontsize="small")
            axes.spines[["top", "right"]].set_visible(False)
        figure.savefig(path)
    return path


def _plan(axes: Any, plan: Mapping[str, Any]) -> None:
    names = [entry["name"] for entry in plan["channels"]]
    for shift, when in ((-0.18, "before"), (0.18, "after")):
        axes.bar(np.arange(len(names)) + shift, [entry[when] for entry in plan["channels"]], 0.34, label=when)
    axes.set_xticks(range(len(names)), names)
    axes.set_ylabel("spend")
    axes.legend(frameon=False)
