"""Events from browsers: keys bound to sites, what a page may say, links that count and lead nowhere else."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select, text

from models import Event, Organization
from models.session import engine_session, org_session
from tests.api.conftest import Answer, Api

SITE = "https://shop.example"
PERSON = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0"}


@pytest.fixture
def write_key(admin: Api) -> str:
    answer = admin.post("/v1/write-keys", {"name": "Shop", "origins": [f"{SITE}/"]})
    assert answer.status_code == 201
    return str(answer.json["key"])


def beacon(api: Api, key: str, *, headers: dict[str, str] | None = None, **changes: Any) -> Answer:
    """What the script sends: JSON under the name of plain text."""
    one = {"event_id": uuid.uuid4().hex, "kind": "touchpoint", "name": "page_view", "occurred_at": datetime.now(UTC).isoformat()}
    body = json.dumps({"key": key, "events": [{**one, "anonymous_id": "browser-1", **changes}]})
    sent = {"Origin": SITE, "Content-Type": "text/plain;charset=UTF-8"} | (headers or {})
    return api.post("/v1/collect", data=body, headers=sent)


def events(organization: Organization) -> list[Event]:
    with org_session(organization.id) as session:
        return list(session.execute(select(Event).order_by(Event.occurred_at)).scalars())


def test_a_page_s_visit_comes_in(anonymous: Api, write_key: str, organization: Organization) -> None:
    """Without a login; the channel is read off the UTM parameters."""
    assert beacon(anonymous, write_key, utm={"source": "newsletter", "medium": "email"}).status_code == 204
    [row] = events(organization)
    assert (row.channel, row.identity_key_id is not None) == ("email", True)


@pytest.mark.parametrize("origin", ["https://evil.example", "http://shop.example", "https://shop.example.evil.example", "null", ""])
def test_a_key_serves_its_sites_only(anonymous: Api, write_key: str, organization: Organization, origin: str) -> None:
    """A page of another site cannot send with it."""
    assert beacon(anonymous, write_key, headers={"Origin": origin}).status_code == 403
    assert events(organization) == []


def test_refused_pages_do_not_fill_the_audit_log(anonymous: Api, admin: Api, write_key: str) -> None:
    """Anybody may send from a wrong site a thousand times."""
    count = text("SELECT count(*) FROM audit_entries WHERE action = 'collect.collect'")
    assert beacon(anonymous, write_key, headers={"Origin": "https://evil.example"}).status_code == 403
    with engine_session() as session:
        assert session.execute(count).scalar_one() == 0


@pytest.mark.parametrize("key", ["wk_unknown", "", "wk_\x00", None])
def test_an_unknown_key_is_refused(anonymous: Api, database_url: str, key: Any) -> None:
    """422, with a pointer at the key."""
    answer = beacon(anonymous, key)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/key")


def test_a_revoked_key_is_unknown(anonymous: Api, admin: Api, write_key: str) -> None:
    """From the moment it is deleted."""
    [row] = admin.get("/v1/write-keys").json["items"]
    assert admin.delete(f"/v1/write-keys/{row['id']}").status_code == 204
    assert beacon(anonymous, write_key).status_code == 422


def test_a_page_cannot_speak_for_a_server(
    anonymous: Api, write_key: str, organization: Organization, make_campaign: Callable[..., str]
) -> None:
    """Addresses and ids of campaigns are not believed from a page."""
    assert beacon(anonymous, write_key, email="ada@lumen.example", campaign_id=make_campaign()).status_code == 204
    [row] = events(organization)
    assert row.campaign_id is None


@pytest.mark.parametrize("header", ["Sec-GPC", "DNT"])
def test_a_browser_that_asks_not_to_be_tracked_is_nobody(anonymous: Api, write_key: str, organization: Organization, header: str) -> None:
    """Counted, without identity, whatever the page sent."""
    assert beacon(anonymous, write_key, headers={header: "1"}, click_ids={"gclid": "c"}).status_code == 204
    [row] = events(organization)
    assert (row.identity_key_id, "click_ids" in row.properties) == (None, False)


@pytest.mark.parametrize("body", ["[]", "{", json.dumps({"key": 1, "events": [{}] * 21})])
def test_rubbish_is_refused(anonymous: Api, database_url: str, body: str) -> None:
    """A public route takes nothing on trust."""
    assert anonymous.post("/v1/collect", data=body, headers={"Origin": SITE}).status_code in (400, 422)


def test_large_bodies_are_refused(anonymous: Api, write_key: str) -> None:
    """A page has little to say."""
    assert beacon(anonymous, write_key, properties={"x": "y" * 70_000}).status_code == 413


@pytest.mark.parametrize(
    "origin",
    [
        "shop.example",
        "https://shop.example/path",
        "ftp://shop.example",
        "https://",
        "https://u@shop.example",
        "https://a:b",
        "https://münchen.example",
    ],
)
def test_what_is_no_origin_is_refused(admin: Api, origin: str) -> None:
    """A key for half an address would be a key for nothing."""
    assert admin.post("/v1/write-keys", {"name": "Shop", "origins": [origin]}).status_code == 422


@pytest.mark.parametrize("said", ["https://Shop.example:443/", "https://shop.example"])
def test_an_origin_is_kept_as_browsers_send_it(anonymous: Api, admin: Api, said: str) -> None:
    """No browser names the usual port: a key for it would serve no page at all."""
    made = admin.post("/v1/write-keys", {"name": "Shop", "origins": [said]}).json
    assert made["origins"] == [SITE]
    assert beacon(anonymous, made["key"]).status_code == 204


def test_the_script_may_be_loaded_by_other_sites(anonymous: Api) -> None:
    """Served as JavaScript, cacheable, readable across origins; it respects the browser's signals."""
    answer = anonymous.get("/t.js")
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert (answer.headers["Cross-Origin-Resource-Policy"], answer.headers["Cache-Control"]) == ("cross-origin", "public, max-age=3600")
    assert "globalPrivacyControl" in answer.text


@pytest.fixture
def make_link(admin: Api) -> Callable[..., dict[str, Any]]:
    def make(**changes: Any) -> dict[str, Any]:
        answer = admin.post(
            "/v1/links", {"target": "https://shop.example/lamps?colour=red&utm_source=mine#top", "channel": "Newsletter", **changes}
        )
        assert answer.status_code == 201, answer.json
        found: dict[str, Any] = answer.json
        return found

    return make


def follow(api: Api, link: dict[str, Any], **headers: str) -> Answer:
    return api.get(f"/l/{link['code']}", headers={**PERSON, **headers})


def test_a_click_is_counted_and_led_on(
    anonymous: Api, admin: Api, organization: Organization, make_link: Callable[..., dict[str, Any]], make_campaign: Callable[..., str]
) -> None:
    """To the target, its own parameters kept, UTM parameters and a click id added; a touchpoint of the link's channel."""
    campaign = make_campaign()
    link = make_link(campaign_id=campaign, utm={"campaign": "autumn"})
    answer = follow(anonymous, link)
    assert answer.status_code == 302
    to = urlsplit(answer.headers["Location"])
    query = parse_qs(to.query)
    assert (to.netloc, to.path, to.fragment) == ("shop.example", "/lamps", "top")
    assert (query["colour"], query["utm_source"], query["utm_campaign"]) == (["red"], ["mine"], ["autumn"])
    [row] = events(organization)
    assert (row.name, row.channel, str(row.campaign_id), row.properties["link"]) == ("click", "newsletter", campaign, link["code"])
    assert row.properties["click_ids"] == {"dbclid": query["dbclid"][0]}
    assert admin.get("/v1/links").json["items"][0]["clicks"] == 1


@pytest.mark.parametrize(
    ("query", "kept"), [("q=caf%E9&flag&a=1;b=2", "q=caf%E9&flag&a=1;b=2&"), ("x=%20+y&%zz=%", "x=%20+y&%zz=%&"), ("", "")]
)
def test_a_target_s_query_stays_as_it_is_written(anonymous: Api, make_link: Callable[..., dict[str, Any]], query: str, kept: str) -> None:
    """Bytes of other encodings, names without a value, signs that need no escape: a signed address would be wrong otherwise."""
    link = make_link(target=f"https://shop.example/lamps?{query}#top")
    assert follow(anonymous, link).headers["Location"].startswith(f"https://shop.example/lamps?{kept}utm_source=newsletter&dbclid=")


def test_a_copied_click_id_is_replaced(anonymous: Api, make_link: Callable[..., dict[str, Any]]) -> None:
    """A target that was copied from the address bar after a click: its click is somebody's, and everybody else would become them."""
    link = make_link(target="https://shop.example/lamps?dbclid=somebody&colour=red")
    ids = [parse_qs(urlsplit(follow(anonymous, link).headers["Location"]).query)["dbclid"] for _ in range(2)]
    assert len(ids[0]) == len(ids[1]) == 1
    assert len({"somebody", ids[0][0], ids[1][0]}) == 3


def test_a_click_and_the_visit_after_it_are_one_person_and_one_touchpoint(
    anonymous: Api, write_key: str, organization: Organization, make_link: Callable[..., dict[str, Any]]
) -> None:
    """The click id in the address joins the two; the landing brought nobody that the click had not."""
    query = parse_qs(urlsplit(follow(anonymous, make_link()).headers["Location"]).query)
    beacon(anonymous, write_key, click_ids={"dbclid": query["dbclid"][0]}, utm={"source": "newsletter"})
    with org_session(organization.id) as session:
        people = session.execute(select(Event.name, Event.channel)).all()
        from models import IdentityKey

        persons = set(session.execute(select(IdentityKey.person_id)).scalars())
    assert sorted(map(tuple, people)) == [("click", "newsletter"), ("page_view", None)]
    assert len(persons) == 1


@pytest.mark.parametrize(
    "headers", [{"User-Agent": "Googlebot/2.1"}, {"Sec-Purpose": "prefetch"}, {"User-Agent": "facebookexternalhit/1.1"}]
)
def test_machines_are_led_on_uncounted(
    anonymous: Api, organization: Organization, make_link: Callable[..., dict[str, Any]], headers: dict[str, str]
) -> None:
    """Crawlers, previews and prefetches click nothing."""
    answer = follow(anonymous, make_link(), **headers)
    assert (answer.status_code, "dbclid" in answer.headers["Location"]) == (302, False)
    assert events(organization) == []


def test_a_private_browser_clicks_as_nobody(anonymous: Api, organization: Organization, make_link: Callable[..., dict[str, Any]]) -> None:
    """Counted without identity, and without a click id in the address."""
    answer = follow(anonymous, make_link(), **{"Sec-GPC": "1"})
    assert "dbclid" not in answer.headers["Location"]
    assert [row.identity_key_id for row in events(organization)] == [None]


@pytest.mark.parametrize("code", ["nothing", "https:%2F%2Fevil.example", "%00"])
def test_an_unknown_link_leads_nowhere(anonymous: Api, database_url: str, code: str) -> None:
    """Only what an organisation stored is led to."""
    assert anonymous.get(f"/l/{code}", headers=PERSON).status_code == 404


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "//evil.example",
        "https://a b.example",
        "ftp://x.example",
        "https://u:p@x.example",
        "https://x.example/\r\nX: y",
    ],
)
def test_a_link_leads_to_web_addresses_only(admin: Api, target: str) -> None:
    """No scripts, no hidden users, no line breaks into the header."""
    assert admin.post("/v1/links", {"target": target, "channel": "x"}).status_code == 422


def test_a_link_cannot_name_another_organisation_s_campaign(stranger: Api, make_campaign: Callable[..., str]) -> None:
    """Nor a post: neither exists there."""
    body = {"target": SITE, "channel": "x", "campaign_id": make_campaign()}
    assert stranger.post("/v1/links", body).status_code == 404


def test_the_organisation_says_its_currency_and_zone(admin: Api) -> None:
    """Both are checked, and a change of one leaves the others."""
    assert admin.patch("/v1/organization", {"currency": "EUR", "zone": "Europe/Berlin"}).json["currency"] == "EUR"
    shown = admin.get("/v1/organization").json
    assert (shown["zone"], shown["name"]) == ("Europe/Berlin", "Test organisation")
    assert admin.patch("/v1/organization", {"zone": "Europe/Bielefeld", "currency": "euro"}).json["errors"][0]["pointer"] in (
        "/zone",
        "/currency",
    )
