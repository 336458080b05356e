"""The A/A simulator as a job."""

from __future__ import annotations

import pytest

from core.errors import InvalidInput
from tests.tasks.conftest import Marketing


def test_false_positives_of_every_method_are_told(marketing: Marketing) -> None:
    """Peeking at a fixed test is wrong far too often; the readings made for it are not."""
    view = marketing.finished(marketing.submit("experiment.simulate", {"runs": 4000, "units": 8000}))
    found, spread = view["result"]["false_positive_rate"], view["result"]["standard_error"]
    assert found["peeking"] > 0.2
    assert found["anytime"] < 0.05
    assert all(abs(found[method] - 0.05) < 4 * spread[method] for method in ("fixed", "planned"))


def test_what_cannot_be_simulated_is_refused(marketing: Marketing) -> None:
    """A simulation of hours is not started."""
    with pytest.raises(InvalidInput) as refused:
        marketing.submit("experiment.simulate", {"world": "mean", "units": 1_000_000, "runs": 100_000})
    assert "units × runs" in refused.value.errors[0]["detail"]
