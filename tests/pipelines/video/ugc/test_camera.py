"""The camera: shake measured against its own path, crops that follow a face."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from pipelines.recipe import Kitchen
from pipelines.video import inputs
from pipelines.video.footage import examine
from pipelines.video.people import FaceFinder
from pipelines.video.reel import Reel
from pipelines.video.ugc import camera, following
from pipelines.video.ugc.camera import View
from pipelines.video.ugc.shake import BAND, Shake, shake
from tests.pipelines.video.films import Films, Pixels, drawn
from tests.pipelines.video.scenery import photo
from tests.pipelines.video.ugc.conftest import PANNED

SIDE, COUNT = 128, 150


def seen(path: Path, view: View, count: int) -> Pixels:
    source = inputs.picture(examine(path), view.film, Fraction(view.fps), frames=count, fit="stretch")
    return drawn(camera.seen(source, view), view.frame)


def registered(frames: Pixels, still: Pixels, zoom: float) -> np.ndarray[Any, Any]:
    """Where each frame lies on the still: the middle's x and y in pixels, and the turn in radians, by enhanced correlation."""
    wanted = cv2.cvtColor(still, cv2.COLOR_RGB2GRAY)
    middle = SIDE / 2 - 0.5
    warp = np.array([[1 / zoom, 0, middle - middle / zoom], [0, 1 / zoom, middle - middle / zoom]], np.float32)
    found = []
    for frame in frames:
        grey = cv2.cvtColor(np.ascontiguousarray(frame), cv2.COLOR_RGB2GRAY)
        _, better = cv2.findTransformECC(grey, wanted, warp.copy(), cv2.MOTION_AFFINE, (3, 25, 1e-4), np.empty(0, np.uint8), 3)
        warp = np.asarray(better, np.float32)
        x, y = warp @ np.array([middle, middle, 1])
        found.append((x - middle, y - middle, float(np.arctan2(warp[1, 0], warp[0, 0]))))
    return np.array(found)


def test_the_shake_is_its_path_by_fractions_of_a_pixel(films: Films) -> None:
    """Every frame lies where the path says, to a fifth of a pixel; nearly all movement is inside the hand's band."""
    still = photo("coffee", (SIDE, SIDE))
    hand = shake(4, 1.0)
    assert isinstance(hand, Shake)
    view = View((SIDE, SIDE), (SIDE, SIDE), (SIDE, SIDE), None, [1.0] * COUNT, hand, 30)
    moves = registered(seen(films.write("coffee-still.mp4", [still] * COUNT), view, COUNT), still, hand.room(1.0))
    path = [(hand.across.at(n / 30) * hand.shift * SIDE, hand.down.at(n / 30) * hand.shift * SIDE) for n in range(COUNT)]
    assert np.abs(moves[:, :2] - np.array(path)).max() < 0.2
    assert np.abs(moves[:, 2] - [hand.turn.at(n / 30) * hand.angle for n in range(COUNT)]).max() < 0.004
    energy = np.abs(np.fft.rfft((moves - moves.mean(axis=0)) * np.hanning(COUNT)[:, None], axis=0)) ** 2
    hertz = np.fft.rfftfreq(COUNT, 1 / 30)
    inside = energy[(hertz >= BAND[0] - 0.25) & (hertz <= BAND[1] + 0.25)].sum(axis=0) / energy.sum(axis=0)
    assert (inside > 0.9).all() and (moves.std(axis=0)[:2] > 0.5).all()


def test_no_edge_is_ever_seen(films: Films) -> None:
    """At full strength a white frame shows no black, as the picture is seen just close enough."""
    white = films.colour((255, 255, 255), 2.0, size=(90, 160))
    view = View((90, 160), (90, 160), (90, 160), None, [1.0] * 60, shake(9, 1.0), 30)
    assert seen(white, view, 60).min() > 235


def test_without_effects_no_pixel_is_moved(films: Films) -> None:
    """Same size, no shake: what comes out is what went in."""
    still = photo("coffee", (SIDE, SIDE))
    path = films.write("coffee-still.mp4", [still] * COUNT)
    plain = drawn(inputs.picture(examine(path), (SIDE, SIDE), Fraction(30), frames=2), (SIDE, SIDE))
    assert (seen(path, View((SIDE, SIDE), (SIDE, SIDE), (SIDE, SIDE), None, [1.0] * 2, None, 30), 2) == plain).all()


def test_the_crop_follows_a_face(walker: Path, kitchen: Kitchen) -> None:
    """A person who walks through a wide film stays in the middle third of the upright crop, and the crop glides."""
    film = Reel(examine(walker))
    looked = following.look(film, FaceFinder(kitchen), lambda frame: None)
    assert looked.share > 0.9 and looked.scenes == (0,)
    frame = camera.frame_size(PANNED, "9:16", 128)
    window = camera.window_size(PANNED, frame)
    corners = camera.corners(following.centres(looked, film, 90, 30), PANNED, window, 1.0)
    view = View(PANNED, window, frame, corners, [1.0] * 90, None, 30)
    faces = [FaceFinder(kitchen).find(picture) for picture in seen(walker, view, 90)[5::10]]
    assert all(found and 1 / 3 < found[0].centre[0] < 2 / 3 for found in faces)
    steps = np.diff([left for left, _ in corners])
    assert np.abs(np.diff(steps)).max() < 0.6  # pixels a frame: no jerk
    assert np.ptp([left for left, _ in corners]) > 100


def test_a_crop_moves_by_fractions_of_a_pixel(films: Films) -> None:
    """A slow pan of a quarter of a pixel a frame moves every frame, and evenly."""
    still = photo("coffee", (192, 128))
    path = films.write("coffee-wide.mp4", [still] * 40)
    corners = [(10 + 0.25 * number, 0.0) for number in range(40)]
    frames = seen(path, View((192, 128), (128, 128), (128, 128), corners, [1.0] * 40, None, 30), 40)
    lefts = registered(frames, still[:, 10:138], 1.0)[:, 0]
    assert np.abs(lefts - [0.25 * number for number in range(40)]).max() < 0.15


def test_strength_says_how_closely_is_followed() -> None:
    """Half the strength goes half the way, none stays in the middle, and the window never leaves the film."""
    wanted = [(0.0, 0.5), (0.6, 0.5), (1.0, 0.5)]
    full, half, none = (camera.corners(wanted, (320, 180), (100, 180), strength) for strength in (1.0, 0.5, 0.0))
    assert full == [(0.0, 0.0), (142.0, 0.0), (218.0, 0.0)]
    assert half[1] == (126.0, 0.0) and set(none) == {(110.0, 0.0)}


def test_a_film_without_people_is_not_followed(films: Films, kitchen: Kitchen) -> None:
    """No look finds a face, and the path stays in the middle."""
    film = Reel(examine(films.write("gravel.mp4", [photo("gravel", PANNED)] * 20)))
    looked = following.look(film, FaceFinder(kitchen), lambda frame: None)
    assert looked.looks == () and set(following.centres(looked, film, 20, 30)) == {(0.5, 0.5)}


def test_haar_stands_in_where_there_are_no_weights(tmp_path: Path) -> None:
    """Faces from the front are found all the same, and the note says what was used."""
    finder = FaceFinder(Kitchen({}, tmp_path, lambda command, on_line: None, lambda part, words: None))
    (face, *_) = finder.find(photo("astronaut", (400, 400)))
    assert 0.38 < face.centre[0] < 0.5 and face.centre[1] < 0.35
    assert "OpenCV's cascade" in finder.notes[0]
