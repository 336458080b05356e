"""What a step may answer besides its output: come back later, wait for somebody, wait for children."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True)
class Snooze:
    """Run this step again after `seconds`; no attempt is used and no worker held. For polling a vendor."""

    seconds: float
    reason: str = ""


@dataclass(frozen=True)
class Wait:
    """Wait until somebody resolves it (`control.resolve`) or `until` passes; then the step runs again.

    waits_for: a word that the one who resolves it uses: approval, review, budget, connection.
    """

    reason: str
    waits_for: str
    until: datetime | None = None


@dataclass(frozen=True)
class ChildJob:
    kind: str
    params: dict[str, Any]
    priority: int | None = None  # None: the parent's


@dataclass(frozen=True)
class Children:
    """Fan out. The step is done when the last child is final; its output is `{"children": [...], "succeeded", "failed"}`.

    on_failure `fail`: the first failed child cancels the others and fails the step. `continue`: the step is
    done if at least `min_success` children succeeded (all of them must be final).
    """

    jobs: Sequence[ChildJob]
    on_failure: Literal["fail", "continue"] = "fail"
    min_success: int = 0
    keep: dict[str, Any] = field(default_factory=dict)  # merged into the step's output


Outcome = dict[str, Any] | Snooze | Wait | Children | None


class Paused(Exception):  # (not an error: an outcome from deep inside a step)
    """Ends the step's body with a Snooze or Wait from below it, as an outside effect in doubt does."""

    def __init__(self, outcome: Snooze | Wait) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome
