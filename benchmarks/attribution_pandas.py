"""The plain way: pandas, and a loop over people. `python -m benchmarks.attribution_pandas LOG`."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections import Counter, defaultdict
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.event_log import CHANNELS, HALF_LIFE, LOOKBACK

Paths = dict[tuple[int, ...], list[int]]  # conversions, losses


def main(log: str) -> None:
    """Prints the seconds, the peak memory in MB, and every model's conversions."""
    with np.load(log) as columns:
        frame = pd.DataFrame({name: columns[name] for name in columns.files})
    begun = time.monotonic()
    models, paths = _rules(_stitched(frame.drop_duplicates("event")))
    total = sum(conversions for conversions, _ in paths.values())
    models["markov"] = _markov(paths, total)
    models["shapley"] = _shapley(paths)
    seconds = time.monotonic() - begun
    told = {name: [float(credit[n]) for n in range(len(CHANNELS))] for name, credit in models.items()}
    print(json.dumps({"seconds": seconds, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "models": told}))


def _stitched(frame: pd.DataFrame) -> pd.DataFrame:
    above: dict[Any, Any] = {}

    def find(key: Any) -> Any:
        above.setdefault(key, key)
        while above[key] != key:
            above[key] = above[above[key]]
            key = above[key]
        return key

    for browser, account in zip(frame["browser"], frame["account"], strict=True):
        if account >= 0:
            above[find(("browser", browser))] = find(("account", account))
    persons = [find(("browser", browser)) for browser in frame["browser"]]
    return frame.assign(person=pd.factorize(pd.Series(persons))[0], converts=frame["channel"] < 0)


def _rules(frame: pd.DataFrame) -> tuple[dict[str, Any], Paths]:
    models: dict[str, Any] = {name: defaultdict(float) for name in ("first", "last", "linear", "position", "time_decay")}
    paths: Paths = defaultdict(lambda: [0, 0])
    for _, events in frame.sort_values(["person", "at", "converts"]).groupby("person"):
        touches: list[tuple[int, int]] = []
        bought = False
        for at, channel in zip(events["at"], events["channel"], strict=True):
            if channel >= 0:
                touches.append((at, channel))
                continue
            bought = True
            walk = [touch for touch in touches if touch[0] >= at - LOOKBACK]
            paths[tuple(channel for _, channel in walk)][0] += 1
            _share(models, at, walk)
        if not bought:
            paths[tuple(channel for at, channel in touches if at >= touches[-1][0] - LOOKBACK)][1] += 1
    return models, paths


def _share(models: dict[str, Any], at: int, walk: list[tuple[int, int]]) -> None:
    count = len(walk)
    models["first"][walk[0][1]] += 1
    models["last"][walk[-1][1]] += 1
    decay = [2.0 ** (-(at - then) / HALF_LIFE) for then, _ in walk]
    whole = sum(decay)
    for place, (_, channel) in enumerate(walk):
        models["linear"][channel] += 1 / count
        models["time_decay"][channel] += decay[place] / whole
        end = 1.0 if count == 1 else 0.5 if count == 2 else 0.4
        models["position"][channel] += end if place in (0, count - 1) else 0.2 / (count - 2)


def _markov(paths: Paths, total: int) -> Any:
    moves: dict[Any, Counter[Any]] = defaultdict(Counter)
    for path, (conversions, losses) in paths.items():
        for one, other in zip(("begin", *path), path, strict=False):
            moves[one][other] += conversions + losses
        moves[path[-1]]["conversion"] += conversions
        moves[path[-1]]["nothing"] += losses

    def converts(removed: int | None) -> float:
        states = ["begin", *(n for n in range(len(CHANNELS)) if n != removed)]
        place = {state: n for n, state in enumerate(states)}
        matrix, ends = np.eye(len(states)), np.zeros(len(states))
        for state in states:
            leaving = sum(moves[state].values())
            for following, times in moves[state].items():
                if following in place:
                    matrix[place[state], place[following]] -= times / leaving
            ends[place[state]] = moves[state]["conversion"] / leaving
        return float(np.linalg.solve(matrix, ends)[0])

    whole = converts(None)
    effects = {n: 1 - converts(n) / whole for n in range(len(CHANNELS))}
    return {n: effect / sum(effects.values()) * total for n, effect in effects.items()}


def _shapley(paths: Paths) -> Any:
    worth: Counter[frozenset[int]] = Counter()
    for path, (conversions, _) in paths.items():
        worth[frozenset(path)] += conversions
    everybody = range(len(CHANNELS))
    coalitions = [frozenset(one) for size in range(len(CHANNELS) + 1) for one in combinations(everybody, size)]
    value = {one: sum(times for path, times in worth.items() if path <= one) for one in coalitions}
    credit: dict[int, float] = defaultdict(float)
    for one in coalitions:
        for player in set(everybody) - one:
            weight = factorial(len(one)) * factorial(len(CHANNELS) - len(one) - 1) / factorial(len(CHANNELS))
            credit[player] += weight * (value[one | {player}] - value[one])
    return credit


if __name__ == "__main__":
    main(*sys.argv[1:])
