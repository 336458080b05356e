"""Faults on order: rules that make a played vendor throttle, fail, stay silent, or do the work and lose the answer.

A rule is matched before the vendor runs. Modes that keep the work from being done: `throttle`, `error`, `unauthorized`,
`timeout`, `drop`, `no_lookup`. Modes that do the work first: `late`, `lose_answer`, `slow_body`, `garbage`, `hide`,
`error_in_answer`.
"""

from __future__ import annotations

import random
import re
import threading
from typing import Any, Literal

from flask import request
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_validator

from sandbox.store import Store

Mode = Literal[
    "throttle",
    "error",
    "unauthorized",
    "timeout",
    "late",
    "lose_answer",
    "garbage",
    "drop",
    "slow_body",
    "no_lookup",
    "hide",
    "error_in_answer",
]
_ENVIRON_KEY = "sandbox.fault"


class Rule(BaseModel):
    """One fault rule. `route` is searched in the path after the vendor's prefix; the first rule that matches wins."""

    model_config = ConfigDict(extra="forbid")

    id: int = 0
    vendor: str = Field(min_length=1)
    mode: Mode
    route: str = ""
    method: str = Field(default="", description="empty: any method; `no_lookup` and `hide` only ever match GET")
    status: int = Field(default=0, ge=0, le=599, description="of mode error; 0 is 503")
    retry_after: float | None = Field(default=None, ge=0, description="seconds")
    seconds: float = Field(default=5.0, ge=0, le=3600, description="how long timeout, late, slow_body and hide last")
    times: int | None = Field(default=None, ge=1, description="how often the rule may fire; none: always")
    probability: float = Field(default=1.0, gt=0, le=1)
    seed: int = 0
    fired: int = 0
    _random: random.Random = PrivateAttr(default_factory=random.Random)

    def model_post_init(self, context: Any, /) -> None:
        self._random = random.Random(self.seed)

    @field_validator("route")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"is not a regular expression: {error}") from None
        return value

    @property
    def loses_answer(self) -> bool:
        return self.mode == "lose_answer"

    def matches(self, vendor: str, method: str, path: str) -> bool:
        """Also draws the dice, so a call may change what the next one answers."""
        wanted = "GET" if self.mode in ("no_lookup", "hide") else self.method.upper()
        if self.vendor != vendor or (wanted and wanted != method) or not re.search(self.route, path):
            return False
        if self.times is not None and self.fired >= self.times:
            return False
        return self.probability >= 1 or self._random.random() < self.probability


class Faults:
    """The rules in force, in the order they were added. They survive a restart of the sandbox."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._rules = [Rule.model_validate(body) for body in reversed(store.owned("fault", "rules"))]

    def add(self, rule: Rule) -> Rule:
        with self._lock:
            rule.id = self._store.increment("fault-rules")
            self._rules.append(rule)
            self._save(rule)
        return rule

    def rules(self) -> list[Rule]:
        with self._lock:
            return [rule.model_copy() for rule in self._rules]

    def clear(self) -> None:
        with self._lock:
            for rule in self._rules:
                self._store.delete("fault", str(rule.id))
            self._rules.clear()

    def match(self, vendor: str, method: str, path: str) -> Rule | None:
        """The rule that this request falls under, counted as fired."""
        with self._lock:
            rule = next((r for r in self._rules if r.matches(vendor, method, path)), None)
            if rule:
                rule.fired += 1
                self._save(rule)
            return rule

    def _save(self, rule: Rule) -> None:
        self._store.put("fault", str(rule.id), rule.model_dump(), owner="rules")


def attach(environ: dict[str, Any], rule: Rule | None) -> None:
    """Let the vendor's route see the rule it runs under."""
    environ[_ENVIRON_KEY] = rule


def active_fault() -> Rule | None:
    """The rule the current request runs under."""
    rule: Rule | None = request.environ.get(_ENVIRON_KEY)
    return rule


def is_spoiled() -> bool:
    """Whether a model is to answer rubbish."""
    rule = active_fault()
    return rule is not None and rule.mode == "garbage"
