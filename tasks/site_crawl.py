"""`site.crawl`: read a site's pages, without a campaign."""

from __future__ import annotations

from pydantic import Field

from core.params import Params
from pipelines.crawl.crawler import SiteCrawler
from providers import registry
from providers.contracts.crawl import CrawlReport
from worker.context import StepContext
from worker.kinds import JobKind
from worker.outcomes import Outcome


class SiteCrawl(Params):
    url: str = Field(min_length=3, max_length=2000, description="a domain or an http(s) address")
    limit: int = Field(default=20, ge=1, le=200, description="pages read at the most")


kind = JobKind("site.crawl", SiteCrawl, summary="Read a site's pages: text, colours, fonts, logo.")


@kind.step(pool="io", deadline=1800)
def crawl(ctx: StepContext, params: SiteCrawl) -> Outcome:
    report = read_site(ctx, params.url, params.limit)
    pages = [{"url": p.url, "title": p.title, "characters": len(p.text), "language": p.language} for p in report.pages]
    return {"pages": pages, "refused": list(report.refused), "vendor": report.vendor}


def read_site(ctx: StepContext, url: str, limit: int) -> CrawlReport:
    """By Firecrawl when its key is set, else by our own crawler; a page read is progress."""
    crawler = registry.crawler_vendor() or SiteCrawler()
    return crawler.crawl(
        url, limit=limit, on_page=lambda read, known: ctx.progress(read / max(limit, 1), f"{read} of {known} known pages read")
    )
