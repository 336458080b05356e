"""Competitor research on the web, keeping only what the vendor's own citations bear out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipelines.brand.dna import BrandDNA
from pipelines.competitors.profile import (
    Cited,
    CompetitorAnswer,
    CompetitorProfile,
    CompetitorResearch,
    CompetitorsAnswer,
    Finding,
)
from pipelines.evidence.quotes import page_key
from pipelines.writing.context import DATA_RULE, json_block
from pipelines.writing.schema import strict_schema
from pipelines.writing.structured import no_faults, obtain, repair_text
from providers.contracts.research import Citation, ResearchAnswer

INSTRUCTIONS = (
    "You are a market researcher. Search the web, name direct competitors of the brand and say what can be found about each: offer, price, "
    f"position, tone. Give for every finding the URLs of the search results that say so. {DATA_RULE}"
)
TASK = "Which direct competitors does this brand have for this audience, and how do they present themselves? Leave the brand itself out."

Ask = Callable[[str, str, dict[str, Any]], ResearchAnswer]  # question, instructions, schema; one billed call


def competitor_question(brand: BrandDNA, goal: str) -> str:
    about = {
        "name": brand.name,
        "summary": brand.summary.text,
        "audiences": [a.name for a in brand.audiences],
        "products": [p.name for p in brand.products],
    }
    context = {"purpose": "competitors", "domain": brand.domain, "language": brand.language, "brand": about, "goal": goal}
    return f"{TASK}\n\n{json_block(context)}"


def competitor_schema() -> dict[str, Any]:
    return strict_schema(CompetitorsAnswer)


def research_competitors(ask: Ask, *, brand: BrandDNA, goal: str) -> CompetitorResearch:
    """Competitors whose every finding keeps a citation of the vendor. Asks once, or twice when the answer is not readable.

    Raises GeneratedInvalid, and what `ask` raises.
    """
    question = competitor_question(brand, goal)
    citations: dict[str, Citation] = {}

    def send(_first: str, faults: list[str]) -> str:
        answered = ask(f"{question}\n\n{repair_text(faults)}" if faults else question, INSTRUCTIONS, competitor_schema())
        citations.update({page_key(c.url): c for c in answered.citations})
        return answered.text

    answer = obtain(send, "competitors", CompetitorsAnswer, no_faults)
    return cited(answer, citations, brand.name)


def cited(answer: CompetitorsAnswer, citations: dict[str, Citation], own_name: str) -> CompetitorResearch:
    """The answer without what no citation bears out; each omission leaves a note."""
    notes: list[str] = []
    profiles: dict[str, CompetitorProfile] = {}
    for competitor in answer.competitors:
        name = competitor.name.casefold()
        if name == own_name.casefold() or name in profiles:
            continue
        if findings := cited_findings(competitor, citations, notes):
            profiles[name] = CompetitorProfile(name=competitor.name, url=web_address(competitor.url), findings=findings)
    if not profiles:
        notes.append("no competitor was found whose facts a search result bears out")
    return CompetitorResearch(competitors=list(profiles.values()), notes=notes)


def cited_findings(competitor: CompetitorAnswer, citations: dict[str, Citation], notes: list[str]) -> list[Finding]:
    kept = []
    for finding in competitor.findings:
        found = {c.url: c for source in finding.sources if (c := citations.get(page_key(source)))}
        if found:
            sources = [Cited(url=c.url, title=c.title, date=c.date) for c in found.values()]
            kept.append(Finding(text=finding.text, citations=sources))
        else:
            notes.append(f"left out about {competitor.name}: {finding.text!r} (none of its sources is among the search results)")
    return kept


def web_address(url: str | None) -> str | None:
    """A URL that may be shown as a link, else None."""
    return url if url and url.startswith(("http://", "https://")) else None
