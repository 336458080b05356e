"""Conditions on attributes in the language of GrowthBook's SDKs (MongoDB's, less), evaluated as they do.

Source: growthbook.io, "Build Your Own SDK", section "Evaluating Conditions".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pipelines.experiments.patterns import LONGEST_TEXT, searched

Attributes = Mapping[str, Any]


def matches(condition: Mapping[str, Any], attributes: Any) -> bool:
    """Whether every part of the condition holds. A condition that `conditions.faults` finds nothing in never raises."""
    return all(_part(key, wanted, attributes) for key, wanted in condition.items())


def _part(key: str, wanted: Any, attributes: Any) -> bool:
    if not key.startswith("$"):
        return _value(wanted, _at(attributes, key))
    match key:
        case "$or":
            return not wanted or any(matches(one, attributes) for one in wanted)
        case "$nor":
            return not (not wanted or any(matches(one, attributes) for one in wanted))
        case "$and":
            return all(matches(one, attributes) for one in wanted)
        case "$not":
            return not matches(wanted, attributes)
    return False


def _at(attributes: Any, path: str) -> Any:
    if "." not in path:
        return attributes.get(path) if isinstance(attributes, Mapping) else None
    for part in path.split("."):
        if not isinstance(attributes, Mapping) or part not in attributes:
            return None
        attributes = attributes[part]
    return attributes


def is_operators(value: Any) -> bool:
    return isinstance(value, Mapping) and all(key.startswith("$") for key in value)


def _value(wanted: Any, found: Any) -> bool:
    if not is_operators(wanted):
        return _same(wanted, found)
    return all(_operator(name, operand, found) for name, operand in wanted.items())


def _same(one: Any, other: Any) -> bool:
    """JSON equality: true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return bool(one == other)


def _operator(name: str, operand: Any, found: Any) -> bool:
    known = OPERATORS.get(name)
    return known is not None and known(operand, found)


def _compared(holds: Callable[[int], bool]) -> Callable[[Any, Any], bool]:
    def compare(operand: Any, found: Any) -> bool:
        order = _order(found, operand)
        return order is not None and holds(order)

    return compare


def _order(one: Any, other: Any) -> int | None:
    """-1, 0, 1; a text beside a number is read as a number, and what is missing as 0. None: they have no order."""
    try:
        if _is_number(one) or _is_number(other):
            one, other = _number(one), _number(other)
        if type(one) is not type(other):
            return None
        return int(one > other) - int(one < other)
    except (TypeError, ValueError, OverflowError):
        return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(value: Any) -> float:
    return 0.0 if value is None else float(value)


def _versioned(holds: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    return lambda operand, found: holds(_version(found), _version(operand))


def _version(value: Any) -> str:
    """A version padded so that text comparison orders it; one without a pre-release stands above those with one."""
    text = str(value) if _is_number(value) else value if isinstance(value, str) and value else "0"
    parts = re.split(r"[-.]", re.sub(r"(^v|\+.*$)", "", text[:LONGEST_TEXT]))
    if len(parts) == 3:
        parts.append("~")
    return "-".join(part.rjust(5) if part.isdecimal() else part for part in parts)


def _identical(one: Any, other: Any) -> bool:
    """JavaScript's ===: of one type, and lists and objects never, since a condition's are not those of the attributes."""
    return not isinstance(one, list | Mapping) and _same(one, other)


def _is_in(operand: Any, found: Any) -> bool:
    if isinstance(found, str):
        return found in operand
    values = found if isinstance(found, list) else [found]
    return any(_identical(one, value) for value in values for one in operand)


def _is_in_any_case(operand: Any, found: Any) -> bool:
    return _is_in(_folded(operand), _folded(found))


def _folded(value: Any) -> Any:
    if isinstance(value, list):
        return [_folded(one) if isinstance(one, str) else one for one in value]
    return value.lower() if isinstance(value, str) else value


def _any_matches(operand: Any, found: Any) -> bool:
    if not isinstance(found, list):
        return False
    one = _value if is_operators(operand) else matches
    return any(one(operand, item) for item in found if item is not None)


def _has_all(operand: Iterable[Any], found: Any) -> bool:
    return isinstance(found, list) and all(any(_value(wanted, item) for item in found) for wanted in operand)


def _type(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if _is_number(value):
        return "number"
    named = ((str, "string"), (list, "array"), (Mapping, "object"))
    return next((name for kind, name in named if isinstance(value, kind)), "unknown")


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": _identical,
    "$ne": lambda operand, found: not _identical(operand, found),
    "$lt": _compared(lambda order: order < 0),
    "$lte": _compared(lambda order: order <= 0),
    "$gt": _compared(lambda order: order > 0),
    "$gte": _compared(lambda order: order >= 0),
    "$veq": _versioned(lambda one, other: one == other),
    "$vne": _versioned(lambda one, other: one != other),
    "$vlt": _versioned(lambda one, other: one < other),
    "$vlte": _versioned(lambda one, other: one <= other),
    "$vgt": _versioned(lambda one, other: one > other),
    "$vgte": _versioned(lambda one, other: one >= other),
    "$in": _is_in,
    "$nin": lambda operand, found: not _is_in(operand, found),
    "$ini": _is_in_any_case,
    "$nini": lambda operand, found: not _is_in_any_case(operand, found),
    "$regex": searched,
    "$regexi": lambda operand, found: searched(operand, found, re.IGNORECASE),
    "$exists": lambda operand, found: (found is not None) == bool(operand),
    "$type": lambda operand, found: _type(found) == operand,
    "$size": lambda operand, found: isinstance(found, list) and _value(operand, len(found)),
    "$all": _has_all,
    "$alli": lambda operand, found: _has_all(_folded(operand), _folded(found)),
    "$elemMatch": _any_matches,
    "$not": lambda operand, found: not _value(operand, found),
}
