"""The hash of GrowthBook's SDKs, against the vectors that its SDKs are tested with."""

from __future__ import annotations

import pytest

from pipelines.experiments.hashing import bucket, bucket_after, fnv32a, text_of


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a", 0.22), ("b", 0.077), ("ab", 0.946), ("def", 0.652), ("8952klfjas09ujkasdf", 0.549), ("123", 0.011), ('___)((*":&', 0.563)],
)
def test_version_1(value: str, expected: float) -> None:
    """Value and seed, hashed once, in thousandths."""
    assert bucket("", value, 1) == expected


@pytest.mark.parametrize(
    ("seed", "value", "expected"),
    [
        ("seed", "a", 0.0505),
        ("seed", "b", 0.2696),
        ("foo", "ab", 0.2575),
        ("foo", "def", 0.2019),
        ("89123klj", "8952klfjas09ujkasdf", 0.124),
        ("90850943850283058242805", "123", 0.7516),
    ],
)
def test_version_2(seed: str, value: str, expected: float) -> None:
    """Seed and value, hashed twice, in ten-thousandths."""
    assert bucket(seed, value) == expected
    assert bucket_after(fnv32a(seed), value) == expected


@pytest.mark.parametrize(("text", "expected"), [("", 0x811C9DC5), ("a", 0xE40C292C), ("foobar", 0xBF9CF968)])
def test_fnv_of_ascii(text: str, expected: int) -> None:
    """The published vectors of FNV-1a with 32 bits."""
    assert fnv32a(text) == expected


def test_characters_count_as_in_javascript() -> None:
    """Beyond the basic plane a character is two code units, hashed one after the other."""
    assert fnv32a("😀") == fnv32a("\ud83d\ude00") == ((0x811C9DC5 ^ 0xD83D) * 0x01000193 % 2**32 ^ 0xDE00) * 0x01000193 % 2**32


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (0, ""), (False, ""), (True, "true"), (12, "12"), (3.0, "3"), (2.5, "2.5"), ("x", "x")]
)
def test_attributes_are_written_as_in_javascript(value: object, text: str) -> None:
    """Numbers without a needless fraction; what JavaScript takes for missing is empty."""
    assert text_of(value) == text


def test_buckets_are_even_and_seeds_independent() -> None:
    """20,000 units fall evenly into ten parts, and two seeds know nothing of each other."""
    both = [(int(bucket("one", str(n)) * 10), int(bucket("two", str(n)) * 10)) for n in range(20_000)]
    counts = [sum(1 for one, _ in both if one == part) for part in range(10)]
    assert sum((count - 2000) ** 2 / 2000 for count in counts) < 27.9  # chi-squared with 9 degrees of freedom at 0.001
    cells = [sum(1 for pair in both if pair == (one, two)) for one in range(10) for two in range(10)]
    assert sum((cell - 200) ** 2 / 200 for cell in cells) < 149  # 99 degrees of freedom at 0.001
