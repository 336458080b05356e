"""Which channel a visit came by, from its UTM parameters, click ids and referrer."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

CLICK_IDS = {
    "gclid": "google-ads",
    "gbraid": "google-ads",
    "wbraid": "google-ads",
    "fbclid": "facebook",
    "msclkid": "microsoft-ads",
    "ttclid": "tiktok",
    "twclid": "x",
    "li_fat_id": "linkedin",
}
OWN_CLICK_ID = "dbclid"  # of our own links: that click was the touchpoint, and the visit after it is no second one
_SEARCH = ("google", "bing", "duckduckgo", "yahoo", "ecosia", "baidu", "yandex")
_SOCIAL = {"x.com": "x", "twitter.com": "x", "t.co": "x", "facebook.com": "facebook", "instagram.com": "instagram"}
_SOCIAL |= {"linkedin.com": "linkedin", "lnkd.in": "linkedin", "tiktok.com": "tiktok", "youtube.com": "youtube", "reddit.com": "reddit"}
_PAID = {"cpc", "ppc", "paid", "paidsearch", "paid-search", "paid_search", "display", "cpm", "banner"}


def channel_of(utm: Mapping[str, str], click_ids: Mapping[str, str], referrer: str = "", url: str = "") -> str | None:
    """UTM source before the click id before the referrer; `direct` where nothing says. Lower case.

    None for what brought nobody here: a page that was reached from a page of the same site, or the visit after a click
    that was counted itself.
    """
    if click_ids.get(OWN_CLICK_ID):
        return None
    if source := utm.get("source", "").strip().lower():
        medium = utm.get("medium", "").strip().lower()
        if medium == "email":
            return "email"
        return f"{source}-ads" if medium in _PAID and not source.endswith("-ads") else source
    if named := next((channel for name, channel in CLICK_IDS.items() if click_ids.get(name)), ""):
        return named
    return _referred(referrer, url)


def _referred(referrer: str, url: str) -> str | None:
    try:
        host, own = (urlsplit(referrer).hostname or ""), (urlsplit(url).hostname or "")
    except ValueError:
        return "direct"
    host = host.removeprefix("www.")
    if not host:
        return "direct"
    if host == own.removeprefix("www."):
        return None
    if social := next((name for domain, name in _SOCIAL.items() if host == domain or host.endswith(f".{domain}")), ""):
        return social
    if any(part in _SEARCH for part in host.split(".")):
        return "organic-search"
    return "referral"
