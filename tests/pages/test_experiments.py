"""The experiments' pages: what they show of a draft, a running test, a mismatch and a bandit."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

from models import ExperimentDecision
from tests.api import rows
from tests.api.conftest import (
    Api,
    stranger,  # noqa: F401  (fixtures)
)
from tests.api.experiments.conftest import aged, make_experiment, seen  # noqa: F401  (fixtures)
from tests.api.serving import served
from tests.pages.chromium import chromium, need_chromium
from tests.pages.conftest import Visitor
from tests.pages.test_chromium import log_in
from tests.people import Person

Make = Callable[..., str]
Seen = Callable[..., None]


def figures(page: str) -> dict[str, dict[str, object]]:
    """The charts' Plotly figures by id."""
    found = re.findall(r'<figure class="sheet chart" id="([^"]+)".*?data-figure="([^"]*)"', page, re.DOTALL)
    return {name: json.loads(unescape(figure)) for name, figure in found}


@pytest.fixture
def read(make_experiment: Make, seen: Seen, aged: Callable[[str, int], None]) -> str:  # noqa: F811
    """A week old, with a clear winner."""
    experiment = make_experiment(start=True, plan={"planned_units": 1000, "looks": 7}, name="Larger button")
    aged(experiment, 8)
    seen(experiment, "control", 500, 50)
    seen(experiment, "large", 500, 110)
    return experiment


def test_a_running_test_shows_its_readings(browser: Visitor, read: str) -> None:
    """The verdict, each metric's row, and the charts with their numbers."""
    page = browser.see(f"/experiments/{read}").text
    assert "large is better than the control" in page
    assert {"posteriors", "bounds-large"} <= figures(page).keys()
    assert len(figures(page)["posteriors"]["data"]) == 2  # type: ignore[arg-type]
    assert "differs since day" in page
    assert f'data-send="POST /v1/experiments/{read}/stop"' in page


def test_another_metric_can_be_chosen(browser: Visitor, read: str) -> None:
    """The charts are those of the metric in the address; an unknown one is the primary."""
    assert "believed of each variant: revenue" in browser.see(f"/experiments/{read}?metric=revenue").text
    assert "believed of each variant: purchase" in browser.see(f"/experiments/{read}?metric=nonsense").text


def test_a_mismatch_stands_above_everything(browser: Visitor, make_experiment: Make, seen: Seen) -> None:  # noqa: F811
    """No verdict is given beside it."""
    experiment = make_experiment(start=True)
    seen(experiment, "control", 900)
    seen(experiment, "large", 500)
    page = browser.see(f"/experiments/{experiment}").text
    assert 'id="mismatch"' in page
    assert 'id="verdict"' not in page


def test_a_bandit_shows_its_shares_and_decisions(browser: Visitor, user: Person, make_experiment: Make) -> None:  # noqa: F811
    """Shares over time, and each decision with its explanation."""
    bandit = make_experiment(start=True, kind="bandit")
    rows.add(
        ExperimentDecision(
            org_id=user.org_id, experiment_id=uuid.UUID(bandit), number=1, action="kept", explanation="Shares stay: too few units."
        )
    )
    page = browser.see(f"/experiments/{bandit}").text
    assert "shares" in figures(page)
    assert "Shares stay: too few units." in page


def test_a_draft_can_be_started(browser: Visitor, viewer_browser: Visitor, make_experiment: Make) -> None:  # noqa: F811
    """By those who may; a viewer sees no button."""
    draft = make_experiment()
    assert f'data-send="POST /v1/experiments/{draft}/start"' in browser.see(f"/experiments/{draft}").text
    assert "data-send" not in viewer_browser.see(f"/experiments/{draft}").text


@pytest.mark.parametrize(("asked", "variants"), [("", 2), ("?variants=4", 4), ("?variants=99", 6), ("?variants=x", 2)])
def test_the_form_has_as_many_variants_as_asked(browser: Visitor, asked: str, variants: int) -> None:
    """From two to six."""
    assert len(re.findall(r'name="/variants/\d/key"', browser.see(f"/experiments/new{asked}").text)) == variants


def test_rows_of_others_are_not_shown(browser: Visitor, stranger: Api, read: str) -> None:  # noqa: F811
    """The list holds one's own; the page of another organisation's does not exist."""
    assert "Larger button" in browser.see("/experiments").text
    assert stranger.get(f"/v1/experiments/{read}").status_code == 404


def test_an_experiment_from_its_form_to_its_start(database_url: str, redis_url: str, user: Person, tmp_path: Path) -> None:
    """In a real browser: the form's rows become variants and metrics, faults stand at their fields, and it is started."""
    need_chromium()
    with served(tmp_path) as url, chromium(url) as watched:
        log_in(watched, user)
        watched.open("/experiments/new")
        page = watched.page
        page.get_by_label("Name").first.fill("Larger button")
        page.locator('[name="/key"]').fill("larger-button")
        page.get_by_role("button", name="Make the experiment").click()
        page.locator("#f-variants-1-key-fault", has_text="required").wait_for()
        page.locator('[name="/variants/1/key"]').fill("large")
        page.get_by_role("button", name="Make the experiment").click()
        page.wait_for_url("**/experiments/*-*")
        page.get_by_role("button", name="Start").click()
        page.get_by_role("dialog").get_by_role("button", name="Start").click()
        page.get_by_text("control 50.0 %, large 50.0 %").wait_for()
        assert [fault for fault in watched.faults if "422" not in fault] == []
