"""Faces on real photos. The expected boxes were measured by hand: hairline to chin, ear to ear."""

from __future__ import annotations

import json

import pytest

from pipelines.vision.faces import recipe
from tests.pipelines.vision.conftest import NOBODY, Look, overlap, photo

FACES = {
    "zidane": [[920, 95, 1055, 280], [552, 250, 670, 440]],
    "bus": [[113, 418, 157, 472], [267, 423, 307, 474]],
    "astronaut": [[180, 60, 270, 180]],
}
ENGINES = ({"engine": "onnxruntime"}, {"engine": "opencv"})


@pytest.mark.parametrize("engine", ENGINES, ids=lambda e: e["engine"])
def test_every_face_is_found_where_it_is(look: Look, engine: dict[str, str]) -> None:
    """Three photos, five faces: each box overlaps the expected one by 0.6, and there is no sixth."""
    frames = look(recipe, *map(photo, FACES), **engine).facts["frames"]
    for frame, expected in zip(frames, FACES.values(), strict=True):
        assert len(frame["faces"]) == len(expected)
        for box in expected:
            assert max(overlap(box, face["box"]) for face in frame["faces"]) > 0.6


def test_the_points_lie_where_they_should(look: Look) -> None:
    """On a face that looks at us: eyes above the nose, nose above the mouth, left left of right, all inside the box."""
    face = look(recipe, photo("astronaut")).facts["frames"][0]["faces"][0]
    points, (left, top, right, bottom) = face["points"], face["box"]
    assert points["left_eye"][0] < points["nose"][0] < points["right_eye"][0]
    assert max(points["left_eye"][1], points["right_eye"][1]) < points["nose"][1] < min(points["left_mouth"][1], points["right_mouth"][1])
    assert all(left < x < right and top < y < bottom for x, y in points.values())


def test_nobody_is_found_where_nobody_is(look: Look) -> None:
    """Coffee, bricks, gravel and a flower hold no face."""
    assert look(recipe, *map(photo, NOBODY)).facts["faces_total"] == 0


def test_haar_needs_no_weights(look: Look) -> None:
    """OpenCV's own cascade finds the astronaut's face and gives it no score."""
    face = look(recipe, photo("astronaut"), model="haar").facts["frames"][0]["faces"][0]
    assert overlap(face["box"], FACES["astronaut"][0]) > 0.5 and face["score"] is None


def test_a_mesh_fits_the_five_points(look: Look) -> None:
    """In the file alone, the mesh's 468 points: its nose, eye and mouth corners are near the five points of the other network."""
    made = look(recipe, photo("astronaut"), mesh=True)
    face = json.loads(made.products[0].path.read_text())["frames"][0]["faces"][0]
    assert "mesh" not in made.facts["frames"][0]["faces"][0]
    mesh, points = face["mesh"], face["points"]
    assert len(mesh) == 468
    pairs = ((1, "nose"), (61, "left_mouth"), (291, "right_mouth"))
    assert all(abs(mesh[n][axis] - points[name][axis]) < 12 for n, name in pairs for axis in (0, 1))
    assert mesh[33][0] < points["left_eye"][0] < mesh[133][0]  # the corners of the left eye around its middle


def test_the_file_holds_everything_and_the_preview_is_drawn(look: Look) -> None:
    """The JSON has the same frames as the result, and the preview is a JPEG of the photo."""
    made = look(recipe, photo("astronaut"), preview=True)
    document, preview = made.products
    assert json.loads(document.path.read_text())["frames"] == made.facts["frames"]
    assert preview.path.read_bytes().startswith(b"\xff\xd8\xff") and preview.role == "preview"
