"""Conditions, case by case as the SDKs' own tests have them."""

from __future__ import annotations

import time
from typing import Any

import pytest

from pipelines.experiments.conditions import faults
from pipelines.experiments.targeting import matches

PEOPLE: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    ({}, {"any": 1}, True),
    ({"name": "john"}, {"name": "john"}, True),
    ({"name": "john"}, {"name": "jim"}, False),
    ({"user.plan": "pro"}, {"user": {"plan": "pro"}}, True),
    ({"user.plan": "pro"}, {"user": "pro"}, False),
    ({"$or": [{"a": 1}, {"b": 2}]}, {"b": 2}, True),
    ({"$or": []}, {}, True),
    ({"$nor": [{"name": "john"}, {"age": {"$lt": 30}}]}, {"name": "jim", "age": 40}, True),
    ({"$nor": [{"name": "john"}, {"age": {"$lt": 30}}]}, {"name": "jim", "age": 20}, False),
    ({"$and": [{"a": 1}, {"b": 2}]}, {"a": 1, "b": 3}, False),
    ({"$not": {"name": "john"}}, {"name": "jim"}, True),
    ({"age": {"$not": {"$gt": 30}}}, {"age": 30}, True),
    ({"age": {"$gt": 18, "$lte": 30}}, {"age": 30}, True),
    ({"age": {"$gt": "20"}}, {"age": 21}, True),
    ({"age": {"$lt": 5}}, {}, True),
    ({"name": {"$gt": "b"}}, {"name": "c"}, True),
    ({"age": {"$gt": 5}}, {"age": "no number"}, False),
    ({"n": {"$in": [1, 2]}}, {"n": 2}, True),
    ({"n": {"$in": [1]}}, {"n": True}, False),
    ({"tags": {"$in": ["a", "b"]}}, {"tags": ["c", "b"]}, True),
    ({"tags": {"$nin": ["a"]}}, {"tags": ["c"]}, True),
    ({"tags": {"$all": ["one", "three"]}}, {"tags": ["one", "two", "three"]}, True),
    ({"tags": {"$all": ["one", "three"]}}, {"tags": "hello"}, False),
    ({"tags": {"$size": 2}}, {"tags": ["a", "b"]}, True),
    ({"tags": {"$size": {"$gt": 2}}}, {"tags": ["a", "b"]}, False),
    ({"n": {"$elemMatch": {"$gt": 10}}}, {"n": [1, 11]}, True),
    ({"n": {"$elemMatch": {"id": 2}}}, {"n": [{"id": 1}, {"id": 2}]}, True),
    ({"n": {"$elemMatch": {"id": 2}}}, {"n": {"id": 2}}, False),
    ({"mail": {"$regex": "@example.com$"}}, {"mail": "a@example.com"}, True),
    ({"mail": {"$regex": "@example.com$"}}, {"mail": 5}, False),
    ({"x": {"$exists": False}}, {"x": None}, True),
    ({"x": {"$exists": True}}, {}, False),
    ({"x": {"$type": "array"}}, {"x": [1]}, True),
    ({"x": {"$type": "number"}}, {"x": True}, False),
    ({"v": {"$vgt": "1.9.0"}}, {"v": "v1.10.0+build"}, True),
    ({"v": {"$vlt": "1.0.0"}}, {"v": "1.0.0-beta"}, True),
    ({"v": {"$veq": "1.2.3"}}, {"v": "1.2.3"}, True),
    ({"tags": ["a", "b"]}, {"tags": ["b", "a"]}, False),
    ({"o": {"a": 1}}, {"o": {"a": 1, "b": 2}}, False),
    ({"n": {"$ne": 5}}, {}, True),
    ({"n": {"$unknown": 5}}, {"n": 5}, False),
]


@pytest.mark.parametrize(("condition", "attributes", "holds"), PEOPLE)
def test_a_condition_holds_or_not(condition: dict[str, Any], attributes: dict[str, Any], holds: bool) -> None:
    """The condition on the attributes gives the SDKs' answer."""
    assert matches(condition, attributes) is holds


@pytest.mark.parametrize(
    ("condition", "pointer"),
    [
        ({"$or": {"a": 1}}, "/condition/$or"),
        ({"a/b": {"$in": 3}}, "/condition/a~1b/$in"),
        ({"a": {"$near": 3}}, "/condition/a/$near"),
        ({"$where": 1}, "/condition/$where"),
        ({"a": {"$regex": "("}}, "/condition/a/$regex"),
        ({"a": {"$regex": "(a*)*b"}}, "/condition/a/$regex"),
        ({"a": {"$regex": ".*.*.*.*=.*"}}, "/condition/a/$regex"),
        ({"a": {"$regex": r"(a|b)\1"}}, "/condition/a/$regex"),
        ({"a": {"$regex": "a?" * 60 + "a" * 60}}, "/condition/a/$regex"),
        ({"a": {"$regex": "(a|a)" * 39 + "b"}}, "/condition/a/$regex"),
        ({"a": {"$regex": "(a{0,50}){50}b"}}, "/condition/a/$regex"),
        ({"a": {"$regex": "(?:a{1,9}){9}b"}}, "/condition/a/$regex"),
        ({"a": {"$regex": "(?x)(a|a) *"}}, "/condition/a/$regex"),
        ({"$and": [{"$not": 5}]}, "/condition/$and/0/$not"),
        ({"a": {"$elemMatch": {"b": {"$no": 1}}}}, "/condition/a/$elemMatch/b/$no"),
    ],
)
def test_faults_have_pointers(condition: dict[str, Any], pointer: str) -> None:
    """What cannot be evaluated, or may run away, is named where it stands."""
    assert [fault["pointer"] for fault in faults(condition)] == [pointer]


@pytest.mark.parametrize(
    ("pattern", "text", "holds"),
    [
        (r"^.+@.+\.de$", "ada@lumen.de", True),
        (r".+@.+\.de$", "ada@lumen.de", True),
        ("^(DE|AT|CH)$", "CH", True),
        (r"^https?://(www\.)?shop\.example/.*[?&]utm=x", "https://shop.example/a?utm=x", True),
        ("(?i)iphone|ipad", "an iPad", True),
        (r"[^)(]{2,4}\)$", "ab", False),
        (".*.*x", "a" * 5000, False),
        ("(a+)?b", "a" * 5000, False),
    ],
)
def test_patterns_that_people_write_are_taken_and_answer_at_once(pattern: str, text: str, holds: bool) -> None:
    """The ordinary ones pass, and the worst of those that do takes a moment only."""
    assert faults({"a": {"$regex": pattern}}) == []
    begun = time.process_time()
    assert matches({"a": {"$regex": pattern}}, {"a": text}) is holds
    assert time.process_time() - begun < 0.5


def test_monstrous_attributes_are_answered() -> None:
    """A number beyond every float has no order; a version of a megabyte is cut."""
    assert not matches({"age": {"$gt": 18}}, {"age": 10**400})
    begun = time.process_time()
    matches({"app": {"$vgt": "1.0.0"}}, {"app": "+" * 1_000_000 + "\n."})
    assert time.process_time() - begun < 0.5


def test_depth_and_size_are_bounded() -> None:
    """Neither a deep nor a huge condition gets in."""
    deep: dict[str, Any] = {"a": 1}
    for _ in range(20):
        deep = {"$not": deep}
    assert "nested" in faults(deep)[0]["detail"]
    assert "more than" in faults({f"a{n}": n for n in range(500)})[0]["detail"]
    assert "regular expressions" in faults({f"a{n}": {"$regex": "a"} for n in range(11)})[0]["detail"]
