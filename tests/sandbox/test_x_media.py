"""X's media upload."""

from __future__ import annotations

import io
import subprocess
import time
from pathlib import Path

import imageio_ffmpeg
import pytest
from PIL import Image

from tests.sandbox.conftest import Vendor


def image(kind: str = "PNG") -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (64, 48), "#1f4d3a").save(target, kind)
    return target.getvalue()


def video(folder: Path, size: str) -> bytes:
    path = folder / "film.mp4"
    source = ["-f", "lavfi", "-i", f"color=c=green:s={size}:d=1:r=10"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *source, "-c:v", "libx264", "-pix_fmt", "yuv420p", str(path)]
    subprocess.run(command, check=True)
    return path.read_bytes()


def uploaded(x: Vendor, content: bytes, media_type: str, category: str, part: int = 3000) -> str:
    asked = {"media_type": media_type, "media_category": category, "total_bytes": len(content)}
    media_id: str = x.post("/2/media/upload/initialize", json=asked).json()["data"]["id"]
    for number, start in enumerate(range(0, len(content), part)):
        form, files = {"segment_index": number}, {"media": content[start : start + part]}
        assert x.post(f"/2/media/upload/{media_id}/append", data=form, files=files).status_code == 200
    return media_id


def settled(x: Vendor, media_id: str) -> dict[str, object]:
    for _ in range(20):
        info: dict[str, object] = x.get("/2/media/upload", params={"command": "STATUS", "media_id": media_id}).json()["data"][
            "processing_info"
        ]
        if info["state"] in ("succeeded", "failed"):
            return info
        time.sleep(0.3)
    raise AssertionError(info)


def test_an_image_in_one_request_goes_into_a_post(x: Vendor) -> None:
    """And the public page shows it."""
    answer = x.post("/2/media/upload", data={"media_category": "tweet_image"}, files={"media": ("a.png", image(), "image/png")})
    media_id = answer.json()["data"]["id"]
    post_id = x.post("/2/tweets", json={"text": "With a picture", "media": {"media_ids": [media_id]}}).json()["data"]["id"]
    assert f"/x/media/{media_id}" in x.get(f"/i/status/{post_id}").text
    assert x.get(f"/media/{media_id}").content == image()


def test_a_video_is_processed_before_it_can_be_posted(x: Vendor, tmp_path: Path) -> None:
    """Parts, finalize, pending, succeeded; a post before that is refused."""
    media_id = uploaded(x, video(tmp_path, "720x1280"), "video/mp4", "tweet_video")
    done = x.post(f"/2/media/upload/{media_id}/finalize").json()["data"]
    assert done["processing_info"]["state"] == "pending"
    post = {"text": "With a film", "media": {"media_ids": [media_id]}}
    assert x.post("/2/tweets", json=post).status_code == 400
    assert settled(x, media_id)["state"] == "succeeded"
    assert x.post("/2/tweets", json=post).status_code == 201


def test_a_video_that_is_too_large_fails_in_processing(x: Vendor, tmp_path: Path) -> None:
    """The upload is taken, and STATUS tells why it failed."""
    media_id = uploaded(x, video(tmp_path, "1920x1080"), "video/mp4", "tweet_video", part=100_000)
    x.post(f"/2/media/upload/{media_id}/finalize")
    info = settled(x, media_id)
    assert info["state"] == "failed"
    assert "1920x1080" in str(info["error"])


def test_parts_must_add_up(x: Vendor) -> None:
    """A file with a part missing is refused at finalize."""
    content = image()
    asked = {"media_type": "image/png", "media_category": "tweet_image", "total_bytes": len(content) + 1}
    media_id = x.post("/2/media/upload/initialize", json=asked).json()["data"]["id"]
    x.post(f"/2/media/upload/{media_id}/append", data={"segment_index": 0}, files={"media": content})
    assert x.post(f"/2/media/upload/{media_id}/finalize").status_code == 400


@pytest.mark.parametrize(
    ("content", "declared"), [(b"no image at all", "image/png"), (image("JPEG"), "image/png")], ids=["rubbish", "another type"]
)
def test_a_file_must_be_what_it_claims(x: Vendor, content: bytes, declared: str) -> None:
    """The bytes are opened, not believed."""
    files = {"media": ("a.png", content, declared)}
    assert x.post("/2/media/upload", data={"media_category": "tweet_image"}, files=files).status_code == 400


def test_an_image_over_five_megabytes_is_refused(x: Vendor) -> None:
    """Before a byte of it is sent."""
    asked = {"media_type": "image/png", "media_category": "tweet_image", "total_bytes": 5 * 1024 * 1024 + 1}
    assert x.post("/2/media/upload/initialize", json=asked).status_code == 400
