"""robots.txt of the origins that a crawl meets."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

from protego import Protego

from pipelines.crawl.addresses import origin_of

AGENT = "DrumbeatBot"
LARGEST_DELAY = 5.0  # seconds; a longer Crawl-delay is cut to this, the page limit keeps the load small
LARGEST_FILE = 2 * 1024 * 1024
OK, SERVER_FAILED = 200, 500
DISALLOW = re.compile(r"^\s*disallow\s*:\s*([^#\s]+)", re.I)
USER_AGENT = re.compile(r"^\s*user-agent\s*:\s*([^#]*?)\s*(?:#|$)", re.I)


class Answered(Protocol):
    @property
    def status(self) -> int: ...
    @property
    def content(self) -> bytes: ...


Get = Callable[[str, int], Answered]  # URL, most bytes


class Robots:
    """Rules by origin, each file read once. A server that fails on robots.txt forbids everything (RFC 9309).

    Methods raise what `get` raises the first time an origin cannot be read at all.
    """

    def __init__(self, get: Get) -> None:
        self._get = get
        self._texts: dict[str, str] = {}
        self._rules: dict[str, Protego] = {}

    def allows(self, url: str) -> bool:
        return bool(self._of(url).can_fetch(url, AGENT))

    def delay(self, url: str) -> float:
        """Seconds to leave between two requests."""
        return min(float(self._of(url).crawl_delay(AGENT) or 0.0), LARGEST_DELAY)

    def sitemaps(self, url: str) -> list[str]:
        return list(self._of(url).sitemaps)

    def forbidding_rule(self, url: str) -> str:
        """The line that forbids the URL, such as `Disallow: /`, with its group."""
        agent, in_agents = "*", False
        for line in self._texts.get(origin_of(url), "").splitlines():
            if named := USER_AGENT.match(line):
                agent = f"{agent}, {named.group(1)}" if in_agents else named.group(1)
                in_agents = True
                continue
            in_agents = in_agents and not line.strip()
            rule = DISALLOW.match(line)
            if rule and _concerns(agent) and _forbids(rule.group(1), url):
                return f"User-agent: {agent} / Disallow: {rule.group(1)}"
        return "one of its rules" if origin_of(url) in self._texts else "the server failed to give robots.txt, which forbids everything"

    def _of(self, url: str) -> Protego:
        origin = origin_of(url)
        if origin not in self._rules:
            self._rules[origin] = Protego.parse("User-agent: *\nDisallow: /")  # stays when reading fails, which is not tried again
            self._read(origin)
        return self._rules[origin]

    def _read(self, origin: str) -> None:
        answered = self._get(f"{origin}/robots.txt", LARGEST_FILE)
        if answered.status < SERVER_FAILED:
            self._texts[origin] = answered.content.decode("utf-8", "replace") if answered.status == OK else ""
            self._rules[origin] = Protego.parse(self._texts[origin])


def _forbids(rule: str, url: str) -> bool:
    """The cheap look at the beginning goes first: files of a hundred thousand rules exist."""
    begins = url.startswith(origin_of(url) + rule.split("*", maxsplit=1)[0].rstrip("$"))
    return begins and not Protego.parse(f"User-agent: *\nDisallow: {rule}").can_fetch(url, AGENT)


def _concerns(agents: str) -> bool:
    return any(agent.strip() == "*" or agent.strip().casefold() in AGENT.casefold() for agent in agents.split(","))
