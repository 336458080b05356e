"""What is wrong with a targeting condition, before anybody is assigned by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from core.pointers import escaped
from pipelines.experiments import patterns
from pipelines.experiments.targeting import OPERATORS, is_operators

DEEPEST = 8
MOST_PARTS = 200
MOST_PATTERNS = 10
PATTERNS = ("$regex", "$regexi")
LISTS = ("$in", "$nin", "$ini", "$nini", "$all", "$alli")
Fault = dict[str, str]


def faults(condition: Mapping[str, Any], at: str = "/condition") -> list[Fault]:
    """Every fault with its JSON pointer; none means that `targeting.matches` takes the condition."""
    found = list(_condition(condition, at, 0))
    if _size(condition) > MOST_PARTS:
        found.append({"pointer": at, "detail": f"has more than {MOST_PARTS} parts"})
    if _patterns(condition) > MOST_PATTERNS:
        found.append({"pointer": at, "detail": f"has more than {MOST_PATTERNS} regular expressions"})
    return found


def _patterns(value: Any) -> int:
    if isinstance(value, Mapping):
        return sum((name in PATTERNS) + _patterns(part) for name, part in value.items())
    return sum(map(_patterns, value)) if isinstance(value, list) else 0


def _size(value: Any) -> int:
    if isinstance(value, Mapping):
        return sum(1 + _size(part) for part in value.values())
    return sum(map(_size, value)) if isinstance(value, list) else 1


def _condition(condition: Any, at: str, depth: int) -> Iterator[Fault]:
    if depth > DEEPEST:
        yield {"pointer": at, "detail": f"is nested more than {DEEPEST} deep"}
    elif not isinstance(condition, Mapping):
        yield {"pointer": at, "detail": "must be an object"}
    else:
        for key, wanted in condition.items():
            yield from _part(key, wanted, f"{at}/{escaped(key)}", depth)


def _part(key: str, wanted: Any, at: str, depth: int) -> Iterator[Fault]:
    if key in ("$or", "$nor", "$and"):
        yield from _list(wanted, at)
        for n, one in enumerate(wanted if isinstance(wanted, list) else ()):
            yield from _condition(one, f"{at}/{n}", depth + 1)
    elif key == "$not":
        yield from _condition(wanted, at, depth + 1)
    elif key.startswith("$"):
        yield {"pointer": at, "detail": "is no operator here; $or, $and, $nor and $not are"}
    else:
        yield from _value(wanted, at, depth)


def _value(wanted: Any, at: str, depth: int) -> Iterator[Fault]:
    if depth > DEEPEST:
        yield {"pointer": at, "detail": f"is nested more than {DEEPEST} deep"}
    elif is_operators(wanted):
        for name, operand in wanted.items():
            yield from _operator(name, operand, f"{at}/{name}", depth)


def _operator(name: str, operand: Any, at: str, depth: int) -> Iterator[Fault]:
    if name not in OPERATORS:
        yield {"pointer": at, "detail": f"is no operator; known are {', '.join(OPERATORS)}"}
    elif name in LISTS:
        yield from _list(operand, at)
    elif name in PATTERNS and (problem := patterns.fault(operand)):
        yield {"pointer": at, "detail": problem}
    elif name == "$elemMatch" and not is_operators(operand):
        yield from _condition(operand, at, depth + 1)
    elif name in ("$elemMatch", "$not", "$size"):
        yield from _value(operand, at, depth + 1)


def _list(value: Any, at: str) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield {"pointer": at, "detail": "must be a list"}
