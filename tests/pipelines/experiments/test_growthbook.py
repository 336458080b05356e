"""Our hash and our conditions beside GrowthBook's own SDK."""

from __future__ import annotations

import random
from typing import Any

from growthbook.core import evalCondition, gbhash

from pipelines.experiments.conditions import faults
from pipelines.experiments.hashing import bucket
from pipelines.experiments.targeting import matches

LETTERS = "abcZé ß😀019-_."
# Of one type each: where types are mixed, GrowthBook's SDKs differ from one another.
VALUES: dict[str, list[Any]] = {
    "country": ["NL", "nl", "BE", "", "Nl"],
    "age": [0, 17, 18, 18.5, 90, -1],
    "premium": [True, False],
    "tags": [[], ["new"], ["new", "VIP"], ["vip", "old"]],
    "app": ["1.2.3", "v1.10.0", "1.2.3-rc1", "2.0.0", "1.2.3+build5", "10"],
    "device.os": ["iOS", "android"],
}
LISTED, ORDERED, VERSIONED = (
    ("$in", "$nin", "$ini", "$nini"),
    ("$lt", "$lte", "$gt", "$gte"),
    ("$veq", "$vne", "$vlt", "$vlte", "$vgt", "$vgte"),
)


def test_hashes_are_the_sdks() -> None:
    """Both versions, on random seeds and units with letters from everywhere: equal to the last digit."""
    for n in range(4000):
        dice = random.Random(n)
        seed, unit = ("".join(dice.choices(LETTERS, k=dice.randrange(12))) for _ in range(2))
        assert [bucket(seed, unit, version) for version in (1, 2)] == [gbhash(seed, unit, version) for version in (1, 2)]


def test_conditions_are_the_sdks() -> None:
    """Random conditions, nested, with every operator, on random people: whoever the SDK lets in, we let in, and nobody else."""
    let_in = 0
    for n in range(6000):
        dice = random.Random(n)
        condition, person = _condition(dice, 0), _person(dice)
        assert faults(condition) == []
        theirs = evalCondition(person, condition)
        assert matches(condition, person) == theirs, (condition, person)
        let_in += theirs
    assert 1000 < let_in < 5000


def _person(dice: random.Random) -> dict[str, Any]:
    person = {name: dice.choice(values) for name, values in VALUES.items()}
    person["device"] = {"os": person.pop("device.os")}
    return person


def _condition(dice: random.Random, depth: int) -> dict[str, Any]:
    kind = dice.random() if depth < 3 else 1.0
    if kind < 0.4:
        return {dice.choice(("$or", "$nor", "$and")): [_condition(dice, depth + 1) for _ in range(dice.randrange(3))]}
    if kind < 0.5:
        return {"$not": _condition(dice, depth + 1)}
    return {name: _wanted(dice, name) for name in dice.sample([*VALUES, "missing"], dice.randrange(1, 3))}


def _wanted(dice: random.Random, name: str) -> Any:
    values = VALUES.get(name, ["nothing"])
    one = dice.choice(values)
    possible: list[Any] = [one, {"$eq": one}, {"$ne": one}, {"$exists": dice.random() < 0.5}, {"$type": dice.choice(("string", "number"))}]
    possible += [{dice.choice(LISTED): dice.sample(values, 1)}, {"$not": {"$eq": one}}]
    if name in ("age", "country"):
        possible += [{dice.choice(ORDERED): one}] * 3
    if name == "app":
        possible += [{dice.choice(VERSIONED): one}] * 6
    if name in ("country", "app"):
        possible += [{dice.choice(("$regex", "$regexi")): dice.choice(("^n", "L$", "[0-9]+", "rc"))}] * 2
    if name == "tags":
        possible = [{"$size": dice.choice((0, 1, {"$gt": 1}))}, {dice.choice(("$all", "$alli")): dice.choice(values)}]
        possible += [{"$elemMatch": {"$eq": "new"}}, {dice.choice(LISTED): dice.choice((["new"], ["vip"], ["x", "VIP"]))}, one]
    return dice.choice(possible)
