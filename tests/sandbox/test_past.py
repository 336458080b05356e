"""The brand's past: a market, people and a trial whose truth is known."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import requests

from sandbox.history import market, people, trial
from tests.stack import SandboxProcess


def test_revenue_is_the_base_and_what_the_channels_brought() -> None:
    """What is left of revenue without the channels' effects no longer follows their spend."""
    past = market.past()
    rest = past.revenue - past.effects.sum(axis=1)
    assert max(abs(np.corrcoef(rest, past.spend[:, index])[0, 1]) for index in range(len(market.CHANNELS))) < 0.3
    assert np.corrcoef(past.revenue, past.effects.sum(axis=1))[0, 1] > 0.5


def test_effects_carry_over_and_saturate() -> None:
    """A single week's spend still acts in the next one by the channel's carry, and twice the spend brings less than twice."""
    channel = market.Channel("one", 1.0, 0.5, 100.0, 1000.0)
    once = market.effect(channel, np.array([100.0, 0.0]))
    assert once[1] == 100 * 50 / 1050
    assert market.effect(channel, np.array([200.0]))[0] < 2 * once[0]


def test_each_channel_met_raises_the_chance_to_buy() -> None:
    """Those who met search buy more often than those who did not."""
    met: dict[str, set[str]] = {}
    for event in people.events():
        met.setdefault(event["person"], set()).add(event.get("channel", "bought"))
    rate = [np.mean(["bought" in seen for seen in met.values() if ("search" in seen) is with_it]) for with_it in (True, False)]
    assert rate[0] > rate[1] + 0.05


def test_a_visitor_decides_the_same_way_each_time() -> None:
    """The better form sells more, and asking twice changes nothing."""
    shown = {f"unit-{n}": n % 2 for n in range(4000)}
    bought = trial.purchases(shown)
    places = [shown[one["person"]] for one in bought]
    assert bought == trial.purchases(shown)
    assert np.mean(places) > 0.55


def test_the_past_is_served(sandbox: SandboxProcess) -> None:
    """Weeks and spend as CSV, events and truth as JSON."""

    def get(path: str) -> requests.Response:
        return requests.get(f"{sandbox.url}/history/{path}", timeout=30)

    weeks: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(get("weeks.csv").text)))
    assert (len(weeks), set(weeks[0])) == (market.WEEKS, {"date", "revenue", *get("truth.json").json()["market"]["roas"]})
    assert len(get("spend.csv?weeks=2").text.splitlines()) == 1 + 2 * 7 * len(market.CHANNELS)
    assert get("events.json").json()[0]["kind"] in ("touchpoint", "conversion")
    assert requests.post(f"{sandbox.url}/history/purchases", json=["x"], timeout=10).status_code == 422
