"""Writing the brief from the brand and what is known of its competitors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pipelines.brand.dna import BrandDNA
from pipelines.brief.brief import Brief, BriefAnswer
from pipelines.competitors.profile import CompetitorProfile
from pipelines.evidence.checking import Evidence
from pipelines.evidence.quotes import page_key
from pipelines.writing.context import EVIDENCE_RULE, request_for
from pipelines.writing.structured import ask
from providers.contracts.crawl import CrawledPage
from providers.contracts.text import TextAnswer, TextRequest

INSTRUCTIONS = (
    "You are a planner in an advertising agency and write briefs that creatives can work from: one audience, one message, facts that make "
    "it believable. The statements in brand already have sources: build on them and reuse their sources unchanged. " + EVIDENCE_RULE
)
TASK = "Write the creative brief for this campaign in the language of the brand. Give every channel in channels one entry."


def told_brand(brand: BrandDNA) -> dict[str, Any]:
    """The statements of a brand, with their sources, as later requests carry them."""
    return brand.model_dump(mode="json", include={"name", "summary", "voice", "audiences", "products", "values", "taglines"})


def told_competitors(competitors: Sequence[CompetitorProfile]) -> list[dict[str, Any]]:
    return [
        {"name": c.name, "url": c.url, "findings": [{"text": f.text, "citations": [s.url for s in f.citations]} for f in c.findings]}
        for c in competitors
    ]


def brief_request(
    *, name: str, goal: str, channels: Sequence[str], brand: BrandDNA, competitors: Sequence[CompetitorProfile]
) -> TextRequest:
    context = {
        "name": name,
        "goal": goal,
        "domain": brand.domain,
        "language": brand.language,
        "channels": list(channels),
        "brand": told_brand(brand),
        "competitors": told_competitors(competitors),
    }
    return request_for("brief", instructions=INSTRUCTIONS, task=TASK, context=context, answer=BriefAnswer)


def write_brief(
    complete: Callable[[TextRequest], TextAnswer],
    *,
    name: str,
    goal: str,
    channels: Sequence[str],
    brand: BrandDNA,
    competitors: Sequence[CompetitorProfile],
    pages: Sequence[CrawledPage],
) -> Brief:
    """A brief whose statements the pages bear out. Raises GeneratedInvalid, and what `complete` raises."""
    evidence = Evidence(pages)

    def check(answer: BriefAnswer) -> list[str]:
        return evidence.faults(answer) + plan_faults(answer, channels) + difference_faults(answer, competitors)

    def mend(answer: BriefAnswer) -> BriefAnswer:
        return without_unknown(evidence.supported(answer), competitors, evidence.notes)

    request = brief_request(name=name, goal=goal, channels=channels, brand=brand, competitors=competitors)
    answer = ask(complete, request, BriefAnswer, check, mend)
    return Brief(**{field: getattr(answer, field) for field in BriefAnswer.model_fields}, notes=evidence.notes)


def plan_faults(answer: BriefAnswer, channels: Sequence[str]) -> list[str]:
    faults = [] if answer.support else ["/support: at least one fact about the brand is needed"]
    if sorted(plan.channel for plan in answer.channels) != sorted(channels):
        faults.append(f"/channels: one entry is needed for each of {', '.join(channels)}, and no other")
    return faults


def difference_faults(answer: BriefAnswer, competitors: Sequence[CompetitorProfile]) -> list[str]:
    """One sentence for each difference that names no given competitor, or none of its citations."""
    known = {(c.name.casefold(), page_key(s.url)) for c in competitors for f in c.findings for s in f.citations}
    return [
        f"/differences/{place}: {d.citation!r} is no citation of a competitor named {d.competitor!r}"
        for place, d in enumerate(answer.differences)
        if (d.competitor.casefold(), page_key(d.citation)) not in known
    ]


def without_unknown(answer: BriefAnswer, competitors: Sequence[CompetitorProfile], notes: list[str]) -> BriefAnswer:
    """The brief without differences that no citation bears out; each leaves a note."""
    kept = []
    for difference in answer.differences:
        if difference_faults(answer.model_copy(update={"differences": [difference]}), competitors):
            notes.append(f"left out: {difference.text!r} (no citation bears it out)")
        else:
            kept.append(difference)
    return answer.model_copy(update={"differences": kept})
