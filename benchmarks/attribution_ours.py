"""Our side: what the platform does with events, without Postgres around it. `python -m benchmarks.attribution_ours LOG STITCHED`."""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import Any

import numpy as np

from benchmarks.event_log import CHANNELS, HALF_LIFE, LOOKBACK
from pipelines.analytics.attribution.journeys import Events, Journeys
from pipelines.analytics.attribution.models import attribute
from pipelines.analytics.identities import joined


def main(log: str, stitched: str) -> None:
    """Prints the seconds of the whole and of the attribution alone, the peak memory in MB, and every model's conversions."""
    with np.load(log) as columns:
        raw = {name: columns[name] for name in columns.files}
    begun = time.monotonic()
    events = _in_order(raw)
    stitched_at = time.monotonic()
    journeys = Journeys(CHANNELS, since=0, lookback=LOOKBACK, half_life=HALF_LIFE)
    for start in range(0, len(events), 200_000):
        journeys.feed(events.cut(start, start + 200_000))
    given = attribute(journeys.paths())
    ended = time.monotonic()
    np.savez(stitched, person=events.person, at=events.at, channel=events.player, converts=events.converts, value=events.value)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {name: one.conversions.tolist() for name, one in given.items()}
    print(json.dumps({"seconds": ended - begun, "attribution": ended - stitched_at, "peak": peak, "models": told}))


def _in_order(raw: dict[str, Any]) -> Events:
    """Each event once, under its person, sorted as the stream out of Postgres is."""
    once = np.unique(raw["event"], return_index=True)[1]
    browser, account, at, channel, value = (raw[name][once] for name in ("browser", "account", "at", "channel", "value"))
    keys, numbers = np.unique(np.concatenate([browser, account[account >= 0] + 2**40]), return_inverse=True)
    links = np.unique(numbers[: len(browser)][account >= 0] * len(keys) + numbers[len(browser) :])
    sets = joined(zip(*(side.tolist() for side in np.divmod(links, len(keys))), strict=True), len(keys))
    person = np.array([sets.find(n) for n in range(len(keys))])[numbers[: len(browser)]]
    order = np.lexsort((channel < 0, at, person))
    return Events(person[order], at[order], channel[order], channel[order] < 0, value[order])


if __name__ == "__main__":
    main(*sys.argv[1:])
