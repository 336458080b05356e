"""The words of a whole campaign, written by the configured vendors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.brand.dna import BrandDNA
from pipelines.brand.extraction import extract_brand
from pipelines.brief.brief import Brief
from pipelines.brief.writing import write_brief
from pipelines.competitors.profile import CompetitorResearch
from pipelines.competitors.research import research_competitors
from pipelines.concepts.concept import Concept
from pipelines.concepts.writing import write_concepts
from pipelines.crawl.crawler import SiteCrawler
from providers import registry
from providers.contracts.crawl import CrawlReport

GOAL = "Win new readers before winter"
CHANNELS = ("x", "linkedin")


@dataclass
class Words:
    crawl: CrawlReport
    brand: BrandDNA
    research: CompetitorResearch
    brief: Brief
    concepts: list[Concept]


def campaign_words(url: str, *, goal: str = GOAL, channels: Sequence[str] = CHANNELS, limit: int = 12) -> Words:
    """Crawl, brand, competitors, brief and concepts for a site, in the order of a campaign."""
    crawl = SiteCrawler().crawl(url, limit=limit, on_page=lambda _read, _known: None)
    complete = registry.text_model().complete
    brand = extract_brand(complete, domain=url, pages=crawl.pages)
    ask = registry.researcher().ask
    research = research_competitors(
        lambda q, instructions, schema: ask(q, instructions=instructions, schema=schema), brand=brand, goal=goal
    )
    brief = write_brief(
        complete, name="Autumn", goal=goal, channels=channels, brand=brand, competitors=research.competitors, pages=crawl.pages
    )
    concepts = write_concepts(complete, name="Autumn", goal=goal, channels=channels, brand=brand, brief=brief, pages=crawl.pages)
    return Words(crawl, brand, research, brief, concepts)
