"""Jump cuts: silences are found where they are, and picture, sound and captions are cut at the same places."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.video.cues import from_text
from pipelines.video.footage import examine
from pipelines.video.ugc.jumps import Kept, cut_cues, kept
from pipelines.video.ugc.silences import silences
from tests.pipelines.video.films import Films, numbered, tone
from tests.pipelines.video.ugc.conftest import SPOKEN


def found(path: Path, shortest: float = 0.3, level: float | None = None) -> list[tuple[float, float]]:
    return silences(examine(path), shortest, level, lambda second: None)


def test_silences_are_where_nobody_speaks(talk: Path) -> None:
    """Two pauses, each found within three hundredths of a second."""
    first, second = found(talk)
    assert first == pytest.approx((SPOKEN[0][1], SPOKEN[1][0]), abs=0.03)
    assert second == pytest.approx((SPOKEN[1][1], SPOKEN[2][0]), abs=0.03)


def test_short_pauses_are_left(talk: Path) -> None:
    """A pause of 0.6 s is none where 0.65 s are asked for."""
    assert len(found(talk, shortest=0.65)) == 1


def test_even_sound_has_no_silence(films: Films) -> None:
    """Loud or faint throughout: there is nothing that stands out."""
    assert found(films.numbered(60, sound=tone(440, 2.0))) == []


def test_a_level_can_be_given(films: Films) -> None:
    """Below the given level everything is silent."""
    quiet = films.write("quiet.mp4", numbered(60), sound=tone(440, 2.0, level=0.01))
    assert found(quiet, level=-20.0)[0] == pytest.approx((0.0, 2.0), abs=0.05)


def test_what_is_kept_is_whole_frames() -> None:
    """A breath stays at each end of a silence; what lies before the first word and after the last is gone."""
    cut = kept([(0.0, 0.5), (1.0, 2.0), (2.6, 3.0)], 90, 30)
    assert cut.parts == ((11, 34), (56, 82))
    assert (cut.frames, cut.starts) == (49, [0, 23])
    assert [cut.frame(number) for number in (0, 22, 23, 48)] == [11, 33, 56, 81]


def test_seconds_move_along() -> None:
    """What was said after a cut is said earlier; what was cut out lies at its cut."""
    cut = Kept(((0, 30), (60, 90)), 30)
    assert [cut.second(second) for second in (0.5, 1.0, 1.5, 2.0, 2.5, 9.0)] == pytest.approx([0.5, 1.0, 1.0, 1.0, 1.5, 2.0])


def test_captions_move_along() -> None:
    """A cue after the cut keeps its length, a cue inside it is gone."""
    cues = [from_text(0.2, 0.8, "before"), from_text(1.1, 1.9, "inside"), from_text(2.2, 2.8, "after")]
    moved = cut_cues(cues, Kept(((0, 30), (60, 90)), 30))
    assert [(cue.text, round(cue.start, 3), round(cue.end, 3)) for cue in moved] == [("before", 0.2, 0.8), ("after", 1.2, 1.8)]


def test_a_film_of_silence_is_kept_whole() -> None:
    """Nothing would be left, so nothing is cut."""
    assert kept([(0.0, 3.0)], 90, 30).parts == ((0, 90),)


def test_every_other_part_is_seen_closer() -> None:
    """The first part as it is, the second closer, and so on."""
    zooms = Kept(((0, 2), (5, 7), (9, 10)), 30).zooms(1.0)
    assert zooms == [1.0, 1.0, 1.22, 1.22, 1.0]


def test_an_unused_film(films: Films) -> None:
    """A film without pauses is one part."""
    assert kept([], len(numbered(60)), 30).parts == ((0, 60),)
