"""Small real web sites on loopback, and a language model that reads its answers from a script."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from pipelines.brand.dna import BrandDNA, Look, Voice
from pipelines.competitors.profile import Cited, CompetitorProfile, Finding
from pipelines.evidence.statements import Statement
from providers.contracts.crawl import CrawledPage
from providers.contracts.text import TextAnswer, TextRequest


@dataclass
class Served:
    """An answer of a site: `repeat` sends the body so many times, `seconds` passes before it."""

    body: bytes
    media_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    repeat: int = 1
    seconds: float = 0.0


class Site:
    """A web site at `url`; `asked` lists the paths in the order in which they were asked for."""

    def __init__(self) -> None:
        self.served: dict[str, Served] = {}
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}/"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def page(self, path: str, body: str, *, title: str = "", head: str = "") -> None:
        self.served[path] = Served(f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>".encode())

    def serve(self, path: str, body: bytes | str, media_type: str, **more: Any) -> None:
        self.served[path] = Served(body.encode() if isinstance(body, str) else body, media_type, **more)

    def redirect(self, path: str, location: str) -> None:
        self.served[path] = Served(b"", status=302, headers={"Location": location})

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                found = site.served.get(self.path) or site.served.get(self.path.partition("?")[0]) or Served(b"no such page", status=404)
                time.sleep(found.seconds)
                self.send_response(found.status)
                headers = {"Content-Type": found.media_type, "Content-Length": str(len(found.body) * found.repeat), **found.headers}
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self._send(found)

            def _send(self, found: Served) -> None:
                try:
                    for _ in range(found.repeat):
                        self.wfile.write(found.body)
                except OSError:
                    self.close_connection = True

            def log_message(self, format: str, *args: Any) -> None:
                """Keep the test output quiet."""

        return Handler


@pytest.fixture
def make_site(configure: Callable[..., None]) -> Iterator[Callable[[], Site]]:
    """`make_site()` -> an empty site that the guarded fetch may visit."""
    sites: list[Site] = []

    def make() -> Site:
        sites.append(Site())
        configure(FETCH_ALLOW_HOSTS=",".join(site.host for site in sites))
        return sites[-1]

    yield make
    for site in sites:
        site.close()


@pytest.fixture
def site(make_site: Callable[[], Site]) -> Site:
    return make_site()


class Script:
    """A text model that answers with the given texts, in order, and keeps the requests it got."""

    def __init__(self, *answers: str | dict[str, Any]) -> None:
        self._answers = [a if isinstance(a, str) else json.dumps(a) for a in answers]
        self.requests: list[TextRequest] = []

    def __call__(self, request: TextRequest) -> TextAnswer:
        self.requests.append(request)
        return TextAnswer(self._answers[len(self.requests) - 1], "script", Decimal("0.01"), f"gen-{len(self.requests)}")


HOME = CrawledPage(
    url="https://tallow.example/",
    title="Tallow & Wick",
    text="We pour candles by hand in Leeds.\n\nEvery candle burns for 40 hours.\n\nMade for people who read at night.",
    description="Hand-poured candles from Leeds.",
    language="en",
    headings=("Light that lasts",),
    colours=("#ffffff", "#b3541e", "#222222"),
    fonts=("Lora",),
    logo_candidates=("https://tallow.example/logo.svg",),
)
ABOUT = CrawledPage(
    url="https://tallow.example/about",
    title="About us",
    text="We never use paraffin.\n\nOur wicks are cotton, our jars come back to us and are filled again.",
    language="en",
    colours=("#ffffff", "#b3541e"),
)


@pytest.fixture
def pages() -> list[CrawledPage]:
    """A brand on two pages."""
    return [HOME, ABOUT]


def said(text: str, quote: str, url: str = HOME.url) -> dict[str, Any]:
    """A statement as a model writes it."""
    return {"text": text, "source": {"url": url, "quote": quote}}


@pytest.fixture
def brand() -> BrandDNA:
    """The DNA of the brand on `pages`."""
    return BrandDNA(
        name="Tallow & Wick",
        domain="tallow.example",
        language="en",
        summary=Statement.model_validate(said("A candle maker in Leeds", "We pour candles by hand in Leeds.")),
        voice=Voice(tone=[Statement.model_validate(said("calm", "Made for people who read at night."))], do=[], avoid=[]),
        audiences=[],
        products=[],
        values=[],
        taglines=[],
        colours=[Look(value="#b3541e", page=HOME.url)],
        fonts=[],
        logo=None,
        notes=[],
    )


@pytest.fixture
def competitors() -> list[CompetitorProfile]:
    """One competitor with one cited finding."""
    cited = Cited(url="https://reviews.example/candles", title="Candles compared")
    return [CompetitorProfile(name="Brightly", url=None, findings=[Finding(text="Sells in 30 countries.", citations=[cited])])]
