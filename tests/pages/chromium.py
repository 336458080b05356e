"""Debian's Chromium, driven by Playwright, and what a page must never do in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, sync_playwright

PROGRAM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Watched:
    """A page, and everything about it that should not have happened."""

    page: Page
    url: str
    faults: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        self.page.goto(self.url + path)

    def is_too_wide(self) -> bool:
        """Whether one has to scroll sideways."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def need_chromium() -> None:
    """Skips without Chromium, and fails where it must not be missing."""
    if PROGRAM.exists():
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"{PROGRAM} is missing, and CI=true: apt-get install chromium")
    pytest.skip(f"NOT TESTED in a browser: {PROGRAM} is missing (apt-get install chromium)")


@contextmanager
def chromium(url: str, *, width: int = 1280, height: int = 800) -> Iterator[Watched]:
    """A fresh browser on `url`: console errors, blocked content and calls to other hosts are noted as faults."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(PROGRAM), args=ARGUMENTS)
        try:
            page = browser.new_context(viewport={"width": width, "height": height}).new_page()
            watched = Watched(page, url)
            _watch(watched)
            yield watched
        finally:
            browser.close()


def _watch(watched: Watched) -> None:
    page, faults, host = watched.page, watched.faults, urlsplit(watched.url).netloc
    page.on("console", lambda message: faults.append(f"console: {message.text}") if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))
    page.on("request", lambda request: faults.append(f"elsewhere: {request.url}") if _is_elsewhere(request.url, host) else None)


def _is_elsewhere(url: str, host: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != host
