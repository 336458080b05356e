"""Page addresses from sitemaps: plain, gzipped, and indexes of sitemaps."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable

from lxml import etree

from core.errors import AddressRefused, SiteUnreadable
from pipelines.crawl.addresses import clean
from pipelines.crawl.robots import OK, Answered

MOST_FILES = 10
MOST_URLS = 2000
LARGEST_FILE = 5 * 1024 * 1024  # packed and unpacked

Get = Callable[[str, int], Answered]


def sitemap_urls(get: Get, sitemaps: Iterable[str], accepts: Callable[[str], bool]) -> list[str]:
    """Cleaned page URLs in the order of the sitemaps. A sitemap that cannot be read, or is not accepted, is passed over."""
    waiting = [url for given in sitemaps if (url := clean(given))]
    read: set[str] = set()
    found: dict[str, None] = {}
    while waiting and len(read) < MOST_FILES and len(found) < MOST_URLS:
        url = waiting.pop(0)
        if url in read or not accepts(url):
            continue
        read.add(url)
        pages, more = _read(get, url)
        found.update(dict.fromkeys(pages))
        waiting += more
    return list(found)[:MOST_URLS]


def _read(get: Get, url: str) -> tuple[list[str], list[str]]:
    """Pages and further sitemaps that one sitemap names."""
    try:
        answered = get(url, LARGEST_FILE)
    except (SiteUnreadable, AddressRefused):
        return [], []
    return named(unpacked(answered.content)) if answered.status == OK else ([], [])


def unpacked(content: bytes) -> bytes:
    """The content, unzipped when it is gzip, at most LARGEST_FILE bytes of it."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        return zlib.decompressobj(wbits=31).decompress(content, LARGEST_FILE)
    except zlib.error:
        return b""


def named(content: bytes) -> tuple[list[str], list[str]]:
    """(page URLs, sitemap URLs) of a `urlset` or `sitemapindex`; broken XML gives what can be read of it."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return [], []
    if root is None:
        return [], []
    urls = [url for loc in root.iter("{*}loc") if (url := clean((loc.text or "").strip()))]
    return ([], urls) if etree.QName(root).localname == "sitemapindex" else (urls, [])
