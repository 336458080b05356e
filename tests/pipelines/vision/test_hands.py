"""Hands on a real photo: one man points to the right with his left hand."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageOps

from pipelines.vision.hands import BONES, LANDMARKS, recipe
from tests.pipelines.vision.conftest import NOBODY, Look, overlap, photo

HAND = [985, 405, 1155, 485]


def test_the_pointing_hand_is_found(look: Look) -> None:
    """One hand, a left one, with the tip of its index finger at the far right and its wrist at the left."""
    hands = look(recipe, photo("zidane")).facts["frames"][0]["hands"]
    assert len(hands) == 1 and overlap(hands[0]["box"], HAND) > 0.6
    assert hands[0]["handedness"] == "left" and hands[0]["score"] > 0.8
    points = dict(zip(LANDMARKS, hands[0]["landmarks"], strict=True))
    assert abs(points["index_tip"][0] - 1145) < 20 and abs(points["wrist"][0] - 995) < 25
    assert max(x for x, _, _ in points.values()) == points["index_tip"][0]


def test_a_mirrored_picture_keeps_its_hand(look: Look, tmp_path: Path) -> None:
    """The photo mirrored shows a right hand; told that it is mirrored, the detector names the real one."""
    mirrored = tmp_path / "mirrored.png"
    ImageOps.mirror(Image.open(photo("zidane"))).save(mirrored)
    sides = [look(recipe, mirrored, mirrored=told).facts["frames"][0]["hands"][0]["handedness"] for told in (False, True)]
    assert sides == ["right", "left"]


def test_no_hand_where_there_is_none(look: Look) -> None:
    """Coffee, bricks, gravel and a flower hold no hand."""
    assert look(recipe, *map(photo, NOBODY)).facts["hands_total"] == 0


def test_the_bones_join_all_landmarks() -> None:
    """The drawn skeleton is one piece: 21 landmarks, each reached from the wrist."""
    reached = {0}
    for _ in LANDMARKS:
        reached |= {b for a, b in BONES if a in reached}
    assert len(LANDMARKS) == 21 and reached == set(range(21))
