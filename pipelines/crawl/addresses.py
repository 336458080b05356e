"""URLs of a crawl: one spelling for each page, and what belongs to the site."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

import tldextract

from core.errors import SiteUnreadable

LONGEST = 2000
DEFAULT_PORTS = {"http": 80, "https": 443}
TRACKING = re.compile(r"^(utm_\w+|gclid|fbclid|msclkid|mc_[ce]id|phpsessid|jsessionid)$", re.I)
NOT_A_PAGE = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|od[tsp]|epub|ps|txt|md|csv|json|xml|rss|atom|js|mjs|css|map|png|jpe?g|gif|svg|webp|avif|ico|bmp|tiff?"
    r"|woff2?|ttf|otf|eot|mp[34]|m4[av]|webm|ogg|og[av]|wav|mov|avi|zip|gz|tgz|bz2|xz|zst|7z|rar|tar|deb|rpm|exe|dmg|iso|jar|apk|whl)$",
    re.I,
)
DOMAIN = re.compile(r"^(?:[\w-]+\.)*[\w-]+(?::\d{1,5})?(?:/\S*)?$")


@cache
def _suffixes() -> tldextract.TLDExtract:
    """The public suffix list that comes with the package; nothing is fetched."""
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def starts(given: str) -> list[str]:
    """The URLs to try for a domain or URL: as given, or https before http. Raises SiteUnreadable for anything else."""
    given = given.strip()
    if re.match(r"https?://", given, re.I):
        found = [given]
    elif DOMAIN.match(given):
        found = [f"https://{given}", f"http://{given}"]
    else:
        found = []
    cleaned = [url for url in map(clean, found) if url]
    if not cleaned:
        raise SiteUnreadable(f"{given[:200]!r} is neither a domain nor a web address", hint="Give a domain such as example.com.")
    return cleaned


def clean(url: str, base: str = "") -> str | None:
    """The URL absolute and in one spelling, without fragment and tracking; None for what is no web address."""
    try:
        parts = urlsplit(urljoin(base, url.strip()) if base else url.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return None
    if parts.scheme not in DEFAULT_PORTS or not host or parts.username is not None:
        return None
    shown_host = f"[{host}]" if ":" in host else host
    netloc = shown_host if port in (None, DEFAULT_PORTS[parts.scheme]) else f"{shown_host}:{port}"
    cleaned = urlunsplit((parts.scheme, netloc, _clean_path(parts), _clean_query(parts.query), ""))
    return cleaned if len(cleaned) <= LONGEST else None


def _clean_path(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    return urlsplit(urljoin("http://x/", path)).path if "/." in path else path


def _clean_query(query: str) -> str:
    return "&".join(part for part in query.split("&") if not TRACKING.match(part.split("=", 1)[0]))


def site_of(url: str) -> str:
    """What two URLs of one site share: the registrable domain, or host and port where there is none (addresses, localhost)."""
    parts = urlsplit(url)
    registrable = _suffixes()(parts.hostname or "").top_domain_under_public_suffix
    return registrable or parts.netloc


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True)
class Scope:
    """What one crawl may read: the site, and there only the folder that the given URL names."""

    site: str
    folder: str

    @classmethod
    def around(cls, url: str) -> Scope:
        path = urlsplit(url).path
        return cls(site_of(url), path[: path.rindex("/") + 1] if "/" in path else "/")

    def holds(self, url: str) -> bool:
        return site_of(url) == self.site and urlsplit(url).path.startswith(self.folder)

    def same_site(self, url: str) -> bool:
        return site_of(url) == self.site


def may_be_page(url: str) -> bool:
    """False for addresses whose ending names another kind of file."""
    return not NOT_A_PAGE.search(urlsplit(url).path)
