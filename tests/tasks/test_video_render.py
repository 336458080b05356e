"""`video.render` on real workers: fan-out, a re-edit, a cancel, a killed worker."""

from __future__ import annotations

import os
import signal
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from core.errors import NotFound
from models.session import engine_session, org_session
from providers.registry import storage
from tasks.render_segments import forget_segments
from tests.pipelines.video.films import Films, tone
from tests.pipelines.video.frame_hashes import frame_hashes
from tests.stack import WorkerPools
from tests.tasks.conftest import Marketing
from tests.tasks.stored import stored
from worker.control import cancel
from worker.outputs import remove_orphans

SLOW = {"preset": "veryslow", "crf": 10}


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Films:
    return Films(tmp_path_factory.mktemp("films"))


@pytest.fixture
def clips(films: Films, marketing: Marketing) -> list[dict[str, Any]]:
    """Two clips of two seconds that cross for half a second."""
    first = stored(marketing.org_id, films.numbered(60, sound=tone(440, 2)))
    second = stored(marketing.org_id, films.colour((200, 40, 40), 2.0))
    return [{"source": str(first)}, {"source": str(second), "transition": {"name": "wipeleft", "frames": 15}}]


@pytest.fixture
def slow(films: Films, marketing: Marketing) -> dict[str, Any]:
    """A timeline of four segments, each of which takes an encoder seconds."""
    source = str(stored(marketing.org_id, films.numbered(80, fps=5)))
    return {"width": 1280, "height": 720, "fps": "10", "coding": SLOW, "tracks": [{"muted": True, "clips": [{"source": source}]}]}


def film(folder: Path, org_id: uuid.UUID, job: dict[str, Any]) -> Path:
    """The file that a finished render made."""
    (asset,) = job["result"]["assets"]
    path = folder / f"{asset['asset_id']}.mp4"
    with org_session(org_id) as session:
        key = session.execute(text("SELECT storage_key FROM asset_versions WHERE asset_id = :id"), {"id": asset["asset_id"]}).scalar_one()
    storage().download(key, path)
    return path


def small(clips: list[dict[str, Any]]) -> dict[str, Any]:
    return {"width": 64, "height": 48, "fps": 30, "tracks": [{"clips": clips}]}


def kept(org_id: uuid.UUID) -> list[Any]:
    with org_session(org_id) as session:
        return list(session.execute(text("SELECT hash, storage_key, created_at FROM render_segments ORDER BY created_at")).all())


def encoders(worker: int) -> list[int]:
    """Process ids of the ffmpegs under a worker."""
    parents = {int(entry.name): _parent(entry) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
    family = {worker}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return [pid for pid in family if "ffmpeg" in _command(pid)]


def _parent(entry: Path) -> int:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].decode()
    except OSError:
        return ""


def until(found: Any, seconds: float = 30) -> Any:
    deadline = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < deadline, "did not come in time"
        time.sleep(0.05)
    return value


def test_a_re_edit_codes_only_what_changed(marketing: Marketing, clips: list[dict[str, Any]], tmp_path: Path) -> None:
    """Another transition between the same clips: one segment of three is new, and every frame outside it is the same to the bit."""
    before = marketing.finished(marketing.submit("video.render", small(clips)))
    assert before["state"] == "succeeded", before["error"]
    assert (before["result"]["segments"], before["result"]["encoded"], before["result"]["frames"]) == (3, 3, 105)
    clips[1]["transition"]["name"] = "circleopen"
    after = marketing.finished(marketing.submit("video.render", small(clips)))
    assert (after["result"]["encoded"], after["result"]["reused"]) == (1, 2)
    one, two = (frame_hashes(film(tmp_path, marketing.org_id, job)) for job in (before, after))
    changed = [index for index, (a, b) in enumerate(zip(one, two, strict=True)) if a != b]
    assert set(changed) <= set(range(45, 60)) and len(changed) > 10


def test_a_render_that_was_made_before_codes_nothing(marketing: Marketing, clips: list[dict[str, Any]], tmp_path: Path) -> None:
    """The same timeline again has no children and gives the same frames."""
    first, again = (marketing.finished(marketing.submit("video.render", small(clips))) for _ in range(2))
    assert again["result"]["encoded"] == 0
    assert frame_hashes(film(tmp_path, marketing.org_id, first)) == frame_hashes(film(tmp_path, marketing.org_id, again))


def test_faults_of_a_timeline_are_told_at_once_with_their_places(marketing: Marketing, clips: list[dict[str, Any]]) -> None:
    """An unknown transition and a clip beyond its file's end: one error, two pointers, no segment kept."""
    clips[1]["transition"]["name"] = "wipelefd"
    clips.append({"source": clips[0]["source"], "source_start": 50, "frames": 40})
    error = marketing.finished(marketing.submit("video.render", small(clips)))["error"]
    assert [fault["pointer"] for fault in error["errors"]] == [
        "/params/tracks/0/clips/1/transition/name",
        "/params/tracks/0/clips/2/frames",
    ]
    assert "wipeleft" in error["errors"][0]["detail"] and kept(marketing.org_id) == []


def test_a_cancel_ends_the_encoder_within_two_seconds(marketing: Marketing, slow: dict[str, Any], worker_pools: WorkerPools) -> None:
    """The parent is cancelled while a child's ffmpeg runs: it is gone, and the job is cancelled, children and all."""
    worker = int(worker_pools.process("cpu").pid or 0)
    job = marketing.submit("video.render", slow)
    until(lambda: encoders(worker))
    with org_session(marketing.org_id) as session:
        cancel(session, job)
    asked = time.monotonic()
    until(lambda: not encoders(worker), seconds=5)
    assert time.monotonic() - asked < 2
    assert marketing.finished(job)["state"] == "cancelled"


def test_a_killed_worker_costs_one_segment(marketing: Marketing, slow: dict[str, Any], worker_pools: WorkerPools) -> None:
    """The process is killed after its first segment: the next attempt goes on behind it and makes no segment again."""
    worker = int(worker_pools.process("cpu").pid or 0)
    job = marketing.submit("video.render", slow)
    first = until(lambda: kept(marketing.org_id))
    (encoder,) = encoders(worker)
    os.kill(_parent(Path(f"/proc/{encoder}")), signal.SIGKILL)
    done = marketing.finished(job)
    assert (done["state"], done["result"]["segments"], done["result"]["frames"]) == ("succeeded", 4, 160)
    after = kept(marketing.org_id)
    assert len(after) == 4 and after[: len(first)] == first
    with org_session(marketing.org_id) as session:
        made = session.execute(text("SELECT result FROM jobs WHERE kind = 'video.segment'")).scalar_one()
    assert made["encoded"] == 4 - len(first)


def test_segments_that_nobody_uses_are_removed(marketing: Marketing, clips: list[dict[str, Any]]) -> None:
    """Past SEGMENT_DAYS the rows go, and the upkeep takes the files; a fresh one stays."""
    marketing.finished(marketing.submit("video.render", small(clips)))
    old, *fresh = kept(marketing.org_id)
    with engine_session() as session:
        session.execute(text("UPDATE render_segments SET last_used_at = now() - interval '31 days' WHERE hash = :hash"), {"hash": old.hash})
        session.execute(text("UPDATE stored_files SET created_at = now() - interval '31 days' WHERE org_id = :o"), {"o": marketing.org_id})
    forget_segments()
    remove_orphans()
    assert [row.hash for row in kept(marketing.org_id)] == [row.hash for row in fresh]
    assert storage().size(fresh[0].storage_key) > 0
    with pytest.raises(NotFound):
        storage().size(old.storage_key)
