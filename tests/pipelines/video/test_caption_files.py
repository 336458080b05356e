"""SubRip and WebVTT as people bring them, and as players want them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidInput
from pipelines.video.caption_files import read, srt, vtt, vtt_time
from pipelines.video.cues import from_text

SRT = """\ufeff1\r
00:00:01,000 --> 00:00:02,500\r
<i>Hello</i> {\\an8}there\r
\r
2\r
00:01:00.25 --> 00:01:01,5\r
Second & last\r
"""
VTT = """WEBVTT - a title

NOTE times of 00:01 --> are explained below

STYLE
::cue { color: red }

intro
00:01.000 --> 00:02.000 align:start position:10%
<v Ann>Fish &amp; chips</v>

00:03.000 --> 00:05.000
One <00:03.500>two <00:04.250><c.yellow>three</c>
"""


def test_subrip_is_read() -> None:
    """A byte order mark, Windows line ends, tags, a dot for a comma: all of it is met in the wild."""
    cues = read(SRT, "/params/text")
    assert [(cue.start, cue.end, cue.text) for cue in cues] == [(1.0, 2.5, "Hello there"), (60.25, 61.5, "Second & last")]


def test_webvtt_is_read() -> None:
    """Voices, settings and character references go; the times inside a cue are its words' times."""
    first, second = read(VTT.replace("00:01 --> are", "are"), "/params/text")
    assert (first.start, first.end, first.text, first.exact) == (1.0, 2.0, "Fish & chips", False)
    assert [(word.text, word.start, word.end) for word in second.words] == [("One", 3.0, 3.5), ("two", 3.5, 4.25), ("three", 4.25, 5.0)]
    assert second.exact


def test_a_comment_with_an_arrow_is_no_cue() -> None:
    """Comments of WebVTT are passed over, whatever is in them."""
    cues = read("WEBVTT\n\nNOTE here --> there\n\n00:01.000 --> 00:02.000\nNOTE\n", "/params/text")
    assert [cue.text for cue in cues] == ["NOTE"]


def test_files_without_empty_lines_are_read() -> None:
    """The number of the next cue is not taken for text."""
    cues = read("1\n00:00:01,000 --> 00:00:02,000\nOne\n2\n00:00:02,000 --> 00:00:03,000\nTwo\n", "/params/text")
    assert [cue.text for cue in cues] == ["One", "Two"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("just some words", "no line with times"),
        ("1\n00:00:00,000 --> 00:00:01,000\n\n2\n00:00:01,000 --> 00:00:02,000\n<i></i>\n", "none of the cues has a word"),
        ("1\n00:00:03,000 --> 00:00:01,000\nBack", "line 2: the cue ends at 1.000 s, but starts at 3.000 s"),
        ("1\n-00:00:03,000 --> 00:00:04,000\nEarly", "line 2: a time before the beginning"),
        ("1\n00:00:03,000 --> soon\nLate", "line 2: '00:00:03,000 --> soon' is not a pair of times"),
    ],
)
def test_faults_are_told_by_their_line(content: str, words: str) -> None:
    """What is wrong and on which line."""
    with pytest.raises(InvalidInput) as caught:
        read(content, "/params/text")
    assert caught.value.errors[0]["pointer"] == "/params/text" and words in caught.value.errors[0]["detail"]


def test_all_faults_are_told_at_once() -> None:
    """Two bad cues, two faults."""
    with pytest.raises(InvalidInput) as caught:
        read("00:00:03,000 --> 00:00:01,000\nA\n\n00:00:05,000 --> 00:00:04,000\nB\n", "/params/text")
    assert ["line 1" in fault["detail"] or "line 4" in fault["detail"] for fault in caught.value.errors] == [True, True]


@settings(max_examples=50)
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12), min_size=1, max_size=12))
def test_what_is_written_is_read_again(parts: list[str]) -> None:
    """Any text goes through WebVTT unharmed; SubRip has no escapes, so there only words without tags do."""
    text = " ".join(parts)
    cue = from_text(61.5, 63.25, text)
    (again,) = read(vtt([cue]), "/params/text")
    assert (again.start, again.end, again.text) == (61.5, 63.25, text)
    if not set("<>{}&") & set(text) and not parts[0].isdigit():
        assert read(srt([cue]), "/params/text")[0].text == text


def test_clock_times() -> None:
    """Rounded to thousandths once, so that no minute has sixty seconds."""
    assert [vtt_time(seconds) for seconds in (0, 59.9996, 3661.5)] == ["00:00:00.000", "00:01:00.000", "01:01:01.500"]
