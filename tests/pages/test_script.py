"""The script on a shop's own page, in a real browser: what it sends, and what it keeps to itself."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from sqlalchemy import select

from models import Event, Organization, WriteKey
from models.session import org_session
from tests.api.serving import served
from tests.pages.chromium import chromium, need_chromium
from tests.worker.jobs import until


@pytest.fixture(scope="module")
def drumbeat(database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server for all of these."""
    need_chromium()
    with served(tmp_path_factory.mktemp("script")) as url:
        yield url


@pytest.fixture
def shop(drumbeat: str, organization: Organization) -> Iterator[Callable[..., str]]:
    """`shop("data-consent='required'")` -> the address of a site whose pages carry the script."""
    attributes = [""]
    key = f"wk_{uuid.uuid4().hex}"

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f"<!doctype html><title>Shop</title><script src='{drumbeat}/t.js' data-key='{key}' {attributes[0]}></script>".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    with org_session(organization.id) as session:
        session.add(WriteKey(org_id=organization.id, name="Shop", key=key, origins=[url]))

    def address(more: str = "") -> str:
        attributes[0] = more
        return url

    yield address
    server.shutdown()
    server.server_close()


def events(organization: Organization, count: int) -> list[Event]:
    """The first so many events, once they are in."""

    def found() -> list[Event]:
        with org_session(organization.id) as session:
            return list(session.execute(select(Event).order_by(Event.received_at, Event.occurred_at)).scalars())

    until(lambda: len(found()) >= count)
    return found()


def test_a_visit_and_a_purchase(shop: Callable[..., str], organization: Organization) -> None:
    """UTM and click ids of the landing, inner pages that brought nobody, a conversion, one person all along."""
    with chromium(shop()) as watched:
        watched.open("/lamps?utm_source=newsletter&utm_medium=email&gclid=g1#top")
        watched.page.evaluate("history.pushState({}, '', '/checkout')")
        watched.page.evaluate("drumbeat.identify('account-7')")
        watched.page.evaluate("drumbeat.track('purchase', { value: 49.9, currency: 'EUR', event_id: 'order-1' })")
        found = {
            row.name if row.properties.get("utm") or row.kind == "conversion" else f"inner {row.name}": row
            for row in events(organization, 4)
        }
    landing, purchase = found["page_view"], found["purchase"]
    assert (landing.channel, landing.properties["click_ids"]) == ("email", {"gclid": "g1"})
    assert (found["inner page_view"].channel, found["inner identify"].channel) == (None, None)
    assert (purchase.event_id, str(purchase.value), purchase.currency) == ("order-1", "49.900000", "EUR")
    assert all(row.identity_key_id for row in found.values())


def test_a_click_is_not_in_the_address_that_people_share(shop: Callable[..., str], organization: Organization) -> None:
    """It is sent once and then taken out, the rest as it was written: whoever follows a copy is another person. It is no second visit."""
    with chromium(shop()) as watched:
        watched.open("/lamps?a=1;b=%20&dbclid=c1&utm_source=x#top")
        assert watched.page.evaluate("location.pathname + location.search + location.hash") == "/lamps?a=1;b=%20&utm_source=x#top"
        watched.page.evaluate("drumbeat.track('signup')")
        found = {row.name: row for row in events(organization, 2)}
    assert set(found) == {"page_view", "signup"}
    assert found["page_view"].properties["click_ids"] == {"dbclid": "c1"}
    assert "dbclid" not in found["signup"].properties["url"]


@pytest.mark.parametrize("signal", ["globalPrivacyControl", "doNotTrack"])
def test_a_browser_that_asks_not_to_be_tracked(shop: Callable[..., str], organization: Organization, signal: str) -> None:
    """Counted without id, click ids or query, and no cookie is set."""
    value = "true" if signal == "globalPrivacyControl" else "'1'"
    with chromium(shop()) as watched:
        watched.page.add_init_script(f"Object.defineProperty(navigator, '{signal}', {{ get: () => {value} }})")
        watched.open("/lamps?utm_source=x&gclid=g1&mail=ada")
        [row] = events(organization, 1)
        assert watched.page.evaluate("document.cookie") == ""
    assert (row.identity_key_id, row.channel, row.properties.get("click_ids")) == (None, "x", None)
    assert row.properties["url"].endswith("/lamps")


def test_consent_comes_first_where_it_is_asked_for(shop: Callable[..., str], organization: Organization) -> None:
    """Nobody before a yes; somebody after it; nobody again after a no, and the cookie is gone."""
    with chromium(shop("data-consent='required'")) as watched:
        watched.open("/")
        assert events(organization, 1)[0].identity_key_id is None
        watched.page.evaluate("drumbeat.consent(true)")
        assert events(organization, 2)[1].identity_key_id is not None
        watched.page.evaluate("drumbeat.consent(false)")
        events(organization, 3)
        watched.page.evaluate("drumbeat.track('signup')")
        last = events(organization, 4)[3]
        assert "db_id" not in watched.page.evaluate("document.cookie")
    assert (last.name, last.identity_key_id) == ("signup", None)
