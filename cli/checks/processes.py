"""The running platform: the API, a worker on every pool, Flower behind its login."""

from __future__ import annotations

from collections.abc import Iterator

import requests

from cli.checks.findings import Finding, fault, ok, warning
from core.errors import DrumbeatError, NotConfigured
from core.settings import get_settings

POOLS = ("io", "cpu", "gpu")
START = "Start it: ./drumbeat up, or the process of the Procfile."


def check() -> Iterator[Finding]:
    try:
        settings = get_settings()
    except NotConfigured:
        return
    yield _api(settings.public_url.rstrip("/"))
    yield from _workers()
    if settings.flower_url:
        yield _flower(settings.flower_url)


def _api(url: str) -> Finding:
    try:
        answer = requests.get(f"{url}/readyz", timeout=5)
    except requests.RequestException:
        return fault("api", f"nothing answers at {url}", f"{START} PUBLIC_URL names the address.")
    if not answer.ok:
        return fault(
            "api", f"{url}/readyz answers {answer.status_code}: {answer.text[:200]}", "See what it names; the API's log tells more."
        )
    return ok("api", f"ready at {url}")


def _workers() -> Iterator[Finding]:
    from worker import reading

    try:
        alive = [worker for worker in reading.workers() if worker["alive"]]
    except DrumbeatError as error:
        yield fault("workers", error.detail, "Mend the database first.")
        return
    for pool in POOLS:
        members = [worker for worker in alive if worker["pool"] == pool]
        slots = sum(worker["slots"] for worker in members)
        if members:
            yield ok(f"pool {pool}", f"{len(members)} worker(s), {slots} slot(s)")
        else:
            yield fault(f"pool {pool}", "no worker: its steps wait", START)


def _flower(url: str) -> Finding:
    try:
        open_to_all = requests.get(f"{url.rstrip('/')}/workers", timeout=5, allow_redirects=False).status_code == 200
    except requests.RequestException:
        return warning("flower", f"nothing answers at {url}", START)
    if open_to_all:
        return fault("flower", f"{url} shows everything without a login", "Set FLOWER_BASIC_AUTH=user:password and start Flower again.")
    return ok("flower", f"behind a login at {url}")
