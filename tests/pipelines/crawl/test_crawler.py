"""The crawl of a whole site."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from core.errors import AddressRefused, Cancelled, SiteUnreadable, VendorUnavailable
from pipelines.crawl.crawler import SiteCrawler
from providers.contracts.crawl import CrawlReport
from tests.pipelines.conftest import Site

Crawl = Callable[..., CrawlReport]
WORDS = "<p>These are enough words to be a page of its own, number {}.</p>"


def paths(report: CrawlReport) -> list[str]:
    return [urlsplit(page.url).path for page in report.pages]


def reason(report: CrawlReport, path: str) -> str:
    return next(refused["reason"] for refused in report.refused if urlsplit(refused["url"]).path == path)


def test_relative_links_are_followed(site: Site, crawl: Crawl) -> None:
    """Pages that are linked from pages are read, nearest first, without a sitemap or robots.txt."""
    site.page("/", WORDS.format(1) + '<a href="a/one.html">one</a> <a href="two.html#part">two</a>', title="Home")
    site.page("/a/one.html", WORDS.format(2) + '<a href="../a/deep.html">deep</a>')
    site.page("/a/deep.html", WORDS.format(3))
    site.page("/two.html", WORDS.format(4))
    report = crawl(site.url)
    assert paths(report) == ["/", "/a/one.html", "/two.html", "/a/deep.html"]
    assert "number 1" in report.pages[0].text


def test_limit_holds(site: Site, crawl: Crawl) -> None:
    """No more pages are read than asked for."""
    site.page("/", WORDS.format(0) + "".join(f'<a href="/{n}">{n}</a>' for n in range(9)))
    for n in range(9):
        site.page(f"/{n}", WORDS.format(n + 1))
    assert len(crawl(site.url, limit=4).pages) == 4


def test_telling_pages_come_first(site: Site, crawl: Crawl) -> None:
    """With room for three pages, about and pricing win over privacy and news."""
    site.page("/", WORDS.format(0) + "".join(f'<a href="/{n}">{n}</a>' for n in ("privacy", "news", "pricing", "about")))
    for n, path in enumerate(("privacy", "news", "pricing", "about")):
        site.page(f"/{path}", WORDS.format(n + 1))
    assert sorted(paths(crawl(site.url, limit=3))) == ["/", "/about", "/pricing"]


def test_domain_without_scheme(site: Site, crawl: Crawl) -> None:
    """A bare host is tried by https first and read by http when only that answers."""
    site.page("/", WORDS.format(1))
    assert crawl(site.host).pages[0].url == site.url


def test_only_the_given_folder(site: Site, crawl: Crawl) -> None:
    """A URL with a folder keeps the crawl inside that folder."""
    site.page("/docs/", WORDS.format(1) + '<a href="in.html">in</a> <a href="/other/out.html">out</a>')
    site.page("/docs/in.html", WORDS.format(2))
    site.page("/other/out.html", WORDS.format(3))
    assert paths(crawl(site.url + "docs/")) == ["/docs/", "/docs/in.html"]


def test_redirect_off_site_is_refused(make_site: Callable[[], Site], crawl: Crawl) -> None:
    """A page that redirects to another site is reported and not kept."""
    site, other = make_site(), make_site()
    site.page("/", WORDS.format(1) + '<a href="/away">away</a> <a href="/stays">stays</a>')
    site.page("/stays", WORDS.format(2))
    site.redirect("/away", other.url)
    other.page("/", WORDS.format(3))
    report = crawl(site.url)
    assert paths(report) == ["/", "/stays"]
    assert other.host in reason(report, "/away")


def test_start_that_redirects_off_site(make_site: Callable[[], Site], crawl: Crawl) -> None:
    """A domain that only forwards to another names that other one."""
    site, other = make_site(), make_site()
    site.redirect("/", other.url)
    other.page("/", WORDS.format(1))
    with pytest.raises(SiteUnreadable, match="redirects to another site") as caught:
        crawl(site.url)
    assert other.host in caught.value.hint


def test_huge_page_is_refused_and_the_crawl_goes_on(site: Site, crawl: Crawl) -> None:
    """A page of 200 MB is reported as too large after the cap; the next page is read."""
    site.page("/", WORDS.format(1) + '<a href="/huge">huge</a> <a href="/small">small</a>')
    site.serve("/huge", b"<p>word</p>" * 100_000, "text/html", repeat=190)
    site.page("/small", WORDS.format(2))
    report = crawl(site.url, largest_page=1_000_000)
    assert paths(report) == ["/", "/small"]
    assert "larger than" in reason(report, "/huge")


def test_slow_page_is_refused_and_the_crawl_goes_on(site: Site, crawl: Crawl) -> None:
    """A page that does not come in time is reported; the next page is read."""
    site.page("/", WORDS.format(1) + '<a href="/slow">slow</a> <a href="/quick">quick</a>')
    site.serve("/slow", WORDS.format(2), "text/html", seconds=3.0)
    site.page("/quick", WORDS.format(3))
    report = crawl(site.url, page_seconds=1.0)
    assert paths(report) == ["/", "/quick"]
    assert "did not answer" in reason(report, "/slow")


def test_noindex_is_respected(site: Site, crawl: Crawl) -> None:
    """Pages that ask not to be indexed, by tag or header, are left out; their links are followed."""
    site.page("/", WORDS.format(1) + '<a href="/tag">tag</a> <a href="/header">header</a>')
    site.page("/tag", WORDS.format(2) + '<a href="/behind">behind</a>', head='<meta name="robots" content="noindex">')
    site.serve("/header", WORDS.format(3), "text/html", headers={"X-Robots-Tag": "noindex"})
    site.page("/behind", WORDS.format(4))
    report = crawl(site.url)
    assert paths(report) == ["/", "/behind"]
    assert "noindex" in reason(report, "/tag") and "noindex" in reason(report, "/header")


def test_endless_paths_end(site: Site, crawl: Crawl) -> None:
    """A site that answers every path with the same page and one more relative link is left after that page."""
    site.page("/", WORDS.format(1) + '<a href="deeper/">deeper</a>')
    for depth in range(1, 30):
        site.page("/" + "deeper/" * depth, WORDS.format(2) + '<a href="deeper/">deeper</a>')
    assert paths(crawl(site.url, limit=20)) == ["/", "/deeper/"]


def test_endless_queries_end(site: Site, crawl: Crawl) -> None:
    """A calendar whose every page links to the next month is read five times, not for ever."""
    site.page("/", WORDS.format(0) + '<a href="/calendar?month=1">calendar</a>')
    for month in range(1, 30):
        site.page(f"/calendar?month={month}", WORDS.format(month) + f'<a href="/calendar?month={month + 1}">next</a>')
    assert paths(crawl(site.url, limit=20)).count("/calendar") == 5


def test_frames_lead_to_pages(site: Site, crawl: Crawl) -> None:
    """A frameset has no words of its own, its frames are read."""
    site.serve("/", '<html><frameset cols="20%,80%"><frame src="menu.html"><frame src="main.html"></frameset></html>', "text/html")
    site.page("/menu.html", '<p>A menu of many words, all of them on the left side.</p><a href="third.html">third</a>')
    site.page("/main.html", WORDS.format(2))
    site.page("/third.html", WORDS.format(3))
    assert paths(crawl(site.url)) == ["/menu.html", "/main.html", "/third.html"]


def test_directory_listing_leads_to_pages(site: Site, crawl: Crawl) -> None:
    """A listing of files is followed and not taken for a page."""
    site.page("/", '<h1>Directory listing for /</h1><a href="manual.html">manual.html</a>', title="Directory listing for /")
    site.page("/manual.html", WORDS.format(1))
    assert paths(crawl(site.url)) == ["/manual.html"]


def test_old_encoding_is_read(site: Site, crawl: Crawl) -> None:
    """A page in ISO 8859-1 that declares it in a meta tag keeps its letters."""
    declared = '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">'
    body = "<p>Die Gr\u00f6\u00dfe der B\u00fccher \u00fcberrascht viele Leser immer wieder.</p>"
    site.serve("/", f"<html><head>{declared}</head><body>{body}</body></html>".encode("latin-1"), "text/html")
    assert "Gr\u00f6\u00dfe der B\u00fccher" in crawl(site.url).pages[0].text


def test_linked_files_are_not_asked_for(site: Site, crawl: Crawl) -> None:
    """Links to pictures and archives are not followed, and what turns out to be no HTML is reported."""
    site.page("/", WORDS.format(1) + '<a href="/a.zip">zip</a> <a href="/b.jpg">jpg</a> <a href="/c">c</a>')
    site.serve("/c", b"%PDF-1.7", "application/pdf")
    report = crawl(site.url)
    assert "/a.zip" not in site.asked and "/b.jpg" not in site.asked
    assert "application/pdf" in reason(report, "/c")


def test_broken_links_are_reported(site: Site, crawl: Crawl) -> None:
    """A missing page is told with its status."""
    site.page("/", WORDS.format(1) + '<a href="/gone">gone</a>')
    assert "404" in reason(crawl(site.url), "/gone")


def test_colours_of_a_linked_stylesheet(site: Site, crawl: Crawl) -> None:
    """Colours and fonts of linked CSS belong to the page."""
    site.page("/", WORDS.format(1), head='<link rel="stylesheet" href="/s.css">')
    site.serve("/s.css", "a { color: #B3541E; font-family: 'Lora', serif }", "text/css")
    page = crawl(site.url).pages[0]
    assert page.colours == ("#b3541e",) and page.fonts == ("Lora",)


def test_empty_site(site: Site, crawl: Crawl) -> None:
    """A site without words fails, saying so."""
    site.page("/", '<div id="app"></div><script>draw()</script>')
    with pytest.raises(SiteUnreadable, match="no readable text"):
        crawl(site.url)


def test_start_page_that_is_no_html(site: Site, crawl: Crawl) -> None:
    """A start page of another type fails, naming the type."""
    site.serve("/", b"%PDF-1.7", "application/pdf")
    with pytest.raises(SiteUnreadable, match="application/pdf"):
        crawl(site.url)


def test_start_page_that_is_missing(site: Site, crawl: Crawl) -> None:
    """A start page that is not there fails, with the status."""
    with pytest.raises(SiteUnreadable, match="404"):
        crawl(site.url)


def test_start_page_of_a_broken_server(site: Site, crawl: Crawl) -> None:
    """A server in trouble is worth another try later."""
    site.serve("/", "busy", "text/html", status=503)
    with pytest.raises(VendorUnavailable, match="503"):
        crawl(site.url)


def test_domain_that_does_not_resolve(crawl: Crawl) -> None:
    """An unknown domain fails once, saying that it does not resolve."""
    with pytest.raises(SiteUnreadable, match=r"no-such-host\.invalid does not resolve"):
        crawl("no-such-host.invalid")


def test_private_address_is_refused(crawl: Crawl) -> None:
    """A loopback address that nobody allowed is not visited."""
    with pytest.raises(AddressRefused):
        crawl("http://127.0.0.1:9/")


def test_what_is_no_domain(crawl: Crawl) -> None:
    """Words that are no domain fail, saying what to give."""
    with pytest.raises(SiteUnreadable, match="neither a domain nor a web address"):
        crawl("our web site")


def test_cancel_stops_the_crawl(site: Site) -> None:
    """What `on_page` raises ends the crawl at once."""
    site.page("/", WORDS.format(1) + '<a href="/two">two</a>')
    site.page("/two", WORDS.format(2))

    def cancelled(read: int, known: int) -> None:
        raise Cancelled(f"after {read} of {known}")

    with pytest.raises(Cancelled, match="after 1 of 2"):
        SiteCrawler().crawl(site.url, limit=5, on_page=cancelled)
    assert "/two" not in site.asked


def test_time_for_a_site_ends(site: Site, crawl: Crawl) -> None:
    """When the time is over, what was read is returned and the rest is told."""
    site.page("/", WORDS.format(1) + '<a href="/two">two</a>')
    site.page("/two", WORDS.format(2))
    report = crawl(site.url, crawl_seconds=0.0)
    assert paths(report) == ["/"] and "time for this site is over" in report.refused[-1]["reason"]
