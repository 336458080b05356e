"""Events from browsers: keys bound to sites, what a page may say, links that count and lead nowhere else."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select, text

from api.experiments.exposure_buffer import buffer
from models import Event, Organization
from models.session import engine_session, org_session
from tests.api.conftest import Answer, Api
from tests.api.experiments.designs import EXPERIMENT

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


COOKIE = "db_visitor"
PAGES = {"red": "https://shop.example/red?size=2", "blue": {"url": "https://shop.example/blue"}}


@pytest.fixture
def make_rotation(admin: Api) -> Callable[..., str]:
    """`make_rotation(start=True, coverage=0.5)` -> the id of an experiment whose variants are pages."""

    def make(api: Api = admin, start: bool = True, **changes: Any) -> str:
        variants = [{"key": "red", "weight": 0.75, "value": PAGES["red"]}, {"key": "blue", "weight": 0.25, "value": PAGES["blue"]}]
        answer = api.post("/v1/experiments", EXPERIMENT | {"key": f"e-{uuid.uuid4().hex[:8]}", "variants": variants} | changes)
        assert answer.status_code == 201, answer.json
        if start:
            assert api.post(f"/v1/experiments/{answer.json['id']}/start").status_code == 200
        return str(answer.json["id"])

    return make


def page_of(answer: Answer) -> str:
    """The path that a redirect leads to."""
    assert (answer.status_code, answer.headers["Cache-Control"]) == (302, "no-store")
    return urlsplit(answer.headers["Location"]).path


def visitor_of(api: Api) -> str:
    """The cookie that the browser keeps, which becomes another browser after that; empty without one."""
    kept = api.http.get_cookie(COOKIE, path="/l/")
    api.http.delete_cookie(COOKIE, path="/l/")
    return kept.value if kept else ""


def exposed(experiment: str) -> dict[str, str]:
    buffer().flush()
    with engine_session() as session:
        rows = session.execute(text("SELECT unit, variant FROM experiment_exposures WHERE experiment_id = :e"), {"e": experiment})
        return {row.unit: row.variant for row in rows}


def test_a_rotating_link_knows_its_visitor_again(
    anonymous: Api, admin: Api, make_link: Callable[..., dict[str, Any]], make_rotation: Callable[..., str]
) -> None:
    """By a cookie for short links only: the same page each time, one exposure, and the address as a target's would be."""
    link = make_link(experiment_id=(experiment := make_rotation()), utm={"campaign": "autumn"})
    assert link["experiment_id"] == admin.get("/v1/links").json["items"][0]["experiment_id"] == experiment
    first = follow(anonymous, link)
    said = first.headers["Set-Cookie"]
    assert all(word in said for word in ("HttpOnly", "SameSite=Lax", "Path=/l/", "Max-Age=31536000")) and "Secure" not in said
    assert "Secure" in anonymous.get(f"/l/{link['code']}", headers=PERSON, base_url="https://localhost").headers["Set-Cookie"]
    assert {page_of(follow(anonymous, link)) for _ in range(10)} == {page_of(first)}
    variant = page_of(first)[1:]
    query = parse_qs(urlsplit(first.headers["Location"]).query)
    assert (query["utm_source"], query["utm_campaign"], query["utm_content"]) == (["newsletter"], ["autumn"], [variant])
    assert ("dbclid" in query, query.get("size")) == (True, ["2"] if variant == "red" else None)
    assert list(exposed(experiment).values()) == [variant]


def test_a_link_s_own_content_stays(anonymous: Api, make_link: Callable[..., dict[str, Any]], make_rotation: Callable[..., str]) -> None:
    """The variant's key is said only where nothing else is."""
    link = make_link(experiment_id=make_rotation(), utm={"content": "footer"})
    assert parse_qs(urlsplit(follow(anonymous, link).headers["Location"]).query)["utm_content"] == ["footer"]


def test_visitors_are_shared_out_as_the_experiment_says(
    anonymous: Api, admin: Api, make_link: Callable[..., dict[str, Any]], make_rotation: Callable[..., str]
) -> None:
    """Each to the page that /assign names for the visitor; about by the weights, and to the target outside the coverage."""
    link = make_link(experiment_id=(experiment := make_rotation(coverage=0.8)))
    led = {visitor_of(anonymous): page for page in (page_of(follow(anonymous, link)) for _ in range(200))}
    asked = {"units": [{"id": visitor} for visitor in led], "record": False}
    variants = {one["unit"]: one["variant"] for one in admin.post(f"/v1/experiments/{experiment}/assign", asked).json["assignments"]}
    assert led == {visitor: f"/{variant or 'lamps'}" for visitor, variant in variants.items()}
    assert exposed(experiment) == {visitor: variant for visitor, variant in variants.items() if variant}
    shares = Counter(led.values())
    assert abs(shares["/red"] - 120) < 35 and abs(shares["/blue"] - 40) < 28 and abs(shares["/lamps"] - 40) < 28


@pytest.mark.parametrize("given", ["", "nonsense", "00000000-0000-0000-0000-000000000000"])
def test_a_strange_cookie_is_replaced(
    anonymous: Api, make_link: Callable[..., dict[str, Any]], make_rotation: Callable[..., str], given: str
) -> None:
    """Only a random id of ours tells visitors apart."""
    anonymous.http.set_cookie(COOKIE, given, path="/l/")
    follow(anonymous, make_link(experiment_id=(experiment := make_rotation())))
    assert list(exposed(experiment)) == [kept := visitor_of(anonymous)]
    assert uuid.UUID(kept).version == 4 and kept != given


@pytest.mark.parametrize("kind", ["ab", "bandit"])
def test_a_purchase_after_a_rotating_link_counts_for_its_variant(
    anonymous: Api, admin: Api, make_link: Callable[..., dict[str, Any]], make_rotation: Callable[..., str], kind: str
) -> None:
    """Known by nothing but the click id in the address, as the page sends it; one who bought and one who did not."""
    link = make_link(experiment_id=(experiment := make_rotation(kind=kind)))
    bought = follow(anonymous, link)
    assert visitor_of(anonymous)
    left = follow(anonymous, link)
    units = exposed(experiment)
    click = parse_qs(urlsplit(bought.headers["Location"]).query)["dbclid"][0]
    event = {"event_id": "o1", "kind": "conversion", "name": "purchase", "occurred_at": datetime.now(UTC).isoformat(), "value": "49.90"}
    assert admin.post("/v1/events", {"events": [{**event, "click_ids": {"dbclid": click}}]}).json["accepted"] == 1
    arms = admin.get(f"/v1/experiments/{experiment}/results?metric=purchase").json["metrics"][0]["arms"]
    assert {arm["variant"]: arm["total"] for arm in arms if arm["total"]} == {page_of(bought)[1:]: 1}
    assert {arm["variant"]: arm["units"] for arm in arms if arm["units"]} == Counter(units.values())
    assert len(units) == 2 and page_of(left)[1:] in units.values()


@pytest.mark.parametrize("headers", [{"Sec-GPC": "1"}, {"DNT": "1"}, {"User-Agent": "Googlebot/2.1"}, {"Sec-Purpose": "prefetch"}])
def test_who_refuses_and_what_is_no_person_take_no_part(
    anonymous: Api, make_link: Callable[..., dict[str, Any]], make_rotation: Callable[..., str], headers: dict[str, str]
) -> None:
    """The plain target, no cookie, no exposure, whatever an earlier visit left."""
    link = make_link(experiment_id=(experiment := make_rotation()))
    anonymous.http.set_cookie(COOKIE, str(uuid.uuid4()), path="/l/")
    answer = follow(anonymous, link, **headers)
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert (page_of(answer), "Set-Cookie" in answer.headers, exposed(experiment)) == ("/lamps", False, {})
    assert not {"dbclid", "utm_content"} & query.keys()


def test_before_the_start_and_after_the_stop_nobody_is_split(
    anonymous: Api, admin: Api, make_link: Callable[..., dict[str, Any]], make_rotation: Callable[..., str]
) -> None:
    """A draft leads to the target, a stopped one everybody to its winner, an archived one to the target again."""
    link = make_link(experiment_id=(experiment := make_rotation(start=False)))
    path = f"/v1/experiments/{experiment}"

    def led(*, winner: str | None = None, **headers: str) -> str:
        answer = follow(anonymous, link, **headers)
        content = parse_qs(urlsplit(answer.headers["Location"]).query).get("utm_content")
        assert ("Set-Cookie" in answer.headers, content) == (False, [winner] if winner else None)
        return page_of(answer)

    assert led() == "/lamps"
    admin.post(f"{path}/start")
    assert page_of(follow(anonymous, link)) in ("/red", "/blue")
    seen = exposed(experiment)
    assert admin.post(f"{path}/stop", {"winner": "blue"}).status_code == 200
    assert {led(winner="blue"), led(winner="blue", DNT="1"), led(winner="blue", **{"User-Agent": "Googlebot/2.1"})} == {"/blue"}
    assert exposed(experiment) == seen
    assert admin.post(f"{path}/archive").status_code == 200
    assert led() == "/lamps"


def test_a_stop_without_a_winner_leads_to_the_target(
    anonymous: Api, admin: Api, make_link: Callable[..., dict[str, Any]], make_rotation: Callable[..., str]
) -> None:
    """Nobody decided for a page."""
    link = make_link(experiment_id=(experiment := make_rotation()))
    admin.post(f"/v1/experiments/{experiment}/stop", {})
    assert page_of(follow(anonymous, link)) == "/lamps"


def test_a_deleted_experiment_leaves_the_link(
    anonymous: Api, admin: Api, make_link: Callable[..., dict[str, Any]], make_rotation: Callable[..., str]
) -> None:
    """It leads to its target."""
    link = make_link(experiment_id=(experiment := make_rotation(start=False)))
    assert admin.delete(f"/v1/experiments/{experiment}").status_code == 204
    assert page_of(follow(anonymous, link)) == "/lamps"
    assert admin.get("/v1/links").json["items"][0]["experiment_id"] is None


def test_an_address_that_was_taken_out_of_the_draft_splits_nobody(
    anonymous: Api, admin: Api, make_link: Callable[..., dict[str, Any]], make_rotation: Callable[..., str]
) -> None:
    """Those of the other variant alone would be no fair sample, and a script is never led to."""
    link = make_link(experiment_id=(experiment := make_rotation(start=False)))
    variants = [{"key": "red", "value": PAGES["red"]}, {"key": "blue", "value": "javascript:alert(1)"}]
    assert admin.patch(f"/v1/experiments/{experiment}", {"variants": variants}).status_code == 200
    admin.post(f"/v1/experiments/{experiment}/start")
    assert ({page_of(follow(anonymous, link)) for _ in range(5)}, exposed(experiment)) == ({"/lamps"}, {})
    admin.post(f"/v1/experiments/{experiment}/stop", {"winner": "blue"})
    assert page_of(follow(anonymous, link)) == "/lamps"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": "holdout"}, "is a holdout"),
        ({"condition": {"country": "NL"}}, "chooses visitors by attributes"),
        ({"variants": [{"key": "red", "value": PAGES["red"]}, {"key": "blue"}]}, "has no address in 'blue'; give each variant a value"),
        ({"variants": [{"key": "red", "value": "/red"}, {"key": "blue", "value": {"url": "ftp://x"}}]}, "has no address in 'red', 'blue'"),
        ({"variants": [{"key": "red", "value": PAGES["red"]}, {"key": "blue", "value": "https://u:p@x.example"}]}, "in 'blue'"),
    ],
)
def test_a_link_rotates_among_addresses_only(admin: Api, make_rotation: Callable[..., str], changes: dict[str, Any], said: str) -> None:
    """422 with the variants that lead nowhere, and what to do."""
    answer = admin.post("/v1/links", {"target": SITE, "channel": "x", "experiment_id": make_rotation(start=False, **changes)})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/experiment_id")
    assert said in answer.json["errors"][0]["detail"]


def test_a_link_cannot_rotate_by_what_is_archived_or_another_organisation_s(
    admin: Api, stranger: Api, make_rotation: Callable[..., str]
) -> None:
    """Neither by an id that nobody has."""
    experiment = make_rotation()
    body = {"target": SITE, "channel": "x"}
    for unknown in (make_rotation(stranger), str(uuid.uuid4())):
        refused = admin.post("/v1/links", {**body, "experiment_id": unknown})
        assert (refused.status_code, refused.json["errors"][0]["detail"]) == (422, "is no experiment of yours")
    admin.post(f"/v1/experiments/{experiment}/stop", {})
    admin.post(f"/v1/experiments/{experiment}/archive")
    assert "is archived" in admin.post("/v1/links", {**body, "experiment_id": experiment}).json["errors"][0]["detail"]


def test_the_organisation_says_its_currency_and_zone(admin: Api) -> None:
    """Both are checked, and a change of one leaves the others."""
    assert admin.patch("/v1/organization", {"currency": "EUR", "zone": "Europe/Berlin"}).json["currency"] == "EUR"
    shown = admin.get("/v1/organization").json
    assert (shown["zone"], shown["name"]) == ("Europe/Berlin", "Test organisation")
    assert admin.patch("/v1/organization", {"zone": "Europe/Bielefeld", "currency": "euro"}).json["errors"][0]["pointer"] in (
        "/zone",
        "/currency",
    )
