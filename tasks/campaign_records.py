"""What a campaign's earlier steps wrote, read back as the pipelines' own types."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from core.errors import Conflict, NotFound, StepFailed
from models import Brand, Brief, Campaign, Competitor, Concept, Job, SitePage
from pipelines.brand.dna import BrandDNA
from pipelines.brief import brief as briefs
from pipelines.competitors.profile import CompetitorProfile, Finding
from pipelines.concepts import concept as concepts
from pipelines.crawl.rows import page_from_row
from providers.contracts.crawl import CrawledPage
from worker.context import StepContext

FINAL_STATES = ("succeeded", "failed", "cancelled")


def campaign_of(ctx: StepContext, campaign_id: uuid.UUID | str | None = None) -> Campaign:
    """The job's campaign. Raises NotFound, also for one of another organisation."""
    with ctx.session() as session:
        found = session.get(Campaign, campaign_id or ctx.campaign_id)
    if found is None:
        raise NotFound(f"There is no campaign {campaign_id or ctx.campaign_id}")
    return found


def begin_run(ctx: StepContext) -> Campaign:
    """The job's campaign, whose run this job now is, however it was submitted. Raises Conflict while another run is under way."""
    with ctx.session() as session:
        campaign = session.get(Campaign, ctx.campaign_id, with_for_update={"key_share": True})
        if campaign is None:
            raise NotFound(f"There is no campaign {ctx.campaign_id}")
        running = session.scalars(select(Job.id).where(Job.id == campaign.job_id, Job.state.not_in(FINAL_STATES))).first()
        if running and str(running) != ctx.job_id:
            raise Conflict(f"The campaign is under way already, as job {running}", hint="Follow or cancel that job.")
        campaign.job_id = uuid.UUID(ctx.job_id)
    return campaign


def pages_of(ctx: StepContext) -> list[CrawledPage]:
    with ctx.session() as session:
        rows = session.scalars(select(SitePage).where(SitePage.campaign_id == ctx.campaign_id).order_by(SitePage.fetched_at, SitePage.url))
        return [page_from_row(url=r.url, title=r.title, text=r.text, facts=r.facts) for r in rows]


def brand_of(ctx: StepContext) -> BrandDNA:
    with ctx.session() as session:
        row = session.scalars(select(Brand).where(Brand.campaign_id == ctx.campaign_id)).first()
    if row is None:
        raise StepFailed("The campaign has no brand yet", hint="Run the campaign; its brand step writes it.")
    return BrandDNA.model_validate(row.dna)


def competitors_of(ctx: StepContext) -> list[CompetitorProfile]:
    with ctx.session() as session:
        rows = session.scalars(select(Competitor).where(Competitor.campaign_id == ctx.campaign_id).order_by(Competitor.name))
        return [_profile(row) for row in rows]


def _profile(row: Competitor) -> CompetitorProfile:
    cited = {c["url"]: c for c in row.citations}
    findings = [Finding(text=f["text"], citations=[cited[url] for url in f["citations"]]) for f in row.findings["findings"]]
    return CompetitorProfile(name=row.name, url=row.url, findings=findings)


def brief_of(ctx: StepContext) -> briefs.Brief:
    with ctx.session() as session:
        row = session.scalars(select(Brief).where(Brief.campaign_id == ctx.campaign_id)).first()
    if row is None:
        raise StepFailed("The campaign has no brief yet", hint="Replay the job from its brief step.")
    return briefs.Brief.model_validate(row.body)


def concepts_of(ctx: StepContext) -> list[tuple[uuid.UUID, concepts.Concept]]:
    """Row ids with their concepts, in order."""
    with ctx.session() as session:
        rows = session.scalars(
            select(Concept).where(Concept.campaign_id == ctx.campaign_id, Concept.current).order_by(Concept.position)
        ).all()
    return [(row.id, concepts.Concept.model_validate(row.body)) for row in rows]


def concept_of(ctx: StepContext, concept_id: uuid.UUID | str) -> concepts.Concept:
    """Raises NotFound, also for a concept of another campaign: its budget and brand are not this job's."""
    with ctx.session() as session:
        row = session.get(Concept, concept_id)
    if row is None or str(row.campaign_id) != ctx.campaign_id:
        raise NotFound(f"There is no concept {concept_id} in the job's campaign", hint="Submit the job with the concept's campaign_id.")
    return concepts.Concept.model_validate(row.body)
