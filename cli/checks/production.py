"""The checklist before a deployment serves people: security, database, variables, keys, monitoring."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from cli.checks.findings import Finding, fault, ok, warning
from cli.environment import GivenSettings, read_given
from cli.procfile import ROOT
from core.errors import NotConfigured
from core.settings import Settings, production_faults

LOCAL = ("localhost", "127.0.0.1", "::1", None)
NEEDED = {
    "openrouter_api_key": "writing text",
    "perplexity_api_key": "market research",
    "segmind_api_key": "making images",
    "elevenlabs_api_key": "making voice-overs",
    "aws_access_key_id": "storing files",
    "aws_secret_access_key": "storing files",
    "s3_bucket_name": "storing files",
}
USEFUL = {
    "firecrawl_api_key": "crawling by Firecrawl; our own crawler is used without it",
    "xai_api_key": "video analysis",
    "openai_api_key": "transcription",
    "convex_deploy_key": "real-time sync",
}


def check() -> Iterator[Finding]:
    try:
        given = read_given()
    except NotConfigured as error:
        for each in error.errors:
            yield fault(each["pointer"].lower(), each["detail"], "Correct it in the environment or in .env.")
        return
    yield from _refused(given)
    for one in (_environment, _database_url, _database_ssl, _origins, _public_url, _proxies):
        yield one(given)
    yield from _keys(given)
    yield _git_ignores_env()
    yield from _monitoring(given)
    yield warning("key rotation", "cannot be seen from here", "Rotate every API key that was ever exposed in development.")


def _refused(given: GivenSettings) -> Iterator[Finding]:
    """What the platform itself refuses in production."""
    for line in production_faults(given):
        name, _, _ = line.partition(" ")
        yield fault(name.lower(), line, f"Change {name}; the platform does not start with it in production.")
    if not production_faults(given):
        yield ok("secrets", "SECRET_KEY and ENCRYPTION_KEYS are set, no sandbox, no local origins")


def _environment(given: GivenSettings) -> Finding:
    if given.environment != "production":
        return fault("environment", f"ENVIRONMENT is {given.environment}", "Set ENVIRONMENT=production.")
    return ok("environment", "production")


def _database_url(given: GivenSettings) -> Finding:
    if "database_url" not in given.names:
        return fault("database_url", "DATABASE_URL is missing: the embedded Postgres would be used", "Set it to the production database.")
    if urlsplit(given.database_url).hostname in LOCAL:
        return warning(
            "database_url", "the database is on this machine", "Fine for one machine with backups; else name the production database."
        )
    return ok("database_url", f"on {urlsplit(given.database_url).hostname}")


def _database_ssl(given: GivenSettings) -> Finding:
    remote = urlsplit(given.database_url).hostname not in LOCAL
    if remote and not given.database_ssl:
        return fault("database_ssl", "DATABASE_SSL is off and the database is not on this machine", "Set DATABASE_SSL=true.")
    return ok("database_ssl", "on" if given.database_ssl else "off, the database is on this machine")


def _origins(given: GivenSettings) -> Finding:
    if not given.origins:
        return warning(
            "allowed_origins", "no origin may call the API from a browser", "Set ALLOWED_ORIGINS if another site's pages call the API."
        )
    if insecure := [origin for origin in given.origins if not origin.startswith("https://")]:
        return fault("allowed_origins", f"not https: {', '.join(insecure)}", "Name https:// origins only.")
    return ok("allowed_origins", ", ".join(given.origins))


def _public_url(given: GivenSettings) -> Finding:
    parts = urlsplit(given.public_url)
    if parts.scheme != "https" or parts.hostname in LOCAL:
        return fault("public_url", f"PUBLIC_URL is {given.public_url}", "Set it to the https address that people use.")
    return ok("public_url", given.public_url)


def _proxies(given: GivenSettings) -> Finding:
    """The API speaks no TLS itself: behind https stands a proxy, and unless it is believed all clients share its address."""
    if given.public_url.startswith("https://") and not given.trusted_proxies:
        return warning(
            "trusted_proxies",
            "TRUSTED_PROXIES is 0: all clients behind the proxy share one rate limit, and the audit log shows its address",
            "Set TRUSTED_PROXIES to the number of proxies that set X-Forwarded-For, -Proto and -Host.",
        )
    return ok("trusted_proxies", str(given.trusted_proxies))


def _keys(given: GivenSettings) -> Iterator[Finding]:
    for names, tell in ((NEEDED, fault), (USEFUL, warning)):
        for name, purpose in names.items():
            yield _key(given, name, purpose, tell)


def _key(given: Settings, name: str, purpose: str, tell: Callable[[str, str, str], Finding]) -> Finding:
    value = getattr(given, name)
    if value.get_secret_value() if isinstance(value, SecretStr) else value:
        return ok(name, "set")
    return tell(name, f"{name.upper()} is missing; needed for {purpose}", f"Set {name.upper()}.")


def _git_ignores_env(root: Path = ROOT) -> Finding:
    ignored = root / ".gitignore"
    if ignored.exists() and ".env" in ignored.read_text().split():
        return ok(".gitignore", ".env is listed")
    return fault(".gitignore", ".env is not listed: secrets could be committed", "Add the line .env to .gitignore.")


def _monitoring(given: GivenSettings) -> Iterator[Finding]:
    if given.sentry_dsn:
        yield ok("sentry_dsn", "set")
    else:
        yield warning("sentry_dsn", "errors are seen in the logs only", "Set SENTRY_DSN.")
    yield ok("audit_log_retention_days", f"{given.audit_log_retention_days} days")
    yield ok("rate limit", f"{given.rate_limit_requests} requests in {given.rate_limit_window} s")
