"""The words of a campaign from end to end, with the vendors played by the sandbox over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.errors import GeneratedInvalid
from core.settings import get_settings
from pipelines.brand.extraction import extract_brand
from pipelines.evidence.checking import Evidence
from pipelines.evidence.statements import statements
from pipelines.publishing.drafts import drafts, link_of
from providers import registry
from providers.contracts.crawl import CrawledPage
from tests.pipelines.chain import CHANNELS, campaign_words
from tests.pipelines.conftest import Site
from tests.stack import SandboxProcess


def test_brand_site_to_posts(sandbox: SandboxProcess) -> None:
    """The fictional brand gets a DNA, cited competitors, a brief, two concepts and posts, every statement borne out by its page."""
    words = campaign_words(sandbox.site_url)
    assert len(words.crawl.pages) >= 5
    assert words.brand.colours and words.brand.logo is not None and words.brand.products
    assert words.research.competitors and words.brief.differences
    evidence = Evidence(words.crawl.pages)
    for made in (words.brand, words.brief, *words.concepts):
        assert list(statements(made)) and evidence.faults(made) == []
    for concept in words.concepts:
        posts = drafts(concept, channels=CHANNELS, link=link_of(sandbox.site_url), assets={"image": "i"})
        assert [post.channel for post in posts] == list(CHANNELS)


def test_plain_documentation_tree(sandbox: SandboxProcess, site: Site, configure: Callable[..., None]) -> None:
    """A folder of old HTML pages without menu, colours or prices still makes a campaign."""
    configure(FETCH_ALLOW_HOSTS=f"{site.host},{get_settings().fetch_allow_hosts}")
    chapters = {
        "intro.html": "The foo library reads and writes bar files. It is made for programmers who exchange tables between systems.",
        "usage.html": "Call foo_open with the name of a file. Every function returns zero when it has done its work.",
        "license.html": "The foo library is free software. You may copy it and change it, and you may give it to others.",
    }
    listing = "".join(f'<li><a href="{name}">{name}</a></li>' for name in chapters)
    site.page("/", f"<h1>Directory listing for /</h1><ul>{listing}</ul>", title="Directory listing for /")
    for name, text in chapters.items():
        site.page(f"/{name}", f"<h1>foo: {name.removesuffix('.html')}</h1><p>{text}</p>", title="foo library")
    words = campaign_words(site.url)
    assert len(words.crawl.pages) == 3 and len(words.concepts) == 2
    assert Evidence(words.crawl.pages).faults(words.brand) == []


@pytest.mark.parametrize(("times", "ends_well"), [(1, True), (None, False)], ids=["once", "always"])
def test_model_that_answers_rubbish(sandbox: SandboxProcess, pages: list[CrawledPage], times: int | None, ends_well: bool) -> None:
    """Rubbish once is repaired; rubbish again fails after exactly two paid calls."""
    rule: dict[str, Any] = {"vendor": "openrouter", "mode": "garbage", "times": times}
    sandbox.fault(**rule)
    complete = registry.text_model().complete
    if ends_well:
        assert extract_brand(complete, domain="tallow.example", pages=pages).name
    else:
        with pytest.raises(GeneratedInvalid, match="not a JSON object"):
            extract_brand(complete, domain="tallow.example", pages=pages)
    assert len(sandbox.ledger(vendor="openrouter")) == 2
