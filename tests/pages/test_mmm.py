"""The pages of marketing mix models."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from models import Organization
from tests.api import mix
from tests.pages.conftest import Visitor
from tests.people import Person


def test_a_fit_shows_its_verdict_first_and_its_charts_with_numbers(
    browser: Visitor, user: Person, make_campaign: Callable[..., str]
) -> None:
    """Verdict, four charts each with a table and CSV, the plan before and after, and the campaigns that can take it."""
    fit, campaign = mix.fit(user.org_id), make_campaign(name="Autumn launch")
    plan = mix.plan(user.org_id, fit)
    page = browser.see(f"/mmm/{fit}").text
    assert page.index("Weak: untested.") < page.index("data-figure")
    assert page.count("data-figure=") == page.count("data-csv=") == 5
    assert f'data-send="POST /v1/mmm-plans/{plan}/apply"' in page
    assert f'<option value="{campaign}">Autumn launch' in page


@pytest.mark.parametrize(("state", "words"), [("running", "Being fitted"), ("partial", "Its draws are kept")])
def test_a_fit_that_is_not_done_says_so(browser: Visitor, user: Person, state: str, words: str) -> None:
    """No charts and no optimiser before there are results."""
    page = browser.see(f"/mmm/{mix.fit(user.org_id, state=state, results=None, planner=None, grade=None)}").text
    assert words in page
    assert "data-figure" not in page
    assert "mmm.optimise" not in page


def test_a_viewer_looks_and_changes_nothing(viewer_browser: Visitor, user: Person) -> None:
    """What a role may not do is not offered."""
    fit = mix.fit(user.org_id)
    mix.plan(user.org_id, fit)
    page = viewer_browser.see(f"/mmm/{fit}")
    assert page.status_code == 200
    assert "data-send" not in page.text


def test_fits_of_another_organisation_are_not_there(browser: Visitor, make_organization: Callable[..., Organization], user: Person) -> None:
    """Neither in the list nor by their address."""
    theirs = mix.fit(make_organization("Another").id, name="Only theirs")
    ours = mix.fit(user.org_id, name="Only ours")
    listed = browser.see("/mmm").text
    assert "Only ours" in listed
    assert "Only theirs" not in listed
    assert [browser.see(f"/mmm/{fit}").status_code for fit in (ours, theirs)] == [200, 404]


@pytest.mark.parametrize("kind", ["mmm.fit", "mmm.optimise", "mmm.report"])
def test_the_forms_of_its_kinds_open(browser: Visitor, kind: str) -> None:
    """Every parameter is a field, the history's CSV a large one."""
    page = browser.see(f"/kinds/{kind}")
    assert page.status_code == 200
    assert ('<textarea class="form-control" id="f-params-csv"' in page.text) is (kind == "mmm.fit")
