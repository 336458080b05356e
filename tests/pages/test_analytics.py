"""Performance, attribution and tracking as people see them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest

from models import DailyMetrics
from models.session import engine_session
from tests.api import rows
from tests.api.conftest import Api
from tests.api.experiments.designs import EXPERIMENT
from tests.pages.conftest import Visitor
from tests.people import Person

PERIOD = "start=2026-10-01&end=2026-10-31"


@pytest.fixture
def spent(user: Person) -> None:
    """One day's spend, and money in another currency."""
    with engine_session() as session:
        for currency, spend in (("USD", 1234.5), ("EUR", 7)):
            row = {"org_id": user.org_id, "date": "2026-10-05", "channel": "=x", "currency": currency, "spend": spend, "source": "import"}
            session.add(DailyMetrics(**row, impressions=10, clicks=2))


@pytest.mark.parametrize("cut", ["by=day", "by=channel&compare=previous", "by=campaign", "by=post&compare=year"])
def test_performance_is_drawn(browser: Visitor, spent: None, cut: str) -> None:
    """Each way to cut it has its chart, its table with the totals, its CSV; other money is told."""
    page = browser.see(f"/analytics?{PERIOD}&{cut}")
    assert page.status_code == 200
    assert "data-figure" in page.text
    assert "1,234.50" in page.text
    assert "7.00 spent" in page.text
    link = page.text.split('href="/v1/analytics/performance?')[1].split('"')[0].replace("&amp;", "&")
    answer = browser.see(f"/v1/analytics/performance?{link}")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "1234.5" in answer.text


def test_an_empty_period_says_where_figures_come_from(browser: Visitor) -> None:
    """And leads there."""
    assert "/tracking" in browser.see(f"/analytics?{PERIOD}").text.split("<main")[1]


def test_attribution_is_drawn(browser: Visitor, user: Person) -> None:
    """First the way to it, then models, paths and what each model does."""
    assert "/kinds/attribution.run" in browser.see("/analytics/attribution").text
    rows.attribution_run(user.org_id)
    page = browser.see("/analytics/attribution").text
    assert page.count("data-figure") == 2
    assert "x › =email" in page
    assert "removal" in page or "lost without it" in page
    assert browser.see("/analytics/attribution?by=campaign").status_code == 200
    assert browser.see(f"/analytics/attribution?run_id={uuid.uuid4()}").status_code == 404


def test_tracking_shows_what_to_paste(browser: Visitor, viewer_browser: Visitor, admin: Api) -> None:
    """Keys with their line of HTML, links with their clicks; a viewer may change neither."""
    key = admin.post("/v1/write-keys", {"name": "Shop", "origins": ["https://shop.example"]}).json["key"]
    code = admin.post("/v1/links", {"target": "https://shop.example/a", "channel": "print"}).json["code"]
    for visitor in (browser, viewer_browser):
        page = visitor.see("/tracking").text
        assert f"data-key=&#34;{key}&#34;" in page
        assert f"/l/{code}" in page
    assert "data-send" not in viewer_browser.see("/tracking").text


def test_a_rotating_link_is_marked(browser: Visitor, admin: Api) -> None:
    """And leads to what it rotates by, which the form for a new link offers."""
    variants = [{"key": "a", "value": "https://shop.example/a"}, {"key": "b", "value": "https://shop.example/b"}]
    experiment = admin.post("/v1/experiments", EXPERIMENT | {"variants": variants}).json["id"]
    admin.post("/v1/links", {"target": "https://shop.example", "channel": "print", "experiment_id": experiment})
    assert f'print, <a href="/experiments/{experiment}">rotating</a>' in browser.see("/tracking").text
    assert f'{experiment}&#34;">{EXPERIMENT["name"]}</option>' in browser.see("/tracking").text


def test_the_period_ends_today_unless_it_says_otherwise(browser: Visitor) -> None:
    """Thirty days to today."""
    assert f'name="end" value="{datetime.now(UTC).date()}"' in browser.see("/analytics").text
