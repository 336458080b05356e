"""The final text of posts."""

from __future__ import annotations

import pytest

from core.errors import InvalidInput
from pipelines.publishing.channels import CHANNELS
from pipelines.publishing.posts import fits, post_text

LINK = "https://www.example.com/a/very/long/path/that/x/counts/as/23/characters/whatever/its/length"


def test_short_post_stays_whole() -> None:
    """Words, link and hashtags stand in that order."""
    assert post_text("x", "Light that lasts.", link=LINK, hashtags=["Candles", "#slow living"]) == (
        f"Light that lasts.\n\n{LINK}\n\n#Candles #slowliving"
    )


@pytest.mark.parametrize("channel", list(CHANNELS))
@pytest.mark.parametrize(
    "words",
    [
        "A sentence of some length. " * 400,
        "word " * 2000,
        "x" * 9000,
        "\u79c1\u305f\u3061\u306f\u624b\u4ed5\u4e8b\u3092\u611b\u3059\u308b\u3002" * 600,
        "\U0001f56f\ufe0f " * 4000,
    ],
    ids=["sentences", "words", "one word", "japanese", "emoji"],
)
def test_every_channel_keeps_its_limit(channel: str, words: str) -> None:
    """However long the words are, the post fits, has its link and still says something."""
    text = post_text(channel, words, link=LINK, hashtags=["Candles"])
    assert CHANNELS[channel].length(text) <= CHANNELS[channel].limit
    assert LINK in text and len(text) > len(LINK) + 20


def test_whole_sentences_go_first() -> None:
    """A long post ends after a sentence, not in the middle of one."""
    said = post_text("x", "First things first. " + "Then comes something else. " * 20, link=LINK).split("\n\n")[0]
    assert said.endswith("else.") and said.startswith("First things first.")


def test_single_long_sentence_is_cut_at_a_word() -> None:
    """Where there is one sentence only, its end is replaced by an ellipsis."""
    said = post_text("x", "candle " * 80)
    assert said.endswith("candle\u2026")


def test_hashtags_give_way_to_words() -> None:
    """A full post loses its hashtags before its words."""
    words = "a" * 250
    assert post_text("x", words, link=LINK, hashtags=["Candles"]) == f"{words}\n\n{LINK}"


def test_hashtags_are_tidied() -> None:
    """Marks, blanks, doubles and bare numbers are no hashtags, and no channel gets too many."""
    assert post_text("x", "Hi", hashtags=["#Gr\u00fcn!", "gr\u00fcn", "2026", "", "A-B", "third"]) == "Hi\n\n#gr\u00fcn #AB"


def test_foreign_links_are_left_out() -> None:
    """Only the campaign's link is published, whatever a model wrote."""
    assert "evil" not in post_text("linkedin", "See https://evil.example/x or www.evil.example now", link=LINK)


def test_unknown_channel() -> None:
    """A channel that nobody knows is refused with the known ones."""
    with pytest.raises(InvalidInput) as caught:
        post_text("myspace", "Hi")
    assert "linkedin" in caught.value.hint


def test_room_for_the_link() -> None:
    """Words that fit leave room for link and hashtags: then nothing is cut."""
    words = "a" * 220
    assert fits("x", words) and not fits("x", words + "a")
    assert post_text("x", words, link=LINK, hashtags=["Candles"]).startswith(words + "\n\n" + LINK)
