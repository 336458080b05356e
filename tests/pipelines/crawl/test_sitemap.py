"""Sitemaps in a crawl."""

from __future__ import annotations

import gzip
from collections.abc import Callable

from pipelines.crawl.sitemap import LARGEST_FILE, named, unpacked
from providers.contracts.crawl import CrawlReport
from tests.pipelines.conftest import Site

WORDS = "<p>These are enough words to be a page of its own, number {}.</p>"
URLSET = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</urlset>'


def urlset(*urls: str) -> str:
    return URLSET.format("".join(f"<url><loc>{url}</loc></url>" for url in urls))


def test_pages_that_nothing_links_to(site: Site, crawl: Callable[..., CrawlReport]) -> None:
    """A page that only the sitemap names is read."""
    site.page("/", WORDS.format(1))
    site.page("/lonely", WORDS.format(2))
    site.serve("/sitemap.xml", urlset(f"{site.url}lonely"), "application/xml")
    assert [page.url for page in crawl(site.url).pages] == [site.url, f"{site.url}lonely"]


def test_index_with_a_zipped_part(site: Site, crawl: Callable[..., CrawlReport]) -> None:
    """An index named by robots.txt leads to a gzipped sitemap."""
    site.page("/", WORDS.format(1))
    site.page("/deep", WORDS.format(2))
    site.serve("/robots.txt", f"Sitemap: {site.url}index.xml\n", "text/plain")
    site.serve("/index.xml", f"<sitemapindex><sitemap><loc>{site.url}part.xml.gz</loc></sitemap></sitemapindex>", "application/xml")
    site.serve("/part.xml.gz", gzip.compress(urlset(f"{site.url}deep").encode()), "application/gzip")
    assert [page.url for page in crawl(site.url).pages] == [site.url, f"{site.url}deep"]


def test_other_sites_are_left_out(make_site: Callable[[], Site], crawl: Callable[..., CrawlReport]) -> None:
    """Neither pages nor sitemaps of another site are asked for."""
    site, other = make_site(), make_site()
    site.page("/", WORDS.format(1))
    site.serve("/robots.txt", f"Sitemap: {other.url}map.xml\n", "text/plain")
    site.serve("/sitemap.xml", urlset(f"{other.url}page"), "application/xml")
    assert len(crawl(site.url).pages) == 1
    assert other.asked == []


def test_index_that_names_itself(site: Site, crawl: Callable[..., CrawlReport]) -> None:
    """A sitemap index in a circle is read once."""
    site.page("/", WORDS.format(1))
    site.serve("/sitemap.xml", f"<sitemapindex><sitemap><loc>{site.url}sitemap.xml</loc></sitemap></sitemapindex>", "application/xml")
    crawl(site.url)
    assert site.asked.count("/sitemap.xml") == 1


def test_gzip_bomb_is_cut() -> None:
    """A small file that unpacks to a huge one stops at the cap."""
    assert len(unpacked(gzip.compress(b"a" * (LARGEST_FILE * 4)))) == LARGEST_FILE


def test_entities_are_not_expanded() -> None:
    """A sitemap cannot read files of this machine."""
    evil = '<!DOCTYPE u [<!ENTITY x SYSTEM "file:///etc/hostname">]><urlset><url><loc>https://a.example/&x;</loc></url></urlset>'
    assert named(evil.encode()) == (["https://a.example/"], [])


def test_broken_xml_is_passed_over() -> None:
    """What is no XML names no pages."""
    assert named(b"\x00not xml") == ([], [])
