"""How long a script is when it is spoken."""

from __future__ import annotations

import re
import unicodedata

FEWEST_WORDS = 35
MOST_WORDS = 60
WORDS_PER_SECOND = 2.4  # calm advertising speech: 35 words take 15 s, 60 take 25 s
WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")
CHARACTERS_PER_WORD = 2  # of scripts that put no blanks between words


def spoken_words(text: str) -> int:
    """Words as they are spoken; two characters count as one word in scripts without blanks."""
    unspaced = sum(1 for char in text if char.isalpha() and unicodedata.name(char, "").startswith(UNSPACED))
    spaced = "".join(" " if unicodedata.name(char, "").startswith(UNSPACED) else char for char in text) if unspaced else text
    return len(WORD.findall(spaced)) + (unspaced + CHARACTERS_PER_WORD - 1) // CHARACTERS_PER_WORD


def spoken_seconds(text: str) -> float:
    return spoken_words(text) / WORDS_PER_SECOND
