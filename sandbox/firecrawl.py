"""Firecrawl (API v2): scrape, map, and crawls that are started, polled, paged through and cancelled."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any, Literal

from flask import Blueprint, Response, jsonify, request
from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from sandbox.crawling import run_in_background
from sandbox.credentials import FIRECRAWL_KEY
from sandbox.reading import Unreadable, document
from sandbox.state import here
from sandbox.vendor import Refused, Strict, Vendor, bearer_key, read_json

routes = Blueprint("firecrawl", __name__)
API = "/v2"
CREDITS = 5000
PAGE = 10  # documents an answer
_KEPT_SECONDS = 86_400
_FORMATS = ("markdown", "html", "rawHtml", "links", "images", "summary", "branding")


class Camel(Strict):
    """Fields are named in camel case on the wire."""

    model_config = ConfigDict(alias_generator=to_camel)


class ScrapeOptions(Camel):
    formats: list[str | dict[str, Any]] = Field(default=["markdown"])
    only_main_content: bool = True
    include_tags: list[str] = Field(default_factory=list)
    exclude_tags: list[str] = Field(default_factory=list)
    max_age: int = 172_800_000
    headers: dict[str, str] = Field(default_factory=dict)
    wait_for: int = 0
    mobile: bool = False
    skip_tls_verification: bool = True
    timeout: int = Field(default=60_000, ge=1000, le=300_000)
    parsers: list[str | dict[str, Any]] = Field(default=["pdf"])
    actions: list[dict[str, Any]] = Field(default_factory=list)
    location: dict[str, Any] | None = None
    remove_base64_images: bool = True
    block_ads: bool = True
    proxy: Literal["basic", "enhanced", "auto"] = "auto"
    store_in_cache: bool = True

    def wanted(self) -> list[str]:
        """Names of the formats. Raises Refused for one that is not played."""
        names = [f if isinstance(f, str) else str(f.get("type")) for f in self.formats]
        if unknown := [name for name in names if name not in _FORMATS]:
            raise Refused(400, f"The format {unknown[0]} is not played by the sandbox; there are {', '.join(_FORMATS)}")
        return names


class Scrape(ScrapeOptions):
    url: str = Field(pattern=r"^https?://")


class StartCrawl(Camel):
    url: str = Field(pattern=r"^https?://")
    prompt: str | None = None
    include_paths: list[str] = Field(default_factory=list)
    exclude_paths: list[str] = Field(default_factory=list)
    max_discovery_depth: int | None = Field(default=None, ge=0)
    sitemap: Literal["skip", "include", "only"] = "include"
    ignore_query_parameters: bool = False
    regex_on_full_url: bool = Field(default=False, alias="regexOnFullURL")
    limit: int = Field(default=10_000, ge=1)
    crawl_entire_domain: bool = False
    allow_external_links: bool = False
    allow_subdomains: bool = False
    delay: float | None = None
    max_concurrency: int | None = None
    scrape_options: ScrapeOptions = ScrapeOptions()
    webhook: dict[str, Any] | None = None


class Map(Camel):
    url: str = Field(pattern=r"^https?://")
    search: str | None = None
    sitemap: Literal["skip", "include", "only"] = "include"
    include_subdomains: bool = True
    ignore_query_parameters: bool = True
    ignore_cache: bool = False
    limit: int = Field(default=5000, ge=1, le=100_000)
    timeout: int | None = None
    location: dict[str, Any] | None = None


@routes.before_request
def check_key() -> None:
    bearer_key(FIRECRAWL_KEY)


@routes.post(f"{API}/scrape")
def scrape() -> Response:
    asked = read_json(Scrape)
    try:
        found = document(asked.url, asked.wanted(), only_main=asked.only_main_content, seconds=asked.timeout / 1000)
    except Unreadable as error:
        raise Refused(408 if "Timeout" in str(error) else 500, str(error), code="SCRAPE_FAILED") from None
    _bill(secrets.token_hex(8), 1, asked.url)
    return jsonify(success=True, data=found)


@routes.post(f"{API}/map")
def site_map() -> Response:
    asked = read_json(Map)
    try:
        found = document(asked.url, ["links"], only_main=True, seconds=30)["links"]
    except Unreadable as error:
        raise Refused(500, str(error)) from None
    _bill(secrets.token_hex(8), 1, asked.url)
    return jsonify(success=True, links=[{"url": url} for url in [asked.url, *found] if (asked.search or "") in url][: asked.limit])


@routes.post(f"{API}/crawl")
def start_crawl() -> Response:
    asked = read_json(StartCrawl)
    left = _credits()
    if asked.limit > left:
        raise Refused(402, f"Insufficient credits: the crawl may use {asked.limit}, {left} are left. Send a smaller limit.")
    body = {
        "url": asked.url,
        "limit": asked.limit,
        "sitemap": asked.sitemap,
        "max_depth": asked.max_discovery_depth,
        "include": asked.include_paths,
        "exclude": asked.exclude_paths,
        "whole_domain": asked.crawl_entire_domain,
        "scrape": {"formats": asked.scrape_options.wanted(), "only_main": asked.scrape_options.only_main_content},
    }
    state, crawl_id = here(), secrets.token_hex(16)
    with state.store.transaction():
        started = {"id": crawl_id, "body": body, "status": "scraping", "total": 1, "data": [], "errors": [], "blocked": []}
        state.store.put("firecrawl.crawl", crawl_id, started | {"started_at": state.clock.now(), "billed": False}, owner="team")
        state.ledger.record("firecrawl", "crawl", crawl_id, {"url": asked.url, "credits": 0}, at=state.clock.now())
    run_in_background(state.store, crawl_id, state.clock.now())
    return jsonify(success=True, id=crawl_id, url=f"{here().base_url}/firecrawl{API}/crawl/{crawl_id}")


@routes.get(f"{API}/crawl/active")
def active() -> Response:
    found = [c for c in here().store.owned("firecrawl.crawl", "team") if c["status"] == "scraping"]
    return jsonify(success=True, crawls=[{"id": c["id"], "url": c["body"]["url"]} for c in found])


@routes.get(f"{API}/crawl/<crawl_id>")
def crawl_status(crawl_id: str) -> Response:
    """`next` is there while the crawl runs and while documents are left."""
    crawl = _crawl(crawl_id)
    if crawl["status"] == "scraping":
        run_in_background(here().store, crawl_id, here().clock.now())
    elif not crawl["billed"]:
        _bill(f"{crawl_id}-pages", len(crawl["data"]), crawl["body"]["url"])
        here().store.put("firecrawl.crawl", crawl_id, crawl | {"billed": True})
    skip = max(0, request.args.get("skip", 0, int))
    answer = {
        "success": True,
        "status": crawl["status"],
        "total": crawl["total"],
        "completed": len(crawl["data"]),
        "creditsUsed": len(crawl["data"]),
        "createdAt": _time(crawl["started_at"]),
        "expiresAt": _time(crawl["started_at"] + _KEPT_SECONDS),
        "data": crawl["data"][skip : skip + PAGE],
    }
    if crawl["status"] == "scraping" or skip + PAGE < len(crawl["data"]):
        answer["next"] = f"{here().base_url}/firecrawl{API}/crawl/{crawl_id}?skip={min(skip + PAGE, len(crawl['data']))}"
    if "completed_at" in crawl:
        answer["completedAt"] = _time(crawl["completed_at"])
    return jsonify(answer)


@routes.delete(f"{API}/crawl/<crawl_id>")
def cancel(crawl_id: str) -> Response:
    with here().store.transaction():
        crawl = _crawl(crawl_id)
        if crawl["status"] != "scraping":
            raise Refused(409, "The crawl has ended already")
        here().store.put("firecrawl.crawl", crawl_id, crawl | {"status": "cancelled"})
    return jsonify(status="cancelled")


@routes.get(f"{API}/crawl/<crawl_id>/errors")
def crawl_errors(crawl_id: str) -> Response:
    crawl = _crawl(crawl_id)
    return jsonify(errors=crawl["errors"], robotsBlocked=crawl["blocked"])


@routes.get(f"{API}/team/credit-usage")
def credit_usage() -> Response:
    return jsonify(
        success=True, data={"remainingCredits": _credits(), "planCredits": CREDITS, "billingPeriodStart": None, "billingPeriodEnd": None}
    )


def _crawl(crawl_id: str) -> dict[str, Any]:
    crawl = here().store.get("firecrawl.crawl", crawl_id)
    if crawl is None or here().clock.now() - crawl["started_at"] > _KEPT_SECONDS:
        raise Refused(404, "Job not found")
    return crawl


def _credits() -> int:
    return CREDITS - sum(int(effect["body"]["credits"]) for effect in here().ledger.effects(vendor="firecrawl"))


def _bill(key: str, credits_used: int, url: str) -> None:
    here().ledger.record("firecrawl", "pages", key, {"credits": credits_used, "url": url}, at=here().clock.now())


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def _shape(refused: Refused) -> dict[str, Any]:
    return {"success": False, "error": refused.message} | ({"code": refused.code} if refused.code else {})


vendor = Vendor("firecrawl", routes, _shape)
