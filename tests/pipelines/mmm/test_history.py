"""Sales histories from rows and CSV, and every reason why one cannot be modelled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from core.errors import InvalidInput
from pipelines.mmm.checks import check
from pipelines.mmm.columns import Columns
from pipelines.mmm.holidays import days_of, fault_of
from pipelines.mmm.market import Market, from_dict
from pipelines.mmm.specification import Holdout, Holiday, LiftTest, Model
from pipelines.mmm.table import read_market, rows_of_csv
from pipelines.mmm.worlds import world

WIDE = "date;revenue;search;social\n2026-01-05;100;5;0\n2026-01-12;120.5;6;\n2026-01-19;90;4;3\n"


def weeks(count: int = 4, **changes: Any) -> list[dict[str, Any]]:
    return [
        {"date": str(date(2026, 1, 5) + timedelta(weeks=n)), "revenue": 100 + n, "search": 5 + n % 3, "social": 2 * (n % 2), **changes}
        for n in range(count)
    ]


def faults(rows: list[dict[str, Any]], **columns: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as caught:
        read_market(rows, Columns(**columns), at="/params/rows")
    return {fault["pointer"]: fault["detail"] for fault in caught.value.errors}


def test_a_wide_csv_with_semicolons() -> None:
    """Every number column that is nothing else is a channel; a blank spend is none."""
    market = read_market(rows_of_csv(WIDE), Columns(), at="/params/csv")
    assert (market.channels, market.period_days, market.outcome_name) == (("search", "social"), 7, "revenue")
    assert market.spend[0].tolist() == [[5, 0], [6, 0], [4, 3]]
    assert market.outcome[0].tolist() == [100, 120.5, 90]


def test_a_channel_may_begin_later() -> None:
    """Blank in the first weeks, it is a channel all the same; a column of remarks is none, and neither is an empty one."""
    market = read_market(rows_of_csv("date,revenue,search,video,note,\n2026-01-05,9,5,,launch,\n2026-01-12,8,6,2,,\n"), Columns(), at="")
    assert market.channels == ("search", "video")
    assert market.spend[0, :, 1].tolist() == [0, 2]


def test_columns_that_are_no_spend() -> None:
    """Impressions, totals and week numbers are told instead of modelled, unless somebody calls them channels; so are two spellings."""
    rows = [{**row, "Impressions": 900 + n, "total": 9 + n, "Search": 1 + n} for n, row in enumerate(weeks(3))]
    with pytest.raises(InvalidInput) as caught:
        read_market(rows, Columns(), at="")
    told = " ".join(fault["detail"] for fault in caught.value.errors)
    assert all(
        word in told for word in ("'Impressions' holds no spend", "'total' holds no spend", "'search', 'Search' differ in case only")
    )
    assert read_market(rows, Columns(channels=["total"]), at="").channels == ("total",)


def test_a_spreadsheets_own_first_line() -> None:
    """What a spreadsheet says to itself about the separator is no header."""
    market = read_market(rows_of_csv("\ufeffsep=;\r\n" + WIDE), Columns(), at="")
    assert market.channels == ("search", "social")


def test_figures_that_cannot_be_read_are_no_remarks() -> None:
    """Amounts with a sign or with separators are told with their cell, never passed over as if the channel were not there."""
    told = faults([{**row, "video": amount} for row, amount in zip(weeks(3), ("€ 1200", "1,200.50", "40"), strict=True)])
    assert told == {"/params/rows/0/video": "video is '€ 1200', not a number", "/params/rows/1/video": "video is '1,200.50', not a number"}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("date,revenue,search,search\n2026-01-05,100,5,7\n", {"/csv": "the column 'search' more than once"}),
        ("date,date,revenue,search\n2026-01-05,2025-01-06,100,5\n", {"/csv": "the column 'date' more than once"}),
        ("date,revenue,search\n2026-01-05,52000,50,4000\n", {"/csv/0": "row 1 has a figure in a column without a name"}),
        ("date,revenue,search,\n2026-01-05,52000,50,4000\n", {"/csv/0": "write decimals with a point"}),
        ("date,revenue,se\0arch\n2026-01-05,52000,50\n", {"/csv": "NUL"}),
    ],
    ids=["channel twice", "date twice", "decimal comma", "decimal comma before a blank column", "UTF-16"],
)
def test_no_figure_is_lost_on_the_way(content: str, told: dict[str, str]) -> None:
    """What would be read as another column's figure, or over another's, is told instead."""
    with pytest.raises(InvalidInput) as caught:
        rows_of_csv(content, at="/csv")
    assert {fault["pointer"] for fault in caught.value.errors} == set(told)
    assert all(told[fault["pointer"]] in fault["detail"] for fault in caught.value.errors)


def test_the_row_numbers_of_a_data_frame_are_no_channel() -> None:
    """They stand first, in a column without a name; cells that are missing at the end of a row are blank."""
    market = read_market(rows_of_csv(",date,revenue,search,social\n0,2026-01-05,9,5\n1,2026-01-12,8,6,2\n"), Columns(), at="")
    assert (market.channels, market.spend[0].tolist()) == (("search", "social"), [[5, 0], [6, 2]])


@pytest.mark.parametrize(
    ("day", "is_read"),
    [
        ("2026-W53", True),
        ("20261228", True),
        ("2026-12-28T00:00:00+01:00", True),
        ("2026-12-28 00:00", True),
        ("28/12/2026", False),
        ("2026-12-280", False),
        ("2026-12-28x", False),
        ("2025-W53", False),
        ("0001-01-01", False),
        ("9999-12-27", False),
    ],
)
def test_days_are_read_whole_or_not_at_all(day: str, is_read: bool) -> None:
    """ISO weeks are their Mondays, also the 53rd; a typing error is told, and so is a year in which no arithmetic works."""
    rows = [{"date": day, "revenue": 5, "search": 1}, {"date": "2027-01-04", "revenue": 6, "search": 2}]
    if is_read:
        assert read_market(rows, Columns(), at="").dates[0] == date(2026, 12, 28)
    else:
        assert list(faults(rows)) == ["/params/rows/0/date"]


def test_figures_that_would_overflow_are_refused() -> None:
    """Their sums and squares would be infinite in the midst of a fit."""
    assert faults([{**row, "revenue": "1e308"} for row in weeks(2)]) == {
        f"/params/rows/{n}/revenue": "revenue is 1e308; at most 1e+15 is taken" for n in range(2)
    }


def test_a_name_that_no_plan_could_say_is_refused() -> None:
    """Bounds and beliefs take names of eighty characters."""
    assert "has a name of 81 characters" in faults([{**row, "x" * 81: 5} for row in weeks(2)])["/params/rows/0"]


def test_a_long_table_is_the_same_market() -> None:
    """A row a channel, the revenue in each of them or in one; rows may come in any order."""
    long = "date,channel,spend,revenue\n"
    for line in WIDE.splitlines()[1:]:
        day, revenue, search, social = line.split(";")
        long = f"{long}{day},social,{social or 0},\n{day},search,{search},{revenue}\n"
    wide, tall = (read_market(rows_of_csv(text), Columns(), at="") for text in (WIDE, long))
    assert tall.outcome.tolist() == wide.outcome.tolist()
    assert {name: tall.spend[0, :, n].tolist() for n, name in enumerate(tall.channels)} == {
        name: wide.spend[0, :, n].tolist() for n, name in enumerate(wide.channels)
    }


def test_geos_and_controls() -> None:
    """A row a week and geo; controls are not channels."""
    rows = [{**row, "place": place, "price": 9 + n} for place in ("south", "north") for n, row in enumerate(weeks())]
    market = read_market(rows, Columns(geo="place", controls=["price"]), at="")
    assert (market.geos, market.channels, market.spend.shape) == (("north", "south"), ("search", "social"), (2, 4, 2))
    assert market.controls["price"].tolist() == [[9, 10, 11, 12]] * 2


def test_a_market_survives_being_stored() -> None:
    """As JSON and back it is the same."""
    market = read_market(weeks(price=3.5), Columns(controls=["price"]), at="")
    again = from_dict(market.as_dict())
    assert again.as_dict() == market.as_dict()


def test_all_faults_of_rows_at_once() -> None:
    """Each with its place: a negative spend, a word for a number, no date, a date twice."""
    rows = weeks(6)
    rows[1]["search"], rows[2]["revenue"], rows[3]["date"], rows[5]["date"] = -3, "much", "soon", rows[4]["date"]
    found = faults(rows)
    assert "cannot be negative" in found["/params/rows/1/search"]
    assert found["/params/rows/2/revenue"] == "revenue is 'much', not a number"
    assert "is no date" in found["/params/rows/3/date"]
    twice = f"{rows[4]['date']} is there twice, first in row 5"
    assert found["/params/rows/5/date"] == f"{twice}; where rows are of several geos, say which column has them (columns.geo)"


def test_missing_weeks_are_named() -> None:
    """The first missing week, and how many."""
    rows = weeks(9)
    del rows[3:5]
    assert faults(rows) == {"/params/rows": "2 week(s) are missing from 2026-01-26 on; a week without spend is a row with zeros"}


def test_currencies_are_not_mixed() -> None:
    """Both are named."""
    rows = weeks()
    for n, row in enumerate(rows):
        row["currency"] = "EUR" if n else "usd"
    assert "several currencies (EUR, USD)" in faults(rows)["/params/rows"]


def test_a_column_that_is_not_there() -> None:
    """The columns that are there are told."""
    assert faults(weeks(), outcome="sales") == {"/params/rows/0": "there is no column 'sales'; columns are date, revenue, search, social"}


def changed(**fields: Any) -> Callable[[Market], Market]:
    def change(market: Market) -> Market:
        return from_dict({**market.as_dict(), **{name: value(market) for name, value in fields.items()}})

    return change


def spend_with(column: Callable[[Any], Any]) -> Callable[[Market], Market]:
    """The first channel's spend made from all spend [T, C]."""

    def spend(market: Market) -> Any:
        made = market.spend.copy()
        made[0, :, 0] = column(market.spend[0])
        return made.tolist()

    return changed(spend=spend)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda market: world(1, weeks=20).market, "there are 20 weeks; a model needs at least 40, better two years"),
        (changed(outcome=lambda m: np.full((1, m.periods), 7.0).tolist()), "revenue is 7 throughout; without variance"),
        (changed(outcome=lambda m: (-m.outcome).tolist()), "on average; it must be positive"),
        (spend_with(lambda spend: 0.0), "search has no spend at all; leave it out"),
        (spend_with(lambda spend: 40.0), "search spends 40 in every week; what never changes cannot be measured"),
        (spend_with(lambda spend: 3 * spend[:, 2]), "search and video move together (correlation 1.000); join them or leave one out"),
        (spend_with(lambda spend: spend[:, 1] + spend[:, 2]), "search is a combination of social, video, audio; leave one of them out"),
        (changed(controls=lambda m: {"orders": (m.outcome * 2).tolist()}), "control orders leaks revenue (correlation 1.000)"),
        (changed(controls=lambda m: {"price": np.ones((1, m.periods)).tolist()}), "control price is 1 throughout; leave it out"),
        (changed(outcome=lambda m: [[*[0] * (m.periods - 9), *range(9)]]), "without the 15 held-out weeks, revenue is 0 throughout"),
    ],
)  # fmt: skip
def test_a_market_that_cannot_be_modelled(change: Callable[[Market], Market], told: str) -> None:
    """Each reason in words that name the column."""
    with pytest.raises(InvalidInput) as caught:
        check(change(world(1).market), Model(), Holdout(), at="/params/rows")
    assert any(told in fault["detail"] for fault in caught.value.errors), caught.value.errors


def test_a_control_that_only_tells_geos_apart_is_refused() -> None:
    """Every geo has its own level already: such a control would be said to be used, and do nothing."""
    rows = [{**row, "place": place, "size": size} for place, size in (("south", 3), ("north", 5)) for row in weeks(60)]
    market = read_market(rows, Columns(geo="place", controls=["size"]), at="")
    with pytest.raises(InvalidInput, match="control size never changes within a geo"):
        check(market, Model(), Holdout(), at="")


def test_faults_of_lift_tests_are_told_where_the_request_has_them() -> None:
    """Tests of experiments follow the stated ones in the model, but stand in a list of their own; names in pointers are escaped."""
    market = world(1).market
    test: dict[str, Any] = {"start": market.dates[5], "end": market.dates[6], "lift": 5, "standard_error": 1, "spend_delta": 5}
    late = {**test, "channel": "search", "end": market.dates[-1] + timedelta(weeks=2)}
    begun = {**test, "channel": "search", "start": market.dates[-1], "end": market.dates[-1] + timedelta(days=10)}
    tests = [late, begun, {**test, "channel": "radio"}, late]
    model = Model.model_validate({"channels": {"a/b": {}}, "lift_tests": tests})
    with pytest.raises(InvalidInput) as caught:
        check(market, model, Holdout(), at="", experiments=2)
    assert [fault["pointer"] for fault in caught.value.errors] == [
        "/params/model/channels/a~1b",
        "/params/model/lift_tests/0/start",
        "/params/experiments/0/channel",
        "/params/experiments/1/experiment_id",
    ]


@pytest.mark.parametrize("field", ["lift", "standard_error", "spend_delta"])
def test_a_lift_test_is_finite(field: str) -> None:
    """Text may say nan where JSON cannot."""
    test = {"channel": "a", "start": "2026-01-01", "end": "2026-01-02", "spend_delta": 1, "lift": 1, "standard_error": 1}
    with pytest.raises(ValidationError):
        LiftTest.model_validate(test | {field: "nan"})


def test_a_good_market_passes_and_a_wrong_model_does_not() -> None:
    """Names, holidays, holdout and lift tests of a model are held against the market, all at once."""
    market = world(1).market
    check(market, Model(), Holdout(), at="")
    test: dict[str, Any] = {"start": market.dates[5], "end": market.dates[6], "lift": 5, "standard_error": 1}
    tests = [
        LiftTest(channel="radio", spend_delta=5, **test),
        LiftTest(channel="search", spend_delta=1e9, **test),
        LiftTest(channel="search", spend_delta=5, geo="north", **test),
    ]
    model = Model.model_validate({"channels": {"radio": {}}, "holidays": [{"name": "boxing"}], "lift_tests": tests})
    with pytest.raises(InvalidInput) as caught:
        check(market, model, Holdout(periods=100), at="")
    assert [fault["pointer"] for fault in caught.value.errors] == [
        "/params/model/channels/radio",
        "/params/model/holidays/0/name",
        "/params/holdout/periods",
        "/params/model/lift_tests/0/channel",
        "/params/model/lift_tests/1/spend_delta",
        "/params/model/lift_tests/2/geo",
    ]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("date,revenue" + ",x" * 100_000, "columns"),
        ("date,revenue\n" + "1,2\n" * 60_000, "rows"),
        (f'date,revenue\n"{"x" * 200_000}",2\n', "CSV"),
    ],
    ids=["wide", "long", "one cell"],
)
def test_a_monstrous_csv_is_refused(content: str, word: str) -> None:
    """Too many columns, too many rows, a cell without an end: told, and not read on."""
    with pytest.raises(InvalidInput, match=word):
        rows_of_csv(content, at="/params/csv")


def test_public_holidays_of_a_country() -> None:
    """By their English names or their own, in any case; all of them together; and a day in another country's calendar is told."""
    first, last = date(2025, 1, 1), date(2025, 12, 31)
    one, other = (days_of(Holiday(name=name, country="NL"), first, last) for name in ("king's day", "Koningsdag"))
    assert one == other == {date(2025, 4, 26)}
    assert days_of(Holiday(name="public holidays", country="DE"), first, last) > {date(2025, 10, 3), date(2025, 12, 26)}
    assert fault_of(Holiday(name="Koningsdag", country="NL"), first, last) is None
    field, words = fault_of(Holiday(name="Thanksgiving", country="NL"), first, last) or ("", "")
    assert (field, "Koningsdag" in words) == ("name", True)
    assert (fault_of(Holiday(name="Sale", dates=[date(2019, 7, 1)]), first, last) or ("", ""))[0] == "dates"
    assert fault_of(Holiday(name="Koningsdag", country="XX"), first, last) == (
        "country",
        "there is no calendar of 'XX'; give the dates instead",
    )
