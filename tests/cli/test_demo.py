"""`demo`: which sites it runs on, and how its progress reads."""

from __future__ import annotations

import click
import pytest

from cli.demo import checked_site
from cli.following import Board


@pytest.mark.parametrize("site", ["http://localhost/", "http://127.0.0.1:8080/", "http://[::1]/", "http://docs.localhost/"])
def test_this_machine_needs_a_flag(site: str) -> None:
    """A loopback site is refused without the flag, and let in as host:port with it."""
    with pytest.raises(click.BadParameter, match="--allow-loopback-site"):
        checked_site(site, allow_loopback=False)
    assert ":" in checked_site(site, allow_loopback=True)


def test_a_public_site_needs_no_allowance() -> None:
    """The guarded fetch decides on public sites by itself, with the flag or without."""
    assert checked_site("https://example.com/shop", allow_loopback=False) == ""
    assert checked_site("https://example.com/shop", allow_loopback=True) == ""


def test_what_is_no_url_is_a_usage_error() -> None:
    """A bare word and a file are told with the form that is wanted."""
    for site in ("example", "file:///etc/passwd"):
        with pytest.raises(click.BadParameter, match="such as https"):
            checked_site(site, allow_loopback=False)


def test_progress_without_a_terminal_is_one_line_a_change(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Events come as lines, progress within a step does not, and only the first line of an error is told."""
    from rich.console import Console

    from cli import output

    monkeypatch.setattr(output, "notes", Console(stderr=True, highlight=False))
    board = Board({"steps": [{"name": "crawl"}]})
    board.show({"type": "step.progress", "step": "crawl", "data": {"progress": 0.5}})
    board.show({"type": "step.failed", "step": "crawl", "data": {"error": {"detail": "no such host\nat line 7"}}})
    assert capsys.readouterr().err == "step.failed      crawl no such host\n"
