"""Every page: whom it is for, whose rows it shows, and what it says when there are none."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from api.permissions import ACCESS, RANKS
from models import Organization
from tests.api import rows
from tests.api.conftest import Api
from tests.pages.conftest import Visitor
from tests.people import Person

PAGES = {
    "/": "pages.home",
    "/campaigns": "pages.campaigns",
    "/campaigns/new": "pages.new_campaign",
    "/posts": "pages.posts",
    "/assets": "pages.assets",
    "/jobs": "pages.jobs",
    "/kinds": "pages.kinds",
    "/kinds/campaign.run": "pages.kind",
    "/workers": "pages.workers",
    "/mmm": "pages.mmm",
    "/analytics": "pages.performance",
    "/analytics/attribution": "pages.attribution",
    "/tracking": "pages.tracking",
    "/experiments": "pages.experiments",
    "/experiments/new": "pages.new_experiment",
    "/connections": "pages.connections",
    "/members": "pages.members",
    "/audit": "pages.audit",
    "/account": "pages.account",
}
WITH_ID = {
    "/campaigns/{}": "pages.campaign",
    "/jobs/{}": "pages.job",
    "/assets/{}": "pages.asset",
    "/experiments/{}": "pages.experiment",
    "/mmm/{}": "pages.mmm_fit",
}
ENTRY = {"/login", "/register", "/pages/<path:filename>", "/plotly.min.js"}


def test_the_table_above_holds_every_page(app: Flask) -> None:
    """A new page comes into these tests by itself: its address is missing here until it is added."""
    ours = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("pages.") and "GET" in (rule.methods or set())]
    assert {rule.endpoint for rule in ours if rule.rule not in ENTRY} == {*PAGES.values(), *WITH_ID.values()}


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("role", RANKS)
def test_each_page_for_each_role(path: str, role: str, make_user: Callable[..., Person], enter: Callable[[Person], Visitor]) -> None:
    """A page opens for the roles of the permissions table and is refused to the others, also in an empty organisation."""
    status = enter(make_user(role)).see(path).status_code
    assert status == (200 if RANKS[role] >= RANKS[ACCESS[PAGES[path]]] else 403)


@pytest.mark.parametrize("path", [*PAGES, *WITH_ID])
def test_without_a_login_each_page_leads_to_it(path: str, visitor: Visitor, nobody: str) -> None:
    """Nobody sees a page without a login."""
    answer = visitor.see(path.format(nobody))
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/login?next=")


@pytest.mark.parametrize("role", RANKS)
def test_the_navigation_leads_nowhere_forbidden(role: str, make_user: Callable[..., Person], enter: Callable[[Person], Visitor]) -> None:
    """Every address that a role's overview links to is one that the role may open."""
    one = enter(make_user(role))
    for address in set(re.findall(r'<a[^>]* href="(/[^"#]*)"', one.see("/").text)):
        assert one.see(address).status_code == 200, address


@pytest.fixture
def elsewhere(
    make_organization: Callable[..., Organization], make_user: Callable[..., Person], enter: Callable[[Person], Visitor]
) -> Visitor:
    """The admin of another organisation."""
    return enter(make_user("admin", org_id=make_organization("Another").id))


def test_rows_of_another_organization_are_not_found(
    browser: Visitor, elsewhere: Visitor, admin: Api, make_job: Callable[..., str], make_campaign: Callable[..., str]
) -> None:
    """A job, a campaign and an asset open for their own organisation and do not exist for another."""
    found = [f"/jobs/{make_job()}", f"/campaigns/{make_campaign()}", f"/assets/{admin.upload().json['id']}"]
    assert [browser.see(path).status_code for path in found] == [200, 200, 200]
    assert [elsewhere.see(path).status_code for path in found] == [404, 404, 404]


def test_lists_hold_only_ones_own(
    browser: Visitor, elsewhere: Visitor, user: Person, admin: Api, make_job: Callable[..., str], make_campaign: Callable[..., str]
) -> None:
    """What one organisation has does not show in another's lists."""
    campaign = make_campaign(name="Only ours")
    marks = {"/jobs": make_job(), "/campaigns": campaign, "/assets": admin.upload().json["id"]}
    rows.post(user.org_id, campaign, text="Hear only ours.")
    marks["/posts"] = "Hear only ours."
    for path, mark in marks.items():
        assert mark in browser.see(path).text, path
        assert mark not in elsewhere.see(path).text, path


def test_a_viewer_sees_no_buttons(viewer_browser: Visitor, make_job: Callable[..., str], make_campaign: Callable[..., str]) -> None:
    """What a role may not do is not offered."""
    for path in (f"/jobs/{make_job()}", f"/campaigns/{make_campaign()}", "/posts", "/assets", "/connections"):
        page = viewer_browser.see(path)
        assert page.status_code == 200
        assert "data-send" not in page.text, path


def test_a_waiting_job_says_why(browser: Visitor, make_job: Callable[..., str], hold: Callable[[str, str], None]) -> None:
    """The wait reason stands on the job's page and in the list."""
    job = make_job()
    hold(job, "approval")
    assert '<p class="reason reason-large">Waits' in browser.see(f"/jobs/{job}").text
    assert '<p class="row-sub">waits</p>' in browser.see("/jobs").text


def test_posts_that_wait_are_offered_for_a_decision(browser: Visitor, user: Person, make_campaign: Callable[..., str]) -> None:
    """An awaiting post shows its text, a tick, and the two buttons of its campaign."""
    campaign = make_campaign()
    post = rows.post(user.org_id, campaign, text="Hear the drum.")
    page = browser.see("/posts").text
    assert f'form="verdict-{campaign}" name="/post_ids/-" value="{post}" checked' in page
    assert f'data-send="POST /v1/campaigns/{campaign}/approve"' in page


def test_effects_in_doubt_can_be_settled(browser: Visitor, user: Person, make_job: Callable[..., str]) -> None:
    """A sending that nobody is sure about stands on the posts page with both answers."""
    effect = rows.effect(user.org_id, make_job())
    assert browser.see("/posts").text.count(f'data-send="POST /v1/effects/{effect}/resolve"') == 2


def test_what_others_wrote_is_text(browser: Visitor, make_campaign: Callable[..., str]) -> None:
    """Markup in a name is shown, not run."""
    campaign = make_campaign(name="<script>alert(1)</script>")
    assert "<script>alert" not in browser.see(f"/campaigns/{campaign}").text


def test_a_link_that_is_no_web_address_is_not_drawn(browser: Visitor, user: Person, make_campaign: Callable[..., str]) -> None:
    """An address that a vendor or a model made up cannot run a script."""
    campaign = make_campaign()
    rows.post(user.org_id, campaign, state="published", url="javascript:alert(1)")
    assert "javascript:" not in browser.see(f"/campaigns/{campaign}").text
