"""Transforms of video as jobs on real workers: from assets to assets, refused, cancelled."""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import text

from models.session import org_session
from pipelines.recipe import Made
from providers.registry import storage
from tests.pipelines.video.films import Cooked, Films, level, number_of, plain, tone
from tests.tasks.conftest import Marketing
from tests.tasks.stored import stored
from worker.control import cancel

SLOW = {"preset": "veryslow", "crf": 1}


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Films:
    return Films(tmp_path_factory.mktemp("films"))


def made(folder: Path, org_id: uuid.UUID, asset: dict[str, Any]) -> Cooked:
    """The file behind an asset of a job's result."""
    path = folder / f"{asset['asset_id']}.mp4"
    with org_session(org_id) as session:
        key = session.execute(text("SELECT storage_key FROM asset_versions WHERE asset_id = :id"), {"id": asset["asset_id"]}).scalar_one()
    storage().download(key, path)
    return Cooked(Made(), path)


def ffmpegs(folder: str) -> list[str]:
    """Command lines of running ffmpegs that write below this folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().decode(errors="replace")
        except OSError:
            continue
        if folder in line and "ffmpeg" in line:
            found.append(line)
    return found


def test_clips_become_one_asset(marketing: Marketing, films: Films, tmp_path: Path) -> None:
    """`video.concat` of two assets: a named video asset with exactly their frames, its measures in the result."""
    first = stored(marketing.org_id, films.numbered(30, sound=tone(440, 1.0)))
    second = stored(marketing.org_id, films.write("hevc.mp4", plain((0, 200, 0), 25, (48, 96)), fps=25, codec="libx265"))
    clips = [{"file": str(first)}, {"file": str(second)}, {"file": str(first), "end": 0.5}]
    job = marketing.finished(marketing.submit("video.concat", {"name": "All of it", "clips": clips}))
    assert job["state"] == "succeeded", job["error"]
    (asset,) = job["result"]["assets"]
    assert (asset["name"], asset["media_type"], asset["width"], asset["height"]) == ("All of it", "video/mp4", 64, 48)
    assert (job["result"]["frames"], job["result"]["seconds"], job["result"]["simulated"]) == (75, 2.5, False)
    film = made(tmp_path, marketing.org_id, asset)
    assert [number_of(frame) for frame in film.frames()[[0, 29, 60, 74]]] == [0, 29, 0, 14]
    assert level(film.samples(), 0.1, 0.9) > 0.1 and level(film.samples(), 1.1, 1.9) < 0.001


def test_a_logo_is_laid_over(marketing: Marketing, films: Films, tmp_path: Path) -> None:
    """`video.overlay` with an image asset and a text, on the cpu pool."""
    Image.new("RGB", (16, 16), (255, 0, 0)).save(tmp_path / "logo.png")
    base = stored(marketing.org_id, films.write("dark.mp4", plain((20, 20, 20), 15, (320, 240))))
    logo = stored(marketing.org_id, tmp_path / "logo.png")
    overlays = [
        {"file": str(logo), "anchor": "top_left", "margin_x": 0, "margin_y": 0},
        {"text": {"text": "New today"}, "anchor": "bottom"},
    ]
    job = marketing.finished(marketing.submit("video.overlay", {"base": str(base), "overlays": overlays}))
    assert job["state"] == "succeeded", job["error"]
    frame = made(tmp_path, marketing.org_id, job["result"]["assets"][0]).frames()[7].astype(int)
    assert np.abs(frame[8, 8] - (255, 0, 0)).max() < 12 and frame[200:].max() > 220 and frame[40:180].max() < 40


def test_params_that_do_not_fit_the_file_fail_the_job(marketing: Marketing, films: Films) -> None:
    """A trim beyond the end is not tried again: the error names the param and where the file ends."""
    source = stored(marketing.org_id, films.numbered(30))
    job = marketing.finished(marketing.submit("video.trim", {"file": str(source), "start": 0.5, "end": 4}))
    assert (job["state"], job["error"]["code"], job["steps"][0]["attempt"]) == ("failed", "invalid_input", 1)
    assert job["error"]["errors"] == [{"pointer": "/params/end", "detail": "4 s is beyond the end of the file, which lasts 1.000 s"}]


def test_a_file_is_called_by_its_assets_name(marketing: Marketing, tmp_path: Path) -> None:
    """A fault names what the person uploaded, not a copy that nobody knows."""
    Image.new("RGB", (16, 16), (255, 0, 0)).save(tmp_path / "Summer logo.png")
    source = stored(marketing.org_id, tmp_path / "Summer logo.png")
    job = marketing.finished(marketing.submit("video.render", {"tracks": [{"clips": [{"source": str(source)}]}]}))
    told = "Summer-logo.png is a still: say for how many frames it is shown"
    assert job["error"]["errors"] == [{"pointer": "/params/tracks/0/clips/0/frames", "detail": told}]


def test_a_cancel_ends_the_render_and_leaves_no_file(marketing: Marketing, films: Films) -> None:
    """Cancelled in the middle of a transition: ffmpeg is gone within two seconds, and neither asset nor file remains."""
    source = str(stored(marketing.org_id, films.numbered(60)))
    params = {"clips": [{"file": source}, {"file": source}], "width": 1920, "height": 1080, "fps": 60, "coding": SLOW}
    job = marketing.submit("video.transition", params)
    marketing.until(job, lambda view: bool(view["steps"][0]["message"] and "frame" in view["steps"][0]["message"]))
    assert ffmpegs("drumbeat-transition-")
    with org_session(marketing.org_id) as session:
        cancel(session, job)
    asked = time.monotonic()
    while ffmpegs("drumbeat-transition-"):
        assert time.monotonic() - asked < 2
        time.sleep(0.02)
    assert marketing.finished(job)["state"] == "cancelled"
    with org_session(marketing.org_id) as session:
        assert session.execute(text("SELECT count(*) FROM stored_files WHERE job_id = :job"), {"job": job}).scalar_one() == 0
        assert session.execute(text("SELECT count(*) FROM assets WHERE job_id = :job"), {"job": job}).scalar_one() == 0
