"""The variables that point Drumbeat at a running sandbox."""

from __future__ import annotations

from urllib.parse import urlsplit

from sandbox import credentials


def environment(base_url: str, site_url: str) -> dict[str, str]:
    """Settings for a platform that plays with the sandbox at `base_url` and may crawl the brand's site at `site_url`.

    FIRECRAWL_API_KEY and REMOVEBG_API_KEY are left out, so that Drumbeat's own crawler and model are used; see
    `firecrawl_environment` and `removebg_environment`.
    """
    base_url = base_url.rstrip("/")
    return {
        "SANDBOX_URL": base_url,
        "OPENROUTER_API_KEY": credentials.OPENROUTER_KEY,
        "OPENROUTER_BASE_URL": f"{base_url}/openrouter/api/v1",
        "PERPLEXITY_API_KEY": credentials.PERPLEXITY_KEY,
        "PERPLEXITY_BASE_URL": f"{base_url}/perplexity",
        "SEGMIND_API_KEY": credentials.SEGMIND_KEY,
        "SEGMIND_BASE_URL": f"{base_url}/segmind",
        "ELEVENLABS_API_KEY": credentials.ELEVENLABS_KEY,
        "ELEVENLABS_BASE_URL": f"{base_url}/elevenlabs",
        "X_CLIENT_ID": credentials.X_CLIENT_ID,
        "X_CLIENT_SECRET": credentials.X_CLIENT_SECRET,
        "X_API_BASE_URL": f"{base_url}/x",
        "X_AUTH_BASE_URL": f"{base_url}/x",
        "FETCH_ALLOW_HOSTS": urlsplit(site_url).netloc,
    }


def firecrawl_environment(base_url: str) -> dict[str, str]:
    """What to add to crawl through the played Firecrawl instead of Drumbeat's own crawler."""
    return {"FIRECRAWL_API_KEY": credentials.FIRECRAWL_KEY, "FIRECRAWL_BASE_URL": f"{base_url.rstrip('/')}/firecrawl/v2"}


def removebg_environment(base_url: str) -> dict[str, str]:
    """What to add to take backgrounds away by the played remove.bg instead of Drumbeat's own model."""
    return {"REMOVEBG_API_KEY": credentials.REMOVEBG_KEY, "REMOVEBG_BASE_URL": f"{base_url.rstrip('/')}/removebg/v1.0"}
