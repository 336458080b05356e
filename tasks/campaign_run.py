"""`campaign.run`: from a domain and a goal to published posts."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy.orm import Session

from core.errors import InvalidInput
from core.params import Params
from pipelines.brand.extraction import extract_brand
from pipelines.brief.writing import write_brief
from pipelines.competitors.research import research_competitors
from pipelines.concepts.writing import write_concepts
from tasks import campaign_records as records
from tasks import campaign_writing as writing
from tasks import drafted_posts
from tasks.brand_logo import keep_logo
from tasks.paid_calls import paid_research, paid_text
from tasks.site_crawl import read_site
from worker.context import StepContext
from worker.kinds import JobKind
from worker.outcomes import ChildJob, Children, Outcome, Wait

PAGES = 20


class CampaignRun(Params):
    campaign_id: uuid.UUID


kind = JobKind("campaign.run", CampaignRun, summary="From a domain and a goal to published posts.")


@kind.step(pool="io", share=10, deadline=1800)
def crawl(ctx: StepContext, params: CampaignRun) -> Outcome:
    if str(params.campaign_id) != ctx.campaign_id:
        raise InvalidInput("campaign.run runs under its own campaign", hint="Start it with POST /v1/campaigns/{id}/run.")
    campaign = records.begin_run(ctx)
    report = read_site(ctx, campaign.domain, PAGES)
    ctx.on_done(lambda session: writing.replace_pages(session, ctx, report.pages))
    return {"pages": len(report.pages), "refused": list(report.refused), "vendor": report.vendor}


@kind.step(pool="io", share=8)
def brand(ctx: StepContext, _: CampaignRun) -> Outcome:
    pages = records.pages_of(ctx)
    dna = extract_brand(paid_text(ctx), domain=records.campaign_of(ctx).domain, pages=pages)
    logo = keep_logo(ctx, dna, pages)
    ctx.on_done(lambda session: writing.replace_brand(session, ctx, dna))
    return {"name": dna.name, "colours": [c.value for c in dna.colours], "products": len(dna.products), "logo": logo, "notes": dna.notes}


@kind.step(pool="io", share=6)
def competitors(ctx: StepContext, _: CampaignRun) -> Outcome:
    found = research_competitors(paid_research(ctx), brand=records.brand_of(ctx), goal=records.campaign_of(ctx).goal)
    ctx.on_done(lambda session: writing.replace_competitors(session, ctx, found.competitors))
    return {"competitors": [c.name for c in found.competitors], "notes": found.notes}


@kind.step(pool="io", share=6)
def brief(ctx: StepContext, _: CampaignRun) -> Outcome:
    campaign = records.campaign_of(ctx)
    written = write_brief(
        paid_text(ctx),
        name=campaign.name,
        goal=campaign.goal,
        channels=campaign.channels,
        brand=records.brand_of(ctx),
        competitors=records.competitors_of(ctx),
        pages=records.pages_of(ctx),
    )
    ctx.on_done(lambda session: writing.replace_brief(session, ctx, written))
    return {"message": written.message.text, "notes": written.notes}


@kind.step(pool="io", share=8)
def concepts(ctx: StepContext, _: CampaignRun) -> Outcome:
    campaign = records.campaign_of(ctx)
    written = write_concepts(
        paid_text(ctx),
        name=campaign.name,
        goal=campaign.goal,
        channels=campaign.channels,
        brand=records.brand_of(ctx),
        brief=records.brief_of(ctx),
        pages=records.pages_of(ctx),
    )
    ctx.on_done(lambda session: writing.replace_concepts(session, ctx, written))
    return {"concepts": [c.title for c in written]}


@kind.step(pool="io", share=50)
def assets(ctx: StepContext, _: CampaignRun) -> Outcome:
    produced = [ChildJob("concept.produce", {"concept_id": str(concept_id)}) for concept_id, _ in records.concepts_of(ctx)]
    return Children(produced)


@kind.step(pool="io", share=2)
def approval(ctx: StepContext, _: CampaignRun) -> Outcome:
    required = records.campaign_of(ctx).approval == "required"
    if ctx.resolution is None:
        drafted = drafted_posts.draft(ctx, awaiting=required)
        if required:
            return Wait(f"waits for approval of {drafted} post(s)", waits_for="approval")
        return {"approved": drafted, "by": "auto"}
    return drafted_posts.decide(ctx, ctx.resolution)


@kind.step(pool="io", share=2)
def posts(ctx: StepContext, _: CampaignRun) -> Outcome:
    return {"posts": drafted_posts.connect_approved(ctx)}


@kind.step(pool="io", share=8)
def publish(ctx: StepContext, _: CampaignRun) -> Outcome:
    approved: list[str] = ctx.output("posts")["posts"]
    if not approved:
        return {"published": 0, "note": "no post was approved"}
    return Children([ChildJob("post.publish", {"post_id": post}) for post in approved], on_failure="continue", min_success=1)


@kind.ended
def end_campaign(session: Session, job: Any, state: str, _: dict[str, Any] | None) -> None:
    """A run that ended early leaves no post that looks as if it were still coming."""
    if state != "succeeded":
        drafted_posts.fail_open(session, job.org_id, job.id)
