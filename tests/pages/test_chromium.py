"""The pages in a real browser, on a real server, with real workers."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from models import Campaign, DailyMetrics, JobStep
from models.session import engine_session, org_session
from tests.api import rows
from tests.api.serving import served
from tests.pages.chromium import Watched, chromium, need_chromium
from tests.people import Person
from tests.stack import SandboxProcess, WorkerPools

EVERY = [
    "/",
    "/campaigns",
    "/campaigns/new",
    "/posts",
    "/assets",
    "/jobs",
    "/kinds",
    "/kinds/advert.render",
    "/workers",
    "/connections",
    "/mmm",
]
EVERY += ["/experiments", "/experiments/new", "/members", "/audit", "/account", "/analytics", "/analytics/attribution", "/tracking"]


@pytest.fixture
def site(database_url: str, redis_url: str, sandbox: SandboxProcess, tmp_path: Path) -> Iterator[str]:
    """A server whose vendors are the sandbox."""
    need_chromium()
    with served(tmp_path, **sandbox.environment) as url:
        yield url


def log_in(watched: Watched, person: Person) -> None:
    watched.open("/login")
    watched.page.get_by_label("E-mail").fill(person.email)
    watched.page.get_by_label("Password").fill(person.password)
    watched.page.get_by_role("button", name="Log in").click()
    watched.page.get_by_role("heading", name="Overview").wait_for()
    watched.page.wait_for_load_state()


def test_a_job_from_its_form_to_its_end(site: str, user: Person, worker_pools: WorkerPools) -> None:
    """Somebody logs in, fills in a kind's form, and sees the chain finish without touching the page again."""
    with chromium(site) as watched:
        log_in(watched, user)
        watched.open("/kinds/image.generate")
        watched.page.get_by_label("Prompt").fill("A drum in the morning sun")
        watched.page.get_by_role("button", name="Submit the job").click()
        watched.page.wait_for_url("**/jobs/*")
        watched.page.locator('[data-job-state="succeeded"]').wait_for(timeout=60_000)
        assert watched.page.locator("#job-steps .link-good").count() == 1
        assert watched.page.locator("#event-list", has_text="job.succeeded").count() == 1
        assert watched.faults == []


def test_faults_are_shown_at_their_fields(site: str, user: Person) -> None:
    """What the server finds wrong with a job's params stands under the field it is about."""
    with chromium(site) as watched:
        log_in(watched, user)
        watched.open("/kinds/image.generate")
        watched.page.get_by_label("Prompt").fill("x")
        watched.page.get_by_label("Seed").fill("-4")
        watched.page.get_by_role("button", name="Submit the job").click()
        watched.page.locator("#f-params-prompt-fault", has_text="at least 3 characters").wait_for()
        assert "greater than or equal to 0" in watched.page.locator("#f-params-seed-fault").inner_text()
        assert watched.page.evaluate("document.activeElement.id") == "f-params-prompt"


def test_cancel_asks_first(site: str, user: Person, make_job: Callable[..., str], hold: Callable[[str, str], None]) -> None:
    """A waiting job is cancelled from its page, after a question, and the page follows."""
    job = make_job()
    hold(job, "approval")
    with chromium(site) as watched:
        log_in(watched, user)
        watched.open(f"/jobs/{job}")
        watched.page.get_by_role("button", name="Cancel").click()
        watched.page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
        watched.page.locator('[data-job-state="cancelled"]').wait_for(timeout=20_000)
        assert watched.faults == []


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (360, 740)])
def test_every_page_fits_and_keeps_the_rules(site: str, user: Person, width: int, height: int) -> None:
    """No page scrolls sideways, logs an error, breaks the content policy or calls another host: on a desk and on a phone."""
    with chromium(site, width=width, height=height) as watched:
        log_in(watched, user)
        for path in EVERY:
            watched.open(path)
            assert not watched.is_too_wide(), path
        assert watched.faults == []


def test_a_phone_opens_the_menu(site: str, user: Person) -> None:
    """On 360 pixels the navigation is behind a button that tells its state."""
    with chromium(site, width=360, height=740) as watched:
        log_in(watched, user)
        assert not watched.page.get_by_role("link", name="Campaigns", exact=True).is_visible()
        watched.page.get_by_role("button", name="Menu").click()
        assert watched.page.get_by_role("button", name="Menu").get_attribute("aria-expanded") == "true"
        watched.page.get_by_role("link", name="Campaigns", exact=True).click()
        watched.page.wait_for_url("**/campaigns")


def test_an_account_is_connected_by_its_consent(site: str, user: Person) -> None:
    """The button leads to the vendor, the consent leads back, and the account is there."""
    with chromium(site) as watched:
        log_in(watched, user)
        watched.open("/connections")
        watched.page.get_by_role("button", name="Connect X").click()
        watched.page.wait_for_url("**/oauth2/authorize*")
        watched.page.get_by_role("button").first.click()
        watched.page.wait_for_url(f"{site}/connections?connected=*")
        assert watched.page.get_by_role("button", name="Disconnect").count() == 1


def test_the_ticked_posts_are_approved(
    site: str, user: Person, make_campaign: Callable[..., str], make_job: Callable[..., str], hold: Callable[[str, str], None]
) -> None:
    """Of two posts that wait, the one that is ticked goes into the decision."""
    campaign = make_campaign()
    job = make_job(campaign_id=campaign)
    hold(job, "approval")
    posts = [rows.post(user.org_id, campaign, text=text) for text in ("Keep this one", "Leave this out")]
    with org_session(user.org_id) as session:
        session.get_one(Campaign, uuid.UUID(campaign)).job_id = uuid.UUID(job)
    with chromium(site) as watched:
        log_in(watched, user)
        watched.open("/posts")
        watched.page.locator("article", has_text="Leave this out").get_by_label("Include").uncheck()
        watched.page.get_by_role("button", name="Approve the ticked").click()
        watched.page.get_by_text("Your decision is passed on.").wait_for()
    with org_session(user.org_id) as session:
        decision = session.execute(select(JobStep.resolution).where(JobStep.job_id == uuid.UUID(job), JobStep.position == 0)).scalar_one()
    assert (decision["approve"], decision["post_ids"]) == (True, posts[:1])


def test_the_budget_is_raised_where_it_is_missed(site: str, user: Person, make_campaign: Callable[..., str]) -> None:
    """The campaign's page changes its budget, and shows the new one."""
    campaign = make_campaign(budget="5")
    with chromium(site) as watched:
        log_in(watched, user)
        watched.open(f"/campaigns/{campaign}")
        watched.page.get_by_text("Change the budget").click()
        watched.page.get_by_label("Budget for paid calls").fill("12.50")
        watched.page.get_by_role("button", name="Save").click()
        watched.page.get_by_text("of $12.50").wait_for()
    with org_session(user.org_id) as session:
        assert str(session.get_one(Campaign, uuid.UUID(campaign)).budget) == "12.50"


def test_names_in_charts_are_no_markup(site: str, user: Person) -> None:
    """A channel may be named by anybody's browser; on the chart its name is words and no link."""
    name = '<a href="https://evil.example">free</a> R&D'
    with engine_session() as session:
        row = {"org_id": user.org_id, "date": date.today(), "channel": name, "currency": "USD", "spend": 9, "source": "import"}
        session.add(DailyMetrics(**row))
    with chromium(site) as watched:
        log_in(watched, user)
        watched.open("/analytics?by=channel")
        ticks = watched.page.locator(".xtick text")
        ticks.first.wait_for()
        assert ticks.all_text_contents() == [name]
        assert watched.page.locator('a[href*="evil.example"]').count() == 0
        assert watched.faults == []
