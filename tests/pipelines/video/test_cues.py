"""Words become cues that can be read, and no word or time is lost on the way."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.video.cues import LINE, broken, from_text, grouped, split
from providers.contracts.voice import SpokenWord


def spoken(text: str, start: float = 0.0, pace: float = 0.3) -> list[SpokenWord]:
    return [SpokenWord(word, start + index * pace, start + (index + 0.9) * pace) for index, word in enumerate(text.split())]


@settings(max_examples=50)
@given(st.lists(st.tuples(st.text("abcdefgh.", min_size=1, max_size=20), st.floats(0, 2), st.floats(0, 1)), min_size=1, max_size=60))
def test_grouping_keeps_every_word_and_never_overlaps(drawn: list[tuple[str, float, float]]) -> None:
    """Whatever the times, all words are there in order, and a cue ends before the next begins unless its own words overlap it."""
    words, now = [], 0.0
    for text, pause, length in drawn:
        now += pause
        words.append(SpokenWord(text, now, now + length))
    cues = grouped(words)
    assert [word for cue in cues for word in cue.words] == words
    assert all(len(broken(cue)) <= 2 or len(cue.words) == 1 for cue in cues)
    assert all(cue.end <= max([after.start, *(word.end for word in cue.words)]) for cue, after in pairwise(cues))


def test_cues_end_with_the_sentence_and_before_a_pause() -> None:
    """A full stop ends one, and so does a second of silence."""
    cues = grouped([*spoken("We pour. By hand"), *spoken("in Leeds", start=3.0)])
    assert [cue.text for cue in cues] == ["We pour.", "By hand", "in Leeds"]


def test_a_cue_stays_long_enough_to_be_read() -> None:
    """One short word is held, but not into the next cue."""
    first, second = grouped([SpokenWord("Hi.", 0.0, 0.1), SpokenWord("There.", 0.4, 0.5)])
    assert [first.end, second.end] == pytest.approx([0.4, 1.2])


def test_a_sentences_time_is_shared_by_the_length_of_its_words() -> None:
    """Estimated times follow one another from the start to the end, longer words get more."""
    cue = from_text(1.0, 3.0, "a considerable gain")
    assert (cue.words[0].start, cue.words[-1].end, cue.exact) == (1.0, 3.0, False)
    assert all(word.end == after.start for word, after in pairwise(cue.words))
    lengths = [word.end - word.start for word in cue.words]
    assert lengths[1] > lengths[2] > lengths[0]


def test_a_long_segment_is_cut_into_readable_ones() -> None:
    """Five lines of text become several cues inside the segment's own time."""
    cues = split([from_text(0.0, 20.0, "one two three four five six seven eight nine ten " * 5)])
    assert len(cues) > 2 and all(len(broken(cue)) <= 2 for cue in cues)
    assert (cues[0].start, cues[-1].end) == (0.0, 20.0)


def test_lines_are_about_equally_long() -> None:
    """No word is left alone on the second line."""
    lines = broken(from_text(0, 1, "This sentence is a little longer than one line is"))
    assert len(lines) == 2 and all(15 < len(line) <= LINE for line in lines)
