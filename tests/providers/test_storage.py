"""The contract of a store, held by the folder and by the bucket alike; and what is peculiar to each."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from cli.ports import free_port
from core.errors import InvalidInput, NotFound, PayloadTooLarge, Unavailable, VendorRejected, VendorUnauthorized, VendorUnavailable
from core.settings import get_settings
from providers import registry
from providers.contracts.storage import Storage
from providers.storage.folder import FolderStorage

LARGE = os.urandom(1024) * (20 * 1024)  # 20 MB: three parts in a bucket


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, configure: Callable[..., None], tmp_path: Path) -> Storage:
    """Each of the two stores, empty or with other tests' keys."""
    configure(STATE_DIR=str(tmp_path), S3_BUCKET_NAME="")
    if request.param == "s3":
        request.getfixturevalue("s3_settings")
    return registry.storage()


@pytest.fixture
def bucket(s3_settings: None) -> Storage:
    return registry.storage()


def test_the_bucket_is_taken_when_it_is_named(store: Storage, request: pytest.FixtureRequest) -> None:
    """S3_BUCKET_NAME decides."""
    assert store.vendor == request.node.callspec.params["store"]


def test_what_was_put_is_read_back(store: Storage) -> None:
    """Size and hash are told, the bytes are the same."""
    blob = store.put("org/a.bin", io.BytesIO(LARGE), media_type="application/octet-stream")
    assert (blob.bytes, blob.sha256) == (len(LARGE), hashlib.sha256(LARGE).hexdigest())
    assert store.size("org/a.bin") == len(LARGE)
    assert b"".join(store.open("org/a.bin")) == LARGE


def test_putting_again_replaces(store: Storage) -> None:
    """The second content wins."""
    store.put("org/twice", io.BytesIO(b"first, longer"), media_type="text/plain")
    store.put("org/twice", io.BytesIO(b"second"), media_type="text/plain")
    assert b"".join(store.open("org/twice")) == b"second"


@pytest.mark.parametrize(
    ("start", "length", "expected"), [(0, 3, b"012"), (4, 3, b"456"), (7, None, b"789"), (8, 99, b"89"), (10, 5, b""), (3, 0, b"")]
)
def test_ranges(store: Storage, start: int, length: int | None, expected: bytes) -> None:
    """A part of the file, also past its end."""
    store.put("org/digits", io.BytesIO(b"0123456789"), media_type="text/plain")
    assert b"".join(store.open("org/digits", start=start, length=length)) == expected


@pytest.mark.parametrize("size", [50, 9 * 1024 * 1024])
def test_a_file_over_the_limit_leaves_nothing(store: Storage, size: int) -> None:
    """Neither the new file nor a piece of it."""
    with pytest.raises(PayloadTooLarge):
        store.put("org/large", io.BytesIO(bytes(size)), media_type="text/plain", limit=size - 1)
    with pytest.raises(NotFound):
        store.size("org/large")


def test_a_file_of_just_the_limit_is_taken(store: Storage) -> None:
    """The limit itself is allowed."""
    assert store.put("org/fits", io.BytesIO(bytes(50)), media_type="text/plain", limit=50).bytes == 50


def test_a_missing_file_is_not_found(store: Storage, tmp_path: Path) -> None:
    """By every way of reading it."""
    with pytest.raises(NotFound):
        store.open("org/none")
    with pytest.raises(NotFound):
        store.size("org/none")
    with pytest.raises(NotFound):
        store.download("org/none", tmp_path / "none")


def test_deleting_twice_is_fine(store: Storage) -> None:
    """The second time there is nothing to do."""
    store.put("org/gone", io.BytesIO(b"x"), media_type="text/plain")
    store.delete("org/gone")
    store.delete("org/gone")
    with pytest.raises(NotFound):
        store.size("org/gone")


def test_a_download_writes_the_file(store: Storage, tmp_path: Path) -> None:
    """For ffmpeg and all that reads paths."""
    store.put("org/film", io.BytesIO(LARGE), media_type="video/mp4")
    store.download("org/film", tmp_path / "film")
    assert (tmp_path / "film").read_bytes() == LARGE


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../x", "a/../../x", "a//b", "a/./b", "a/", "a b", "ä", "a\\b", "a\x00b", "x" * 513])
def test_keys_that_leave_the_store_are_refused(store: Storage, key: str) -> None:
    """No traversal, no odd characters, by every way in."""
    for call in (
        store.size,
        store.open,
        store.delete,
        lambda k: store.link(k, seconds=1),
        lambda k: store.put(k, io.BytesIO(), media_type=""),
    ):
        with pytest.raises(InvalidInput):
            call(key)


def test_the_check_passes_on_a_working_store(store: Storage) -> None:
    """Written, read, deleted."""
    store.check()


def test_a_folder_holds_nothing_half_written(configure: Callable[..., None], tmp_path: Path) -> None:
    """A source that breaks leaves neither the file nor its beginning, and keeps what was there."""
    store = FolderStorage(tmp_path, "http://127.0.0.1")
    store.put("a", io.BytesIO(b"old"), media_type="text/plain")

    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise ConnectionResetError("the client went away")

    with pytest.raises(Unavailable):
        store.put("a", Broken(), media_type="text/plain")
    assert b"".join(store.open("a")) == b"old"
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["a"]


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    """A file where the folder should be: named in the message."""
    (tmp_path / "files").write_text("")
    with pytest.raises(Unavailable, match="cannot be written"):
        FolderStorage(tmp_path / "files", "http://127.0.0.1").check()


def test_files_in_the_folder_are_not_executable(tmp_path: Path) -> None:
    """Uploads are data."""
    FolderStorage(tmp_path, "http://127.0.0.1").put("a", io.BytesIO(b"#!/bin/sh"), media_type="text/plain")
    assert not (tmp_path / "a").stat().st_mode & (stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


def test_a_presigned_link_reads_the_file(bucket: Storage) -> None:
    """Without a login, with the asked type and name."""
    bucket.put("org/pic.png", io.BytesIO(b"pixels"), media_type="image/png")
    answer = requests.get(bucket.link("org/pic.png", seconds=60, media_type="image/png", filename="Bild ü.png"), timeout=5)
    assert (answer.status_code, answer.content) == (200, b"pixels")


def test_a_changed_presigned_link_is_refused(bucket: Storage) -> None:
    """The signature covers the key."""
    bucket.put("org/one", io.BytesIO(b"1"), media_type="text/plain")
    bucket.put("org/two", io.BytesIO(b"2"), media_type="text/plain")
    assert requests.get(bucket.link("org/one", seconds=60).replace("org/one", "org/two"), timeout=5).status_code == 403


def test_links_go_through_the_cdn(bucket: Storage, configure: Callable[..., None]) -> None:
    """CDN_DOMAIN is the host of every link; the signature stays."""
    configure(CDN_DOMAIN="cdn.example.com")
    link = registry.storage().link("org/one", seconds=60)
    assert link.startswith("https://cdn.example.com/")
    assert "X-Amz-Signature=" in link


def test_a_wrong_key_is_told(bucket: Storage, configure: Callable[..., None]) -> None:
    """The hint names the variables."""
    configure(AWS_SECRET_ACCESS_KEY="wrong-wrong-wrong")
    with pytest.raises(VendorUnauthorized) as refused:
        registry.storage().check()
    assert "AWS_SECRET_ACCESS_KEY" in refused.value.hint


def test_a_missing_bucket_is_told(bucket: Storage, configure: Callable[..., None]) -> None:
    """Not as a missing file."""
    configure(S3_BUCKET_NAME="not-made-yet")
    with pytest.raises(VendorRejected) as refused:
        registry.storage().check()
    assert "S3_BUCKET_NAME" in refused.value.hint


def test_an_unreachable_store_is_unavailable(s3_settings: None, configure: Callable[..., None]) -> None:
    """The engine tries again."""
    configure(S3_ENDPOINT_URL=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(VendorUnavailable):
        registry.storage().size("org/one")


def test_the_folder_lies_under_the_state_dir(configure: Callable[..., None], tmp_path: Path) -> None:
    """Without a bucket, files live with the rest of the state."""
    configure(STATE_DIR=str(tmp_path), S3_BUCKET_NAME="")
    registry.storage().put("a", io.BytesIO(b"x"), media_type="text/plain")
    assert (get_settings().files_dir / "a").read_bytes() == b"x"
