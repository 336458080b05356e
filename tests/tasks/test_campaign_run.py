"""The main job: from a domain to published posts, on real workers, every vendor over real HTTP."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from models import Asset, AssetVersion, Brand, Brief, Campaign, Concept, CostEntry, Organization, Post, SitePage
from models.session import org_session
from pipelines.video.probe import probe
from providers import registry
from tests.stack import SandboxProcess, WorkerPools
from tests.tasks.conftest import Marketing
from worker import control
from worker.submission import insert, order

SIMPLE = str.maketrans({"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-"})


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.translate(SIMPLE)).strip().casefold()


def statements(value: Any) -> Iterator[dict[str, Any]]:
    """Every `{"text", "source": {"url", "quote"}}` anywhere in a document."""
    if isinstance(value, dict):
        if "source" in value and "text" in value:
            yield value
        for item in value.values():
            yield from statements(item)
    elif isinstance(value, list):
        for item in value:
            yield from statements(item)


@pytest.mark.timeout(600)
def test_campaign_runs_from_domain_to_posts(marketing: Marketing, sandbox: SandboxProcess, tmp_path: Any) -> None:
    """Brand, brief and concepts with true quotes, images, voice and films, an approval, and each post exactly once."""
    marketing.connect_x()
    campaign = marketing.campaign(approval="required")
    job = marketing.run(campaign)
    waiting = marketing.until(job, lambda v: v["state"] == "failed" or (v["wait_reason"] or "").startswith("waits for approval"), 400)
    assert waiting["wait_reason"] == "waits for approval of 2 post(s)", waiting["error"]
    assert sandbox.ledger(vendor="x", kind="post") == []

    with org_session(marketing.org_id) as session:
        first = session.scalars(select(Post.id).where(Post.campaign_id == campaign).order_by(Post.created_at)).first()
        assert control.resolve(session, job, waits_for="approval", resolution={"approve": True, "post_ids": [str(first)]})
    done = marketing.finished(job, 120)
    assert done["state"] == "succeeded", done["error"]
    assert [step["state"] for step in done["steps"]] == ["done"] * 9
    assert done["simulated"]

    with org_session(marketing.org_id) as session:
        pages = {
            page.url: plain(f"{page.title} {page.text}")
            for page in session.scalars(select(SitePage).where(SitePage.campaign_id == campaign))
        }
        brand = session.scalars(select(Brand).where(Brand.campaign_id == campaign)).one()
        brief = session.scalars(select(Brief).where(Brief.campaign_id == campaign)).one()
        concepts = session.scalars(select(Concept).where(Concept.campaign_id == campaign)).all()
        assets = session.execute(select(Asset, AssetVersion).join(AssetVersion, AssetVersion.asset_id == Asset.id)).all()
        posts = {post.state: post for post in session.scalars(select(Post).where(Post.campaign_id == campaign))}
        spent = sum((entry.amount for entry in session.scalars(select(CostEntry))), Decimal(0))

    made = [s for body in (brand.dna, brief.body, *(c.body for c in concepts)) for s in statements(body)]
    assert len(made) > 10
    assert all(plain(s["source"]["quote"]) in pages[s["source"]["url"]] for s in made)

    roles = sorted((asset.role or "") for asset, _ in assets if asset.concept_id == concepts[0].id)
    assert {"image", "voice", "video-9x16", "video-16x9"} <= set(roles)
    for asset, version in assets:
        if asset.kind == "video":
            path = tmp_path / f"{asset.id}.mp4"
            registry.storage().download(version.storage_key, path)
            facts = probe(path)
            assert facts.video
            assert facts.audio
            assert (facts.video.width, facts.video.height) == ((1080, 1920) if asset.role == "video-9x16" else (1920, 1080))
            assert facts.seconds > 10

    assert set(posts) == {"published", "rejected"}
    ledger = sandbox.ledger(vendor="x", kind="post")
    assert len(ledger) == 1
    assert posts["published"].vendor_post_id
    assert posts["published"].vendor_post_id in str(ledger[0])
    assert Decimal(done["cost"]) == spent > 0


@pytest.mark.timeout(240)
def test_a_small_budget_waits_and_goes_on_when_raised(marketing: Marketing) -> None:
    """The first paid call is not made; the reason names the sums; raising the budget lets the job go on."""
    campaign = marketing.campaign(budget=Decimal("0.01"))
    job = marketing.run(campaign)
    waiting = marketing.until(
        job, lambda v: v["state"] in ("waiting", "failed") and bool(v["wait_reason"]) and "budget" in v["wait_reason"]
    )
    assert "of 0.01 USD are left" in waiting["wait_reason"]
    assert waiting["cost"] == "0"
    with org_session(marketing.org_id) as session:
        row = session.get(Campaign, campaign)
        assert row
        row.budget = Decimal("0.25")
        assert control.resolve_campaign(session, campaign, waits_for="budget") == 1
    gone_on = marketing.until(job, lambda v: v["steps"][1]["state"] == "done", 60)
    assert Decimal(gone_on["cost"]) > 0
    with org_session(marketing.org_id) as session:
        if marketing.view(job)["state"] not in ("failed", "cancelled"):
            control.cancel(session, job)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"vendor": "openrouter", "mode": "garbage", "times": 2}, "generated_invalid"),
        ({"vendor": "openrouter", "mode": "unauthorized", "times": 1}, "vendor_unauthorized"),
    ],
)
def test_a_model_that_fails_for_good_fails_the_job(marketing: Marketing, sandbox: SandboxProcess, fault: dict[str, Any], code: str) -> None:
    """Rubbish twice, or a refused key: the job ends with a clear error, and later steps are skipped."""
    sandbox.fault(**fault)
    done = marketing.finished(marketing.run(marketing.campaign()))
    assert (done["state"], done["error"]["code"]) == ("failed", code)
    assert done["steps"][2]["state"] == "skipped"


def test_rubbish_once_is_repaired(marketing: Marketing, sandbox: SandboxProcess) -> None:
    """One unreadable answer is sent back with its faults, and the second is taken."""
    sandbox.fault(vendor="openrouter", mode="garbage", times=1)
    job = marketing.run(marketing.campaign())
    marketing.until(job, lambda v: v["steps"][1]["state"] in ("done", "failed"))
    assert marketing.view(job)["steps"][1]["state"] == "done"
    with org_session(marketing.org_id) as session:
        control.cancel(session, job)


def test_a_throttled_vendor_is_waited_for(marketing: Marketing, sandbox: SandboxProcess) -> None:
    """429 with Retry-After: the job says until when it waits, uses no attempt, and goes on by itself."""
    sandbox.fault(vendor="openrouter", mode="throttle", retry_after=4, times=1)
    job = marketing.run(marketing.campaign())
    waiting = marketing.until(job, lambda v: v["state"] == "waiting")
    assert waiting["wait_reason"]
    done = marketing.until(job, lambda v: v["steps"][1]["state"] in ("done", "failed"), 60)
    assert done["steps"][1]["state"] == "done"
    with org_session(marketing.org_id) as session:
        control.cancel(session, job)


@pytest.mark.parametrize(
    ("domain", "words"),
    [("no-such-domain.invalid", "does not resolve"), ("http://169.254.169.254/latest/meta-data", "169.254.169.254")],
)
def test_a_domain_that_cannot_be_read_fails_clearly(marketing: Marketing, domain: str, words: str) -> None:
    """What is wrong with the domain is in the error; nothing was paid."""
    done = marketing.finished(marketing.run(marketing.campaign(domain=domain)))
    assert done["state"] == "failed"
    assert words in done["error"]["detail"]
    assert done["cost"] == "0"


def test_a_campaign_of_another_organisation_is_not_found(
    marketing: Marketing, organization: Organization, make_organization: Any, worker_pools: WorkerPools
) -> None:
    """The kind runs only under its own campaign."""
    other = Marketing(make_organization().id, marketing.sandbox)
    campaign = other.campaign()
    done = marketing.finished(marketing.submit("campaign.run", {"campaign_id": str(campaign)}))
    assert (done["state"], done["error"]["code"]) == ("failed", "invalid_input")
    assert uuid.UUID(str(organization.id)) == marketing.org_id


def test_a_campaign_runs_once_at_a_time(marketing: Marketing) -> None:
    """A run that was submitted past /v1/campaigns/{id}/run does not begin beside another one."""
    campaign = marketing.campaign()
    waiting = order(org_id=marketing.org_id, kind="campaign.run", params={"campaign_id": str(campaign)}, campaign_id=campaign)
    for step in waiting["steps"]:
        step["pool"] = "nobody"
    with org_session(marketing.org_id) as session:
        session.get_one(Campaign, campaign).job_id = insert(session, [waiting])[0]
    done = marketing.finished(marketing.submit("campaign.run", {"campaign_id": str(campaign)}, campaign_id=campaign))
    assert (done["state"], done["error"]["code"]) == ("failed", "conflict")
    with org_session(marketing.org_id) as session:
        control.cancel(session, waiting["id"])


@pytest.mark.parametrize(("kind", "params"), [("image.generate", {"prompt": "a lamp"}), ("voice.generate", {"text": "A lamp."})])
def test_an_asset_for_a_concept_of_another_campaign_is_refused_unpaid(marketing: Marketing, kind: str, params: dict[str, Any]) -> None:
    """A concept's assets are made under its own campaign, and so under that campaign's budget."""
    concept = uuid.uuid4()
    with org_session(marketing.org_id) as session:
        session.add(Concept(id=concept, org_id=marketing.org_id, campaign_id=marketing.campaign(), position=1, title="Glow", body={}))
    done = marketing.finished(marketing.submit(kind, {**params, "concept_id": str(concept)}))
    assert (done["state"], done["error"]["code"], done["cost"]) == ("failed", "not_found", "0")
