"""Frames, thumbnails, captions and phone-like films as jobs on real workers."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from models.session import org_session
from providers.registry import storage
from tests.pipelines.video.films import RATE, Films, numbered, tone
from tests.tasks.conftest import Marketing
from tests.tasks.stored import stored

WORDS = [{"text": "Hello", "start": 0.1, "end": 0.4}, {"text": "you.", "start": 0.4, "end": 0.8}]


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Films:
    return Films(tmp_path_factory.mktemp("films"))


def content(org_id: uuid.UUID, asset: dict[str, Any], folder: Path) -> str:
    """The text of a document asset."""
    path = folder / str(asset["asset_id"])
    with org_session(org_id) as session:
        key = session.execute(text("SELECT storage_key FROM asset_versions WHERE asset_id = :id"), {"id": asset["asset_id"]}).scalar_one()
    storage().download(key, path)
    return path.read_text()


def test_captions_go_from_words_to_a_document_to_a_video(marketing: Marketing, films: Films, tmp_path: Path) -> None:
    """The SubRip document of one job is what the next one burns into a video."""
    first = marketing.finished(marketing.submit("video.captions", {"words": WORDS, "formats": ["srt"]}))
    assert first["state"] == "succeeded", first["error"]
    (document,) = first["result"]["assets"]
    assert document["media_type"] == "application/x-subrip"
    assert content(marketing.org_id, document, tmp_path) == "1\n00:00:00,100 --> 00:00:01,300\nHello you.\n"
    film = stored(marketing.org_id, films.numbered(45, sound=tone(440, 1.5)))
    params = {"video": str(film), "document": document["asset_id"], "platform": "tiktok", "formats": ["vtt", "video"]}
    second = marketing.finished(marketing.submit("video.captions", params))
    assert second["state"] == "succeeded", second["error"]
    assert [asset["media_type"] for asset in second["result"]["assets"]] == ["text/vtt", "video/mp4"]
    assert second["result"]["frames"] == 45


def test_thumbnails_and_frames(marketing: Marketing, films: Films) -> None:
    """Pictures and documents become assets with what is known about them; a sheet and its index come along."""
    film = stored(marketing.org_id, films.numbered(60))
    job = marketing.finished(marketing.submit("video.thumbnails", {"video": str(film), "count": 1}))
    assert job["state"] == "succeeded", job["error"]
    assert [asset["role"] for asset in job["result"]["assets"]] == ["thumbnail", "sprite_sheet", "sprite_index"]
    job = marketing.finished(marketing.submit("video.frames", {"video": str(film), "by": "time", "times": [1.0]}))
    assert job["result"]["frames"] == [{"frame": 30, "second": 1.0}]
    assert job["result"]["assets"][0]["media_type"] == "image/png"


def test_a_phone_like_film(marketing: Marketing, films: Films) -> None:
    """`video.ugc` on the cpu pool: an upright film with its strengths and its seed in the result."""
    film = stored(marketing.org_id, films.write("talk.mp4", numbered(60), sound=tone(300, 60 / 30)[:, : 2 * RATE]))
    params = {"video": str(film), "preset": "street", "seed": 3, "shorter_side": 128, "hook": "Wait for it"}
    job = marketing.finished(marketing.submit("video.ugc", params))
    assert job["state"] == "succeeded", job["error"]
    result = job["result"]
    assert (result["frames"], result["seed"], result["strengths"]["shake"]) == (60, 3, 0.9)
    assert (result["assets"][0]["width"], result["assets"][0]["height"]) == (128, 228)


def test_faults_reach_the_job(marketing: Marketing, films: Films) -> None:
    """A second after the end, found only when the film is read, fails the job with its pointer."""
    film = stored(marketing.org_id, films.numbered(60))
    job = marketing.finished(marketing.submit("video.frames", {"video": str(film), "by": "time", "times": [0.5, 9.0]}))
    assert (job["state"], job["error"]["code"]) == ("failed", "invalid_input")
    assert job["error"]["errors"][0]["pointer"] == "/params/times/1"
