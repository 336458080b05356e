from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pipelines.video.scenes import storyboard
from pipelines.video.shots import shot_list


@given(st.lists(st.floats(0.05, 20), min_size=1, max_size=20))
def test_the_total_is_the_sum_of_the_scenes(seconds: list[float]) -> None:
    """Lengths are rounded once, at the cuts: the total is never more than half a frame from the sum."""
    plan = shot_list(seconds)
    assert abs(plan.frames - sum(seconds) * 30) <= 0.5 + 1e-6
    assert plan.samples == plan.frames * 1600


@given(st.lists(st.floats(0.05, 20), min_size=2, max_size=20))
def test_every_shot_reaches_into_the_next(seconds: list[float]) -> None:
    """Each shot but the last is exactly one crossfade longer than the time to the next cut."""
    plan = shot_list(seconds)
    for shot, following in pairwise(plan.shots):
        assert shot.start + shot.frames == following.start + plan.fade
    assert plan.shots[-1].start + plan.shots[-1].frames == plan.frames


def test_a_storyboard_fills_the_time_and_varies_the_motion() -> None:
    """Pictures share the time evenly, neighbours move differently, and none flashes by."""
    scenes = storyboard([Path(f"{index}.png") for index in range(30)], 12.0)
    assert sum(scene.seconds for scene in scenes) == 12.0
    assert len(scenes) == 8
    assert all(one.motion != other.motion for one, other in pairwise(scenes))
