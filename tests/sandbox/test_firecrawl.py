"""Firecrawl over the fictional brand's site."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from tests.sandbox.conftest import Vendor
from tests.stack import SandboxProcess


def completed(firecrawl: Vendor, crawl_id: str) -> dict[str, Any]:
    for _ in range(60):
        found: dict[str, Any] = firecrawl.get(f"/crawl/{crawl_id}").json()
        if found["status"] != "scraping":
            return found
        time.sleep(0.2)
    raise AssertionError(found)


def test_a_crawl_reads_the_site_and_heeds_robots(firecrawl: Vendor, sandbox: SandboxProcess) -> None:
    """All pages over `next`, the forbidden one only among the blocked, one credit a page."""
    started = firecrawl.post("/crawl", json={"url": sandbox.site_url, "limit": 50}).json()
    answer = completed(firecrawl, started["id"])
    documents = answer["data"]
    while "next" in answer:
        answer = requests.get(answer["next"], headers=firecrawl.headers, timeout=20).json()
        documents += answer["data"]
    urls = [document["metadata"]["url"] for document in documents]
    assert len(urls) == len(set(urls)) == answer["completed"] >= 14
    assert not [url for url in urls if "/internal/" in url]
    assert firecrawl.get(f"/crawl/{started['id']}/errors").json()["robotsBlocked"] == [f"{sandbox.site_url}/internal/dealers"]
    assert sum(effect["body"]["credits"] for effect in sandbox.ledger(vendor="firecrawl")) == len(urls)


def test_a_page_comes_with_the_brands_looks(firecrawl: Vendor, sandbox: SandboxProcess) -> None:
    """Markdown, metadata, colours and fonts of one page."""
    asked = {"url": f"{sandbox.site_url}/products/heron", "formats": ["markdown", "links", "branding"]}
    data = firecrawl.post("/scrape", json=asked).json()["data"]
    assert "costs $149" in data["markdown"]
    assert data["metadata"]["title"] == "Heron desk lamp | Quillmoor"
    assert data["branding"]["colors"]["primary"] == "#1f4d3a"
    assert "Fraunces" in [font["family"] for font in data["branding"]["fonts"]]


def test_a_missing_page_is_a_document_too(firecrawl: Vendor, sandbox: SandboxProcess) -> None:
    """success, with the status of the target in the metadata."""
    answer = firecrawl.post("/scrape", json={"url": f"{sandbox.site_url}/nowhere"})
    assert (answer.status_code, answer.json()["data"]["metadata"]["statusCode"]) == (200, 404)


def test_a_running_crawl_is_cancelled(firecrawl: Vendor, sandbox: SandboxProcess) -> None:
    """Once: then it has ended."""
    sandbox.fault(vendor="site", mode="slow_body", seconds=3, route="^/$", times=1)
    started = firecrawl.post("/crawl", json={"url": sandbox.site_url, "limit": 50}).json()
    assert firecrawl.ask("DELETE", f"/crawl/{started['id']}").json() == {"status": "cancelled"}
    assert firecrawl.get(f"/crawl/{started['id']}").json()["status"] == "cancelled"
    assert firecrawl.ask("DELETE", f"/crawl/{started['id']}").status_code == 409


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"url": "http://127.0.0.1:1/"}, 402),
        ({"url": "http://127.0.0.1:1/", "limit": 5, "maxDepth": 2}, 400),
        ({"url": "127.0.0.1", "limit": 5}, 400),
        ({"url": "http://127.0.0.1:1/", "limit": 5, "scrapeOptions": {"formats": ["pdf"]}}, 400),
    ],
    ids=["default limit", "v1 field", "no scheme", "unknown format"],
)
def test_a_malformed_start_is_refused(firecrawl: Vendor, body: dict[str, Any], status: int) -> None:
    """Above all the default limit of 10,000, for which the credits are missing."""
    answer = firecrawl.post("/crawl", json=body)
    assert (answer.status_code, answer.json()["success"]) == (status, False)


def test_it_never_leaves_the_machine(firecrawl: Vendor) -> None:
    """Other hosts are not visited."""
    answer = firecrawl.post("/scrape", json={"url": "https://example.com/"})
    assert answer.status_code == 500
    assert "loopback" in answer.json()["error"]
