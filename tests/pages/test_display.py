"""How values look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from api.jobs.schemas import State as JobState
from api.pages.display import TONES, host, money, size, span, web
from api.posts import State as PostState

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(("amount", "shown"), [("0", "$0.00"), ("0.0042", "$0.0042"), ("0.57", "$0.57"), ("1234.5", "$1,234.50")])
def test_money(amount: str, shown: str) -> None:
    """Cents, and more digits only where cents would show nothing."""
    assert money(amount) == shown


@pytest.mark.parametrize(("count", "shown"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (250_000, "250 kB"), (2_800_000_000, "2.8 GB")])
def test_size(count: int, shown: str) -> None:
    """Bytes in the largest unit that keeps them above one."""
    assert size(count) == shown


@pytest.mark.parametrize(("seconds", "shown"), [(0.4, "0.4 s"), (65, "1 min 05 s"), (7260, "2 h 01 min")])
def test_span(seconds: float, shown: str) -> None:
    """A span reads the same from two moments and from seconds; half a span is none."""
    assert span(NOON, NOON + timedelta(seconds=seconds)) == span(seconds) == shown
    assert span(NOON, None) == ""


def test_every_state_has_a_tone() -> None:
    """No state of a job or post is without a colour but those that have not begun."""
    assert {*get_args(JobState), *get_args(PostState)} - TONES.keys() == {"queued", "draft"}


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "", None])
def test_only_web_addresses_are_links(address: str | None) -> None:
    """Anything else is not linked to."""
    assert not web(address)


def test_host() -> None:
    """An address is shown without its scheme and its last slash."""
    assert host("https://lumen.example/faq/") == host("lumen.example/faq") == "lumen.example/faq"
