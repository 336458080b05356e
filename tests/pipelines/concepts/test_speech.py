"""The length of spoken words."""

from __future__ import annotations

import pytest

from pipelines.concepts.speech import FEWEST_WORDS, MOST_WORDS, WORDS_PER_SECOND, spoken_seconds, spoken_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It's a well-made thing \u2014 isn't it?", 6),
        ("Gr\u00fc\u00dfe aus K\u00f6ln, 24 Stunden", 5),
        ("\u79c1\u305f\u3061\u306f\u624b\u4ed5\u4e8b", 4),
        ("\u5728 Leeds \u624b\u5de5", 3),
        ("", 0),
    ],
)
def test_words_of_every_script(text: str, words: int) -> None:
    """Marks are not spoken; scripts without blanks count two characters as a word."""
    assert spoken_words(text) == words


def test_script_length_is_15_to_25_seconds() -> None:
    """The bounds in words are the bounds in seconds."""
    assert 14 <= FEWEST_WORDS / WORDS_PER_SECOND <= 15
    assert MOST_WORDS / WORDS_PER_SECOND == 25
    assert spoken_seconds("one two three " * 8) == 10
