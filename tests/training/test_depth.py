"""The scenes that the depth network learns from, and what it is taught."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from training.depth import scenes
from training.depth.loss import agreement, depth_loss
from training.depth.photography import taken
from training.depth.solids import BALL, BOX, CARD, CONE, DRUM, FAR, RING, TUBE, meet

CARDS = np.ones((1, 64, 64), np.uint8)


@pytest.mark.parametrize(
    ("shape", "across", "along"),
    [(BOX, 4.0, 4.0), (BALL, 4.0, 4.0), (DRUM, 4.0, 4.0), (CONE, 4.5, 4.0), (TUBE, 4.0, FAR), (RING, FAR, FAR), (CARD, FAR, 5.0)],
)
def test_a_ray_meets_each_shape_where_it_is(shape: int, across: float, along: float) -> None:
    """From five metres, across the third axis and along it: unit shapes, an open tube, a ring with a hole, a card seen from its edge."""
    assert meet(0.0, -5.0, 0.0, 0.0, 1.0, 0.0, shape, 0.3, CARDS) == pytest.approx(across)
    assert meet(0.0, 0.0, 5.0, 0.0, 0.0, -1.0, shape, 0.0 if shape == CARD else 0.3, CARDS) == pytest.approx(along)


def test_inside_a_room_its_far_wall_is_met() -> None:
    """Rooms are boxes seen from within."""
    assert meet(0.0, 0.5, 0.0, 0.0, 1.0, 0.0, BOX, 0.0, CARDS) == pytest.approx(0.5)


def test_the_same_seed_makes_the_same_scene() -> None:
    """Solids, camera and light; another seed makes another one."""
    first, again, other = (scenes.any_scene(np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert np.array_equal(first[0].centre, again[0].centre) and first[1].focal == again[1].focal
    assert not np.array_equal(first[0].centre[:5], other[0].centre[:5])
    assert np.isfinite(first[0].centre).all() and (first[0].half > 0).all() and (first[0].reach > 0).all()


def test_scale_and_shift_of_a_prediction_do_not_matter() -> None:
    """A perfect one is perfect in any units; an inverted one is not."""
    inverse = torch.rand(2, 16, 16, generator=torch.Generator().manual_seed(1))
    right = inverse.sqrt() * 7 - 3
    assert float(depth_loss(right, inverse)) < 1e-3 < float(depth_loss(-right, inverse))
    assert agreement(right, inverse) == pytest.approx(1, abs=1e-3) and agreement(-right, inverse) == pytest.approx(-1, abs=1e-3)


def test_a_photographed_scene_keeps_its_depth_in_place() -> None:
    """Cropped and mirrored alike: the bright half stays the near half."""
    picture, inverse = np.zeros((96, 128, 3), np.uint8), np.zeros((96, 128), np.float16)
    picture[48:], inverse[48:] = 255, 1.0
    for seed in range(8):
        image, depth = taken(np.random.default_rng(seed), picture, inverse, (64, 96))
        assert image.shape == (64, 96, 3) and depth.shape == (64, 96)
        assert image[depth == 1].mean() > image[depth == 0].mean() + 50
