"""Depth: of the Middlebury stereo pair that scikit-image carries, of films, and by MiDaS's published form."""

from __future__ import annotations

import json
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image
from scipy.stats import spearmanr

from core.errors import ModelUnavailable
from pipelines.recipe import Kitchen
from pipelines.vision.depth import DepthParams, make, recipe
from pipelines.vision.models import row_of
from providers.weights.store import ModelStore
from tests.pipelines.vision.conftest import Look, photo

LOWER_IS_NEARER = 0.666  # what row numbers alone score on the stereo pair
MEASURED = 0.79  # the network reached 0.818; another processor may round otherwise


def sixteen_bits(path: Path) -> np.ndarray[Any, Any]:
    import cv2

    found = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert found is not None and found.dtype == np.uint16
    return np.asarray(found)


@pytest.fixture(scope="module")
def motorcycle(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray[Any, Any]]:
    """The left picture, and its true disparity in pixels, NaN where it was not measured."""
    import skimage.data

    left, _, disparity = skimage.data.stereo_motorcycle()
    path = tmp_path_factory.mktemp("stereo") / "left.png"
    Image.fromarray(left).save(path)
    return path, np.where(np.isfinite(disparity), disparity, np.nan)


def test_nearness_is_ranked_as_the_stereo_pair_measured_it(look: Look, motorcycle: tuple[Path, np.ndarray[Any, Any]]) -> None:
    """Of a photo that the network never saw, far better than that what is lower is nearer."""
    path, disparity = motorcycle
    made = look(recipe, path)
    near = sixteen_bits(made.products[0].path)
    assert near.shape == disparity.shape and (near.min(), near.max()) == (0, 65535)
    known = np.isfinite(disparity)
    assert spearmanr(near[known], disparity[known])[0] > MEASURED > LOWER_IS_NEARER + 0.1
    assert (made.facts["model"], made.facts["engine"]) == ("depth-small", "torch") and made.facts["device"] in ("cpu", "cuda:0")


def test_a_person_is_nearer_than_what_is_behind(look: Look) -> None:
    """The men before the bus against the house behind it."""
    near = sixteen_bits(look(recipe, photo("bus")).products[0].path)
    assert np.median(near[450:800, 70:160]) > np.median(near[20:150, 300:700]) + 6000


def test_the_document_tells_how_to_read_the_maps(look: Look) -> None:
    """Each frame's file, and the values that 0 and 65535 stand for; a preview in colour beside it."""
    made = look(recipe, photo("cat"), photo("coffee"))
    assert [product.media_type for product in made.products] == ["image/png"] * 2 + ["application/json"] + ["image/jpeg"] * 2
    told = json.loads(made.products[2].path.read_text())
    assert [frame["map"] for frame in told["frames"]] == ["depth-1.png", "depth-2.png"]
    assert all(frame["low"] < frame["high"] for frame in told["frames"])
    with Image.open(made.products[3].path) as preview:
        assert preview.size == (451, 300) and np.asarray(preview).std(axis=2).max() > 50


def test_a_film_is_sampled_into_one_archive(look: Look, tmp_path: Path) -> None:
    """A map a sampled frame, named by it, and a film as preview."""
    image = np.asarray(Image.open(photo("cat")).resize((128, 96)))
    with av.open(str(tmp_path / "film.mp4"), "w") as container:
        stream: Any = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        for number in range(10):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.roll(image, number, 1), format="rgb24")))
        container.mux(stream.encode())
    made = look(recipe, tmp_path / "film.mp4", sampling={"every": 5})
    with zipfile.ZipFile(made.products[0].path) as archive:
        assert archive.namelist() == ["000000.png", "000005.png"]
    assert made.facts["frames"][1]["map"] == "depth-1.zip/000005.png" and made.facts["frames"][1]["seconds"] == 0.5
    assert made.products[-1].media_type == "video/mp4"


def test_a_cancel_is_seen_and_no_preview_is_left_open(kitchen: Callable[..., Kitchen]) -> None:
    """Progress raises: the work ends with that error."""

    class Stopped(Exception):
        pass

    def stop(fraction: float, words: str) -> None:
        raise Stopped

    source = uuid.uuid4()
    with pytest.raises(Stopped):
        make(DepthParams(sources=[source]), kitchen({source: photo("cat")}, stop))


@pytest.mark.parametrize("inside", [True, False])
def test_midas_in_its_published_form_is_read_whether_it_normalises_or_not(tmp_path: Path, inside: bool) -> None:
    """A network of that form whose depth is the picture's red, exported with and without the normalisation: the same answer."""
    import onnx
    from onnx import TensorProto, helper

    from pipelines.vision.midas.published import SIDE, Published, normalises

    mean, spread = np.array([0.485, 0.456, 0.406], np.float32), np.array([0.229, 0.224, 0.225], np.float32)
    red = np.array([spread[0], 0, 0], np.float32).reshape(1, 3, 1, 1)
    constants = {"mean": mean.reshape(1, 3, 1, 1), "spread": spread.reshape(1, 3, 1, 1), "red": red, "shift": mean[:1]}
    nodes = [helper.make_node("Sub", ["input", "mean"], ["less"]), helper.make_node("Div", ["less", "spread"], ["even"])] if inside else []
    nodes.append(helper.make_node("Conv", ["even" if inside else "input", "red", "shift"], ["output"]))
    graph = helper.make_graph(
        nodes,
        "midas",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, SIDE, SIDE])],
        [onnx.numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), str(tmp_path / "midas.onnx"))
    assert normalises(tmp_path / "midas.onnx") is inside
    picture = np.zeros((100, 200, 3), np.uint8)
    picture[:, 100:, 0] = 255
    (depth,) = Published(tmp_path / "midas.onnx").estimate([picture])
    assert depth.shape == (SIDE, SIDE)
    assert depth[128, 20] == pytest.approx(0, abs=1e-3) and depth[128, 230] == pytest.approx(1, abs=1e-3)


def test_published_weights_that_are_not_there_are_an_error(kitchen: Callable[..., Kitchen]) -> None:
    """Not another model in silence."""
    source = uuid.uuid4()
    place = kitchen({source: photo("cat")})
    if (place.folder.parent / "midas-small.onnx").exists():
        pytest.skip("the published weights are here")
    with pytest.raises(ModelUnavailable):
        make(DepthParams(sources=[source], model="midas-small"), place)


def test_the_backbone_in_torch_is_the_files(models: ModelStore) -> None:
    """What torch makes of the detector's first nodes is what onnxruntime makes of them; at other sizes the maps follow."""
    import onnx
    import onnxruntime
    import torch

    from pipelines.vision.midas.encoder import WIDTHS, Backbone

    path = models.weight(row_of("nanodet"))
    picture = torch.rand(1, 3, 416, 416, generator=torch.Generator().manual_seed(1))
    found = Backbone(path)(picture)
    file = onnx.load(str(path))
    coarsest = [
        node.output[0] for node in file.graph.node[: [n.op_type for n in file.graph.node].index("Resize")] if node.op_type == "Concat"
    ][-1]
    file.graph.output.append(onnx.ValueInfoProto(name=coarsest))
    (wanted,) = onnxruntime.InferenceSession(file.SerializeToString()).run([coarsest], {"pixels": picture.numpy()})
    assert np.abs(found[-1].numpy() - wanted).max() < 1e-4
    shapes = [tuple(part.shape[1:]) for part in Backbone(path)(torch.zeros(1, 3, 192, 256))]
    assert shapes == [(WIDTHS[0], 24, 32), (WIDTHS[1], 12, 16), (WIDTHS[2], 6, 8)]
