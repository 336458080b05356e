"""Whether a market can be modelled at all: each reason why not in words, all at once."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from core.pointers import escaped
from pipelines.mmm.faults import Faults
from pipelines.mmm.holdout import seen_periods
from pipelines.mmm.holidays import fault_of
from pipelines.mmm.market import Array, Market
from pipelines.mmm.specification import Holdout, LiftTest, Model

FEWEST = {7: 40, 1: 120}  # periods
MOST_NUMBERS = 2_000_000
COLLINEAR = 0.98  # correlation from which on two channels cannot be told apart
REDUNDANT = 0.99  # R² of one channel by all the others
LEAK = 0.98  # correlation of a control with the outcome


def check(market: Market, model: Model, holdout: Holdout, *, at: str, experiments: int = 0) -> None:
    """Raises InvalidInput with every reason. at: the JSON pointer of the table; the model's own faults are told at /params/model.

    experiments: how many lift tests at the end of the model's are of experiments that the request names; theirs are told there.
    """
    faults = Faults(at)
    _check_length(market, faults)
    _check_outcome(market, faults)
    usable = _check_channels(market, faults)
    _check_collinear(market, usable, faults)
    _check_controls(market, faults)
    _check_names(market, model, faults)
    _check_holdout(market, holdout, faults)
    stated = len(model.lift_tests) - experiments
    for number, test in enumerate(model.lift_tests):
        if number < stated:
            _check_lift(market, test, faults, f"/params/model/lift_tests/{number}", "start")
        else:
            _check_lift(market, test, faults, f"/params/experiments/{number - stated}", "experiment_id")
    faults.raise_if_any()


def _model_fault(faults: Faults, pointer: str, detail: str) -> None:
    faults.found.append({"pointer": f"/params/model{pointer}", "detail": detail})


def _check_length(market: Market, faults: Faults) -> None:
    fewest, word = FEWEST[market.period_days], market.period_word
    if market.periods < fewest:
        faults.add("", f"there are {market.periods} {word}s; a model needs at least {fewest}, better two years")
    if market.spend.size > MOST_NUMBERS:
        faults.add(
            "", f"the history has {market.spend.size} figures of spend; at most {MOST_NUMBERS} are taken: send weeks instead of days"
        )


def _check_outcome(market: Market, faults: Faults) -> None:
    for geo, outcome in zip(market.geos, market.outcome, strict=True):
        of = f" of {geo}" if len(market.geos) > 1 else ""
        if not _varies(outcome):
            faults.add("", f"{market.outcome_name}{of} is {outcome[0]:g} throughout; without variance nothing can be explained")
        elif outcome.mean() <= 0:
            faults.add("", f"{market.outcome_name}{of} is {outcome.mean():g} on average; it must be positive")


def _varies(values: Array) -> bool:
    return bool(np.ptp(values) > 1e-9 * max(abs(float(values.mean())), 1e-300))


def _check_channels(market: Market, faults: Faults) -> list[int]:
    """Indices of the channels that vary."""
    usable = []
    for n, name in enumerate(market.channels):
        spend = market.spend[:, :, n]
        if not spend.any():
            faults.add("", f"{name} has no spend at all; leave it out")
        elif (np.ptp(spend, axis=1) <= 1e-9 * spend.max()).all():
            faults.add("", f"{name} spends {spend.max():g} in every {market.period_word}; what never changes cannot be measured")
        else:
            usable.append(n)
    return usable


def _check_collinear(market: Market, usable: list[int], faults: Faults) -> None:
    """Pairs that move together, and a channel that is a sum of others."""
    flat = market.spend.reshape(-1, len(market.channels))[:, usable]
    if flat.shape[1] < 2 or flat.shape[0] <= flat.shape[1] + 1:
        return
    scaled = flat / flat.std(axis=0)
    scaled -= scaled.mean(axis=0)
    correlation = np.corrcoef(scaled, rowvar=False)
    paired: set[int] = set()
    for i in range(len(usable)):
        for j in range(i):
            if abs(correlation[i, j]) >= COLLINEAR:
                paired |= {i, j}
                one, other = market.channels[usable[j]], market.channels[usable[i]]
                faults.add("", f"{one} and {other} move together (correlation {correlation[i, j]:.3f}); join them or leave one out")
    for n in range(len(usable)):
        others = np.delete(scaled, n, axis=1)
        if n not in paired and _explained(scaled[:, n], others) >= REDUNDANT:
            names = ", ".join(market.channels[usable[m]] for m in range(len(usable)) if m != n)
            faults.add("", f"{market.channels[usable[n]]} is a combination of {names}; leave one of them out")


def _explained(target: Array, others: Array) -> float:
    """R² of a centred series by centred others."""
    fitted = others @ np.linalg.lstsq(others, target, rcond=None)[0]
    return 1.0 - float(((target - fitted) ** 2).sum() / (target**2).sum())


def _check_controls(market: Market, faults: Faults) -> None:
    for name, values in market.controls.items():
        if not np.ptp(values, axis=1).any():
            told = f"is {values.flat[0]:g} throughout" if not np.ptp(values) else "never changes within a geo"
            faults.add("", f"control {name} {told}; leave it out")
            continue
        pairs = zip(values, market.outcome, strict=True)
        strongest = max(abs(float(np.corrcoef(own, outcome)[0, 1])) if np.ptp(own) and np.ptp(outcome) else 0.0 for own, outcome in pairs)
        if strongest >= LEAK:
            faults.add("", f"control {name} leaks {market.outcome_name} (correlation {strongest:.3f}): it is a part or a copy of it")


def _check_names(market: Market, model: Model, faults: Faults) -> None:
    for name in model.channels:
        if name not in market.channels:
            _model_fault(faults, f"/channels/{escaped(name)}", f"there is no channel {name!r}; channels are {', '.join(market.channels)}")
    for number, holiday in enumerate(model.holidays):
        if (problem := fault_of(holiday, market.dates[0], market.dates[-1])) is not None:
            _model_fault(faults, f"/holidays/{number}/{problem[0]}", problem[1])


def _check_holdout(market: Market, holdout: Holdout, faults: Faults) -> None:
    if holdout.kind != "none" and (holdout.periods or 0) > market.periods // 3:
        detail = f"{holdout.periods} of {market.periods} periods is more than a third; too little would be left to learn from"
        faults.found.append({"pointer": "/params/holdout/periods", "detail": detail})
        return
    seen = seen_periods(market.periods, holdout) > 0
    for geo, outcome in zip(market.geos, market.outcome, strict=True):
        if _varies(outcome) and not (_varies(outcome[seen]) and outcome[seen].mean() > 0):
            of = f" of {geo}" if len(market.geos) > 1 else ""
            left = f"{outcome[seen].mean():g} {'on average' if _varies(outcome[seen]) else 'throughout'}"
            held = f"{int((~seen).sum())} held-out {market.period_word}s"
            detail = f"without the {held}, {market.outcome_name}{of} is {left}: nothing is left to learn from; hold out fewer, or none"
            faults.found.append({"pointer": "/params/holdout", "detail": detail})


def _check_lift(market: Market, test: LiftTest, faults: Faults, at: str, time: str) -> None:
    """at: the JSON pointer of the test. time: its field that says when it was."""

    def add(name: str, detail: str) -> None:
        faults.found.append({"pointer": f"{at}/{name}", "detail": detail})

    rows = market.rows_between(test.start, test.end)
    if test.channel not in market.channels:
        add("channel", f"there is no channel {test.channel!r}; channels are {', '.join(market.channels)}")
        return
    if test.geo and test.geo not in market.geos:
        add("geo", f"there is no geo {test.geo!r}; geos are {', '.join(market.geos)}")
        return
    period = timedelta(days=market.period_days)
    after = market.dates[-1] + period
    if not rows or test.start < market.dates[0] or test.end >= after + period:  # the last, begun period is let go
        add(time, f"{test.start} to {test.end} is not within the history, {market.dates[0]} to {after - timedelta(days=1)}")
        return
    geos = [market.geos.index(test.geo)] if test.geo else list(range(len(market.geos)))
    spent = float(market.spend[np.ix_(geos, rows, [market.channels.index(test.channel)])].sum())
    if test.spend_delta > spent * (1 + 1e-9):
        add("spend_delta", f"{test.channel} spent {spent:g} in that time; {test.spend_delta:g} of it cannot have been the test's")
