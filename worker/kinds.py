"""Declarations of job kinds. Light to import: the API reads them without Celery or any heavy library."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from core.errors import InvalidInput, UnknownKind
from core.pointers import escaped

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from worker.context import StepContext
    from worker.outcomes import Outcome

POOLS = ("io", "cpu", "gpu")

StepBody = Callable[["StepContext", Any], "Outcome"]
# The engine's session, the job's row (id, org_id, params, campaign_id), its final state, its error.
EndHook = Callable[["Session", Any, str, dict[str, Any] | None], None]


@dataclass(frozen=True)
class Step:
    """One link of a kind's chain.

    share: weight in the job's progress. max_attempts: claims before the step is given up, lost workers
    counted. deadline: seconds of one attempt after which its lease is no longer extended.
    """

    name: str
    pool: str
    share: float
    max_attempts: int
    deadline: float
    run: StepBody


class JobKind:
    """A named kind of job: typed params and a chain of steps. Declaring it registers it.

    internal: other kinds ask for it as a part of their work; people are not offered it.
    """

    def __init__(
        self, name: str, params: type[BaseModel], *, summary: str, version: int = 1, role: str = "member", internal: bool = False
    ) -> None:
        if name in _kinds:
            raise ValueError(f"job kind {name} is declared twice")
        self.name = name
        self.params = params
        self.summary = summary
        self.version = version
        self.role = role
        self.internal = internal
        self.end_hook: EndHook | None = None
        self._steps: list[Step] = []
        _kinds[name] = self

    def step(
        self, *, pool: str, share: float = 1.0, max_attempts: int = 5, deadline: float = 3600.0, name: str = ""
    ) -> Callable[[StepBody], StepBody]:
        """Append the decorated function as the next step, named after it."""
        if pool not in POOLS:
            raise ValueError(f"{self.name}: there is no pool {pool!r}; pools are {', '.join(POOLS)}")

        def append(run: StepBody) -> StepBody:
            self._steps.append(Step(name or run.__name__, pool, share, max_attempts, deadline, run))
            return run

        return append

    def ended(self, hook: EndHook) -> EndHook:
        """Decorates what is written in the transaction that gives a job of this kind its final state, whichever it is.

        The sweep runs it over all organisations: its statements name the job's `org_id` themselves.
        """
        self.end_hook = hook
        return hook

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(self._steps)

    def find_step(self, name: str) -> Step | None:
        return next((s for s in self._steps if s.name == name), None)

    def schema(self) -> dict[str, Any]:
        """JSON Schema (2020-12) of the params."""
        return self.params.model_json_schema()

    def parse(self, params: object) -> BaseModel:
        """The params as the kind's model. Raises InvalidInput with every fault and its JSON pointer."""
        try:
            return self.params.model_validate(params)
        except ValidationError as error:
            faults = [
                {
                    "pointer": "/params" + "".join(f"/{escaped(part)}" for part in _within(params, e["loc"])),
                    "detail": e["msg"].removeprefix("Value error, "),
                }
                for e in error.errors(include_url=False, include_input=False)
            ]
            raise InvalidInput(
                f"The params of {self.name} have {len(faults)} fault(s)",
                hint=f"The schema is at /v1/job-kinds/{self.name}.",
                errors=faults,
            ) from None


def _within(given: object, place: tuple[int | str, ...]) -> Iterator[int | str]:
    """The place of a fault in what was given, without the names of a union's members, which pydantic puts in between."""
    here: Any = given
    for index, part in enumerate(place):
        inside = index < len(place) - 1
        if isinstance(here, dict) and not (inside and _names_a_member(here, part)):
            yield part
            here = here.get(part)
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            yield part
            here = here[part]


def _names_a_member(given: dict[Any, Any], part: int | str) -> bool:
    """Whether it is no field: there is none of that name, or it is what the caller wrote to say which member is meant."""
    return part not in given or (not isinstance(given[part], dict | list) and any(value == part for value in given.values()))


_kinds: dict[str, JobKind] = {}


def all_kinds() -> dict[str, JobKind]:
    """Every declared kind by name. Complete once the package `tasks` is imported."""
    return dict(sorted(_kinds.items()))


def end_hook(name: str) -> EndHook | None:
    """The kind's hook; None also for a kind that this version no longer has."""
    return _kinds[name].end_hook if name in _kinds else None


def get_kind(name: str) -> JobKind:
    """Raises UnknownKind, naming the nearest kinds."""
    if name in _kinds:
        return _kinds[name]
    near = difflib.get_close_matches(name, _kinds, n=3, cutoff=0.4)
    hint = f"Did you mean {', '.join(near)}?" if near else "GET /v1/job-kinds lists all kinds."
    raise UnknownKind(f"There is no job kind {name!r}", hint=hint, errors=[{"pointer": "/kind", "detail": "unknown kind"}])
