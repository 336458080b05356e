"""A log as it comes in: events of people on one or two devices, some sent twice, in no order."""

from __future__ import annotations

from pathlib import Path

import numpy as np

TOUCHPOINTS = 1_000_000
CHANNELS = ("affiliate", "direct", "display", "email", "facebook", "search", "video", "x")
REPEATED = 0.03
DAY = 86_400_000  # milliseconds
LOOKBACK, HALF_LIFE = 90 * DAY, 7 * DAY


def write_log(path: Path, seed: int = 1) -> None:
    """Columns event, browser, account (-1: not logged in), at, channel (-1: a conversion), value. One person buys at most once."""
    dice = np.random.default_rng(seed)
    lengths = np.minimum(dice.geometric(0.22, TOUCHPOINTS // 4), 30)
    lengths = lengths[: int(np.searchsorted(np.cumsum(lengths), TOUCHPOINTS)) + 1]
    person = np.repeat(np.arange(len(lengths)), lengths)
    count = len(person)
    at = np.sort(dice.integers(0, 60 * DAY, count) + person * 61 * DAY) - person * 61 * DAY
    channel = dice.choice(len(CHANNELS), count, p=[0.05, 0.2, 0.1, 0.15, 0.15, 0.2, 0.05, 0.1])
    device = np.where(dice.random(count) < 0.3, 1, 0)
    last = np.cumsum(lengths) - 1
    buys = dice.random(len(lengths)) < 0.05 + 0.25 * (channel[last] == 5) + 0.1 * (channel[last] == 3)
    account = np.where(dice.random(count) < 0.25, person, -1)
    account[last] = person[last]
    first_of_device = np.unique(person * 2 + device, return_index=True)[1]
    account[first_of_device] = person[first_of_device]  # every device is logged in once: all can be stitched
    ends = last[buys]
    columns = {
        "browser": np.concatenate([person * 2 + device, person[ends] * 2 + device[ends]]),
        "account": np.concatenate([account, person[ends]]),
        "at": np.concatenate([at, at[ends]]),
        "channel": np.concatenate([channel, np.full(len(ends), -1)]),
        "value": np.concatenate([np.zeros(count), dice.gamma(2.0, 40.0, len(ends)).round(2)]),
    }
    total = count + len(ends)
    order = dice.permutation(np.concatenate([np.arange(total), dice.integers(0, total, int(REPEATED * total))]))
    np.savez(path, event=order, **{name: column[order] for name, column in columns.items()})
