"""Performance and the import of figures: totals that are the sum of their parts, days of the organisation's zone, safe CSV."""

from __future__ import annotations

import csv
import io
import time
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.analytics.performance import OTHERS, Figures, earlier, ranked, spread, total
from tests.api import rows
from tests.api.conftest import Api
from tests.people import Person

BERLIN = ZoneInfo("Europe/Berlin")
PERIOD = "start=2026-10-20&end=2026-10-31"
CSV = "date,channel,campaign_id,spend,impressions,clicks\n2026-10-24,X,{campaign},10.50,1000,20\n2026-10-25,email,,4.5,0,8\n"


def import_csv(api: Api, content: str, query: str = "") -> Any:
    return api.call("POST", f"/v1/metrics/import{query}", data=content.encode(), content_type="text/csv")


def event(occurred_at: datetime, **changes: Any) -> dict[str, Any]:
    plain = {"event_id": uuid.uuid4().hex, "kind": "touchpoint", "name": "visit", "occurred_at": occurred_at.isoformat()}
    return plain | changes


def performance(api: Api, query: str) -> Any:
    answer = api.get(f"/v1/analytics/performance?{query}")
    assert answer.status_code == 200, answer.json
    return answer.json


@pytest.fixture
def market(admin: Api, make_campaign: Callable[..., str]) -> str:
    """Figures of a campaign: imported spend, touchpoints, conversions that name a channel, follow one, or come out of nowhere."""
    campaign = make_campaign(name="=Autumn")
    assert admin.patch("/v1/organization", {"zone": "Europe/Berlin", "currency": "EUR"}).status_code == 200
    assert import_csv(admin, CSV.format(campaign=campaign)).status_code == 200
    noon = datetime(2026, 10, 24, 12, tzinfo=BERLIN)
    sale = {"kind": "conversion", "name": "purchase", "currency": "EUR"}
    events = [
        event(noon, channel="x", campaign_id=campaign, anonymous_id="a"),
        event(noon + timedelta(hours=1), anonymous_id="a", user_id="u", **sale, value="40"),
        event(noon + timedelta(hours=2), channel="email", **sale, value="15.25"),
        event(noon + timedelta(hours=3), **sale, value="5"),
        event(noon + timedelta(hours=4), **sale | {"currency": "USD"}, value="99"),
    ]
    assert admin.post("/v1/events", {"events": events}).json["accepted"] == 5
    return campaign


def test_figures_by_channel(admin: Api, market: str) -> None:
    """A conversion counts for what it names, else for its person's last touchpoint, else for a row of its own."""
    found = performance(admin, f"{PERIOD}&by=channel")
    rows = {row["key"]: row for row in found["rows"]}
    assert [(key, rows[key]["conversions"], Decimal(rows[key]["revenue"])) for key in rows] == [
        ("x", 1, Decimal(40)), ("email", 1, Decimal("15.25")), (None, 2, Decimal(5))
    ]  # fmt: skip
    assert (rows["x"]["ctr"], rows["x"]["cvr"], rows["x"]["cpa"], rows["x"]["roas"]) == (0.02, 0.05, 10.5, 3.809524)
    assert (rows[None]["label"], rows[None]["roas"]) == ("not assigned", None)
    assert (found["currency"], found["zone"]) == ("EUR", "Europe/Berlin")
    assert {one["currency"]: one["revenue"] for one in found["not_converted"]} == {"USD": "99.000000"}


@pytest.mark.parametrize("narrowed", ["", "&channel=x", "&campaign_id={}"])
def test_totals_are_the_same_however_they_are_cut(admin: Api, market: str, narrowed: str) -> None:
    """By day, channel, campaign and post: each table's rows sum to its totals, and the totals agree."""
    tables = [performance(admin, f"{PERIOD}&by={by}{narrowed.format(market)}") for by in ("day", "channel", "campaign", "post")]
    for name in ("spend", "impressions", "clicks", "visits", "conversions", "revenue"):
        sums = {sum(Decimal(row[name]) for row in one["rows"]) for one in tables}
        assert sums == {Decimal(one["totals"][name]) for one in tables}
        assert len(sums) == 1


def test_days_begin_at_midnight_of_the_zone(admin: Api) -> None:
    """25 October 2026 has 25 hours in Berlin: all of them count to it, and not a minute more."""
    admin.patch("/v1/organization", {"zone": "Europe/Berlin"})
    first = datetime(2026, 10, 25, tzinfo=BERLIN).astimezone(ZoneInfo("UTC"))
    moments = [first - timedelta(minutes=1), first, first + timedelta(hours=24, minutes=59), first + timedelta(hours=25)]
    admin.post("/v1/events", {"events": [event(moment, channel="x") for moment in moments]})
    found = performance(admin, "start=2026-10-24&end=2026-10-26")
    assert [(row["key"], row["visits"]) for row in found["rows"]] == [("2026-10-24", 1), ("2026-10-25", 2), ("2026-10-26", 1)]
    assert performance(admin, "start=2026-10-25&end=2026-10-25")["totals"]["visits"] == 2


def test_a_period_is_compared_with_the_one_before(admin: Api, market: str) -> None:
    """As long, right before; days by their place, channels by their name."""
    days = performance(admin, "start=2026-10-25&end=2026-10-25&compare=previous")
    assert (days["compared"]["start"], days["compared"]["totals"]["conversions"]) == ("2026-10-24", 4)
    assert days["rows"][0]["before"]["conversions"] == 4
    channels = performance(admin, "start=2026-10-25&end=2026-10-25&compare=previous&by=channel")
    assert {row["key"]: row["before"]["clicks"] for row in channels["rows"]} == {"email": 0}
    assert channels["compared"]["totals"]["clicks"] == 20


@pytest.mark.parametrize("said", ["X", " x ", "x"])
def test_a_channel_is_found_however_it_is_written(admin: Api, market: str, said: str) -> None:
    """Events and imports keep channels in lower case, whatever was sent; the filter is as patient."""
    assert performance(admin, f"{PERIOD}&channel={said}")["totals"]["impressions"] == 1000


@pytest.mark.parametrize(
    ("narrowed", "money"), [("", {"GBP": ("3", "0"), "USD": ("0", "99")}), ("&channel=email", {"GBP": ("3", "0")}), ("&channel=tv", {})]
)
def test_other_money_is_narrowed_as_the_figures_are(admin: Api, market: str, narrowed: str, money: dict[str, Any]) -> None:
    """What is told as missing from a channel's figures is that channel's; a conversion without one is nobody's."""
    import_csv(admin, "date,channel,currency,spend\n2026-10-24,email,GBP,3\n")
    found = performance(admin, f"{PERIOD}{narrowed}")["not_converted"]
    assert {one["currency"]: (Decimal(one["spend"]), Decimal(one["revenue"])) for one in found} == {
        currency: tuple(map(Decimal, amounts)) for currency, amounts in money.items()
    }


def test_a_post_s_figures_are_its_campaign_s(admin: Api, user: Person, market: str) -> None:
    """An event or a line that names the post only counts for the campaign that the post is of."""
    post = rows.post(user.org_id, market)
    noon = datetime(2026, 10, 30, 12, tzinfo=BERLIN)
    sale = event(noon, kind="conversion", name="purchase", value="7", currency="EUR", post_id=post)
    assert admin.post("/v1/events", {"events": [event(noon, channel="x", post_id=post), sale]}).json["accepted"] == 2
    assert import_csv(admin, f"date,channel,post_id,clicks\n2026-10-30,x,{post},9\n").json["new"] == 1
    [row] = performance(admin, "start=2026-10-30&end=2026-10-30&by=campaign")["rows"]
    assert (row["key"], row["visits"], row["clicks"], row["conversions"], Decimal(row["revenue"])) == (market, 1, 9, 1, Decimal(7))


def test_two_touchpoints_of_one_moment_give_one_answer(admin: Api) -> None:
    """Their conversion goes to the same one of them in each table, also when the table is narrowed to a channel."""
    moment = datetime(2026, 10, 24, 12, tzinfo=BERLIN)
    for n in range(6):
        channels = ["x", "email"] if n % 2 else ["email", "x"]
        touches = [event(moment, channel=channel, user_id=f"p{n}") for channel in channels]
        sale = event(moment, kind="conversion", name="purchase", value="5", user_id=f"p{n}")
        assert admin.post("/v1/events", {"events": [*touches, sale]}).json["accepted"] == 3
    whole = {row["key"]: row["conversions"] for row in performance(admin, f"{PERIOD}&by=channel")["rows"]}
    narrowed = {key: performance(admin, f"{PERIOD}&channel={key}")["totals"]["conversions"] for key in whole}
    assert whole == narrowed
    assert sum(whole.values()) == 6


def test_the_year_before_is_of_the_same_days(admin: Api) -> None:
    """Past a leap day too: 1 March is compared with 1 March, and 29 February with nothing."""
    content = "date,channel,clicks\n" + "".join(f"2023-{day},x,{clicks}\n" for day, clicks in (("02-28", 28), ("03-01", 1), ("03-02", 2)))
    assert import_csv(admin, content).status_code == 200
    found = performance(admin, "start=2024-02-28&end=2024-03-02&compare=year")
    assert [(row["key"], row["before"]["clicks"]) for row in found["rows"]] == [
        ("2024-02-28", 28), ("2024-02-29", 0), ("2024-03-01", 1), ("2024-03-02", 2)
    ]  # fmt: skip
    assert found["compared"]["totals"]["clicks"] == 31


def test_figures_of_others_are_not_seen(admin: Api, stranger: Api, market: str) -> None:
    """Another organisation's period is empty, also when it names our campaign."""
    for query in (PERIOD, f"{PERIOD}&campaign_id={market}"):
        assert performance(stranger, query)["totals"]["impressions"] == 0


def test_the_csv_runs_nothing(admin: Api, market: str) -> None:
    """A campaign named like a formula is text for a spreadsheet; the last line is the total."""
    answer = admin.get(f"/v1/analytics/performance?{PERIOD}&by=campaign&format=csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert lines[0]["label"] == "'=Autumn"
    assert [line["campaign"] for line in lines] == [market, "not assigned", "total"]
    assert sum(Decimal(line["revenue"]) for line in lines[:-1]) == Decimal(lines[-1]["revenue"])


@pytest.mark.parametrize(
    "query", ["start=2026-02-01&end=2026-01-01", "start=2020-01-01&end=2026-01-01", "by=hour", "start=x", "start=2020-01-01"]
)
def test_a_period_that_cannot_be_is_refused(admin: Api, query: str) -> None:
    """Backwards, too long, or no date."""
    assert admin.get(f"/v1/analytics/performance?{query}").status_code == 422


def test_an_import_replaces_what_it_said_before(admin: Api, make_campaign: Callable[..., str]) -> None:
    """The same file twice counts once; another source adds its own."""
    content = CSV.format(campaign=make_campaign())
    assert import_csv(admin, content).json | {"errors": []} == {
        "dry_run": False, "rows": 2, "new": 2, "replaced": 0, "first_day": "2026-10-24", "last_day": "2026-10-25",
        "spend": {"USD": "15.00"}, "errors": [],
    }  # fmt: skip
    assert import_csv(admin, content.replace("10.50", "11.50")).json["replaced"] == 2
    assert Decimal(performance(admin, PERIOD)["totals"]["spend"]) == 16
    import_csv(admin, content, "?source=other")
    assert Decimal(performance(admin, PERIOD)["totals"]["spend"]) == 31


def test_a_dry_run_writes_nothing(admin: Api) -> None:
    """It says what would happen, faults and all."""
    answer = import_csv(admin, "date,channel,spend\n2026-10-24,x,5\n24.10.2026,x,5\n", "?dry_run=true")
    assert (answer.status_code, answer.json["rows"], answer.json["new"]) == (200, 1, 1)
    assert answer.json["errors"][0]["pointer"] == "/rows/3/date"
    assert Decimal(performance(admin, PERIOD)["totals"]["spend"]) == 0


def test_a_spreadsheets_own_first_line(admin: Api) -> None:
    """`sep=;` is no header, and counts among the lines that faults name."""
    assert import_csv(admin, "sep=;\r\ndate;channel;spend\r\n2026-10-24;x;5\r\n").json["rows"] == 1
    told = import_csv(admin, "sep=;\ndate;channel;spend\n2026-10-24;x;much\n").json["errors"][0]["pointer"]
    assert told == "/rows/3/spend"


def test_figures_are_taken_back(admin: Api, stranger: Api) -> None:
    """Those of the source, days, channel and currency that are named, and no others; nobody else's at all."""
    lines = [
        "date,channel,currency,spend",
        *(f"2026-10-{day},{name},{code},1" for day in (24, 25) for name in "xy" for code in ("USD", "EUR")),
    ]
    for api in (admin, stranger):
        import_csv(api, "\n".join(lines))
    import_csv(admin, "\n".join(lines), "?source=other")

    def gone(query: str) -> int:
        return int(admin.delete(f"/v1/metrics?source=import&{query}").json["rows"])

    assert gone("start=2026-10-24&end=2026-10-25&currency=EUR&channel=X") == 2
    assert gone("start=2026-10-25&end=2026-10-25") == 3
    assert Decimal(performance(admin, PERIOD)["totals"]["spend"]) == 2 + 4
    assert gone("start=2026-10-01&end=2026-10-31") == 3
    assert Decimal(performance(admin, PERIOD)["totals"]["spend"]) == 4
    assert Decimal(performance(stranger, PERIOD)["totals"]["spend"]) == 4


@pytest.mark.parametrize(
    "query", ["", "source=import", "source=import&start=2026-10-02&end=2026-10-01", "source=import&start=x&end=2026-10-01"]
)
def test_a_removal_says_what_of(admin: Api, query: str) -> None:
    """Without a source and days in order nothing goes."""
    assert admin.delete(f"/v1/metrics?{query}").status_code == 422


def test_a_file_with_faults_is_not_imported(admin: Api, stranger: Api, make_campaign: Callable[..., str]) -> None:
    """Every fault with its line and column, and not one line kept."""
    lines = [
        "date;channel;campaign;campaign_id;currency;spend;impressions;clicks",
        "2026-10-24;x;;;EUR;5,00;10;1",
        "2026-10-24;;;;euro;-1;1.5;x",
        "2026-10-24;x;No such name;;;1;1;1",
        f"2026-10-24;x;;{make_campaign()};;1;1;1",
        "2026-10-25;x;;;;1;1;1",
        "2026-10-25;X;;;;2;1;1",
    ]
    answer = import_csv(stranger, "\ufeff" + "\r\n".join(lines))
    assert answer.status_code == 422
    assert [fault["pointer"].removeprefix("/rows/") for fault in answer.json["errors"]] == [
        "2/spend", "3/channel", "3/currency", "3/spend", "3/impressions", "3/clicks", "4/campaign", "5/campaign_id", "7"
    ]  # fmt: skip
    assert performance(stranger, PERIOD)["totals"]["impressions"] == 0


@pytest.mark.parametrize(
    "content",
    ["", "date,channel\n2026-01-01,x\n", "date,spend\n2026-01-01,1\n", "date,channel,spend,mood\n", "\xff", 'date,channel,spend\n"2026'],
)
def test_a_file_that_cannot_be_read_says_why(admin: Api, content: str) -> None:
    """Empty, without figures, without a channel, with unknown columns, not CSV."""
    assert admin.call("POST", "/v1/metrics/import", data=content.encode("latin-1"), content_type="text/csv").status_code == 422


def test_a_form_works_too(admin: Api) -> None:
    """As browsers send files."""
    answer = admin.upload("/v1/metrics/import", b"date,channel,clicks\n2026-10-24,x,5\n", "figures.csv")
    assert (answer.status_code, answer.json["new"]) == (200, 1)


figures = st.builds(
    Figures,
    spend=st.decimals(0, 10**6, places=6),
    impressions=st.integers(0, 10**9),
    clicks=st.integers(0, 10**6),
    conversions=st.integers(0, 10**6),
    revenue=st.decimals(0, 10**6, places=6),
)


@given(st.dictionaries(st.none() | st.just(OTHERS) | st.text("abcdef", min_size=1), figures), st.integers(1, 5))
def test_a_long_list_loses_nothing(rows: dict[str | None, Figures], most: int) -> None:
    """What does not fit is one row, and the sum stays the same to the last digit."""
    kept = ranked(rows, most)
    assert total(kept.values()) == total(rows.values())
    assert len(kept) <= most + 2


@given(st.integers(0, 10**9), st.lists(st.floats(0.001, 1e6), min_size=1, max_size=40))
def test_spread_over_days_the_parts_sum_to_the_whole(count: int, shares: list[float]) -> None:
    """Largest remainders: no impression is lost or made up."""
    parts = spread(count, {date(2026, 1, 1) + timedelta(days=n): share for n, share in enumerate(shares)})
    assert (sum(parts.values()), min(parts.values()) >= 0) == (count, True)


def test_the_year_before_a_leap_day() -> None:
    """29 February is compared with the 28th."""
    assert earlier(date(2028, 2, 29), date(2028, 2, 29), "year") == (date(2027, 2, 28), date(2027, 2, 28))


@pytest.mark.parametrize("query", ["start=0001-01-01&end=0001-01-02&compare=year", "end=9999-12-31", "start=9999-12-31", "end=0001-01-02"])
def test_the_ends_of_the_calendar_are_refused(admin: Api, query: str) -> None:
    """Days that no arithmetic reaches are a fault of the query."""
    assert admin.get(f"/v1/analytics/performance?{query}").status_code == 422


@pytest.mark.parametrize(
    "content", ["date,channel,spend" + ",x" * 200_000 + "\n", "date,channel,spend\n" + "x\n" * 1_500_000], ids=["wide", "long"]
)
def test_a_monstrous_file_is_refused_before_it_is_looked_through(admin: Api, content: str) -> None:
    """Neither a header of thousands of columns nor millions of lines are read to their end."""
    begun = time.process_time()
    assert import_csv(admin, content).status_code == 422
    assert time.process_time() - begun < 5


def test_a_zone_that_postgres_does_not_know_is_refused(admin: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's list of zones and the database's may differ; every report would fail by such a one."""
    monkeypatch.setattr("zoneinfo.available_timezones", lambda: {"Moon/Tycho"})
    answer = admin.patch("/v1/organization", {"zone": "Moon/Tycho"})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/zone")
