from __future__ import annotations

from itertools import pairwise

from pipelines.video.captions import captions, safe_area
from pipelines.video.lettering import cleaned, fit, width
from pipelines.video.palette import palette
from providers.contracts.voice import SpokenWord

SIZE = (1080, 1920)


def spoken(text: str, start: float = 0.0, pace: float = 0.3) -> tuple[SpokenWord, ...]:
    return tuple(SpokenWord(word, start + pace * index, start + pace * index + 0.2) for index, word in enumerate(text.split()))


def test_each_word_is_stressed_when_it_is_heard() -> None:
    """One text a word, beginning with the word and lasting until the next, so that nothing blinks."""
    words = spoken("Coffee that wakes you")
    texts = captions(words, SIZE, 10.0, palette(()))
    assert [text.start for text in texts] == [word.start for word in words]
    assert all(before.end == after.start for before, after in pairwise(texts))


def test_sentences_and_pauses_begin_a_new_caption() -> None:
    """Words of two sentences, or on both sides of a pause, are never shown together."""
    texts = captions((*spoken("One. Two"), *spoken("three", start=5.0)), SIZE, 10.0, palette(()))
    shown = [[word for word in ("One.", "Two", "three") if word in text.markup] for text in texts]
    assert shown == [["One."], ["Two"], ["three"]]


def test_nothing_is_captioned_after_the_end_card_begins() -> None:
    """A caption is cut where the card comes in; words after that have none."""
    texts = captions(spoken("a b c d e", pace=0.5), SIZE, 1.2, palette(()))
    assert max(text.end for text in texts) == 1.2
    assert len(texts) == 3


def test_a_word_wider_than_the_frame_is_made_smaller() -> None:
    """An address without spaces still fits into the safe area."""
    long = "www.an-extremely-long-address-without-any-space.example"
    (text,) = captions((SpokenWord(long, 0, 1),), SIZE, 5.0, palette(()))
    area = safe_area(SIZE)
    assert width(long, text.size) <= area.right - area.left


def test_words_out_of_order_are_sorted() -> None:
    """A vendor's odd times give no caption that ends before it starts."""
    words = (SpokenWord("late", 2.0, 1.0), SpokenWord("early", -1.0, 0.5))
    texts = captions(words, SIZE, 5.0, palette(()))
    assert [text.start for text in texts] == [0.0, 2.0]
    assert all(text.end >= text.start for text in texts)


def test_emoji_are_left_out_and_letters_stay() -> None:
    """Only what would be a box goes; other scripts, signs and combining marks stay."""
    assert cleaned("Go 🚀 now ❤️ 👩‍🚀™ ½ नमस्ते \x07ok") == "Go now ❤ ™ ½ नमस्ते ok"


def test_a_long_text_is_shrunk_then_cut() -> None:
    """A call to action of a hundred words ends in an ellipsis within its lines and width."""
    fitted = fit("word " * 100, 600, 60, most_lines=2)
    assert len(fitted.lines) == 2
    assert fitted.lines[-1].endswith("…")
    assert fitted.width <= 600
