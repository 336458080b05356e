"""One honest verdict in words: trustworthy, weak, do not use, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

TRUSTWORTHY, WEAK, DO_NOT_USE = "trustworthy", "weak", "do not use"
UNMOVED = 0.7  # overlap of prior and posterior from which on the data are taken to have said little
WIDE = 3.0  # times, from the lower to the upper end of a ROAS interval


def verdict(results: dict[str, Any]) -> dict[str, Any]:
    """`{"grade", "summary", "reasons": [{"grade", "detail"}]}` from the results of `fit.py`; the worst reason decides."""
    found = [*_sampler(results["convergence"]), *_fit(results["quality"]), *_forecast(results["holdout"]), *_channels(results["channels"])]
    grades = {grade for grade, _ in found}
    grade = next((worst for worst in (DO_NOT_USE, WEAK) if worst in grades), TRUSTWORTHY)
    return {
        "grade": grade,
        "summary": _summary(grade, [detail for own, detail in found if own == grade]),
        "reasons": [{"grade": own, "detail": detail} for own, detail in found],
    }


def _summary(grade: str, reasons: list[str]) -> str:
    if grade == TRUSTWORTHY:
        return "Trustworthy: the chains agree, the model forecasts better than a naive guess, and the data speak for themselves."
    opening = "Weak: use it for direction, not for figures" if grade == WEAK else "Do not use it for decisions"
    return f"{opening}. {' '.join(f'{reason[0].upper()}{reason[1:]}.' for reason in reasons)}"


def _sampler(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    r_hat, ess, part = found["r_hat"], min(found["ess_bulk"], found["ess_tail"]), found["divergences"] / found["draws"]
    if not r_hat <= 1.05:
        yield DO_NOT_USE, f"the chains did not agree (R-hat {r_hat:.2f}, at most 1.05 is usable): draw more, or simplify the model"
    elif r_hat > 1.01:
        yield WEAK, f"the chains agree only roughly (R-hat {r_hat:.3f}, at most 1.01 is good): draw more"
    if not ess >= 100:
        yield DO_NOT_USE, f"there are only {ess:.0f} effective draws for the worst parameter: draw more"
    elif ess < 400:
        yield WEAK, f"there are {ess:.0f} effective draws for the worst parameter, 400 make steady intervals: draw more"
    if part > 0.02:
        yield DO_NOT_USE, f"{found['divergences']} of {found['draws']} draws diverged: parts of the posterior were not reached"
    elif part > 0.002:
        yield WEAK, f"{found['divergences']} of {found['draws']} draws diverged: the posterior may be narrower than it should be"


def _fit(found: dict[str, float]) -> Iterator[tuple[str, str]]:
    if found["r_squared"] < 0.2:
        yield DO_NOT_USE, f"the model explains {max(found['r_squared'], 0):.0%} of the ups and downs: what moves the outcome is not in it"
    elif found["r_squared"] < 0.5:
        yield WEAK, f"the model explains {found['r_squared']:.0%} of the ups and downs: something that moves the outcome is missing"
    if found["coverage"] < 0.75:
        yield WEAK, f"only {found['coverage']:.0%} of the history lies inside its 90 % intervals"
    if abs(found["autocorrelation"]) > 0.5:
        yield WEAK, f"errors follow each other (autocorrelation {found['autocorrelation']:.2f}): a trend, a season or a control is missing"
    if found["negative_baseline"] > 0.2:
        yield WEAK, "more is credited to media than there is outcome in a good part of the draws: state priors for the large channels"


def _forecast(found: dict[str, Any] | None) -> Iterator[tuple[str, str]]:
    if found is None:
        yield WEAK, "nothing was held out, so its forecasts are untested"
        return
    ratio = found["crps"] / found["naive_crps"] if found["naive_crps"] > 0 else float("inf")
    if ratio > 1.5:
        yield DO_NOT_USE, f"its forecast of the {found['periods']} held-out periods is {ratio:.1f} times as far off as {found['naive']}"
    elif ratio > 1.0:
        yield WEAK, f"its forecast of the {found['periods']} held-out periods is no better than {found['naive']}"
    if found["coverage"] < 0.5:
        yield WEAK, f"only {found['coverage']:.0%} of the held-out periods were inside their 90 % intervals"


def _channels(found: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """A channel whose ROAS is what was believed, or that could be anything, is named; the model is weak when they take half the spend."""
    unmoved = [entry for entry in found if entry["prior_overlap"] > UNMOVED and not entry["tested"]]
    vague = [entry for entry in found if entry not in unmoved and entry["roas"]["high"] > WIDE**2 * entry["roas"]["low"]]
    if sum(entry["share_of_spend"] for entry in unmoved) > 0.5:
        names = ", ".join(entry["name"] for entry in unmoved)
        yield WEAK, f"the data say little about {names}: their ROAS is mostly what was believed before; a lift test would tell"
    elif unmoved:
        names = ", ".join(entry["name"] for entry in unmoved)
        yield TRUSTWORTHY, f"the data say little about {names}: read their ROAS as a belief"
    if sum(entry["share_of_spend"] for entry in vague) > 0.5:
        yield WEAK, f"the ROAS of {', '.join(entry['name'] for entry in vague)} is known to within a factor of {WIDE**2:.0f} only"
