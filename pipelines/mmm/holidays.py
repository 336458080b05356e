"""Holidays that come every year, by name. Others are given with their dates."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from pipelines.mmm.specification import Holiday


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """The nth Monday (weekday 0) … Sunday (6) of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _thanksgiving(year: int) -> date:
    return _nth_weekday(year, 11, 3, 4)


def _easter(year: int) -> date:
    """Western Easter Sunday, after Meeus, Jones and Butcher."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    w = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * w) // 451
    month, day = divmod(h + w - 7 * m + 114, 31)
    return date(year, month, day + 1)


KNOWN: dict[str, Callable[[int], date]] = {
    "new_year": lambda year: date(year, 1, 1),
    "valentines_day": lambda year: date(year, 2, 14),
    "easter": _easter,
    "mothers_day": lambda year: _nth_weekday(year, 5, 6, 2),
    "fathers_day": lambda year: _nth_weekday(year, 6, 6, 3),
    "halloween": lambda year: date(year, 10, 31),
    "singles_day": lambda year: date(year, 11, 11),
    "thanksgiving": _thanksgiving,
    "black_friday": lambda year: _thanksgiving(year) + timedelta(days=1),
    "cyber_monday": lambda year: _thanksgiving(year) + timedelta(days=4),
    "christmas": lambda year: date(year, 12, 25),
}


def days_of(holiday: Holiday, first: date, last: date) -> set[date]:
    """The days between first and last that the holiday moves. A name that is not KNOWN needs dates."""
    if holiday.dates is not None:
        feasts: Iterable[date] = holiday.dates
    else:
        feasts = [KNOWN[holiday.name](year) for year in range(first.year - 1, last.year + 2)]
    moved = {feast + timedelta(days=n) for feast in feasts for n in range(-holiday.days_before, holiday.days_after + 1)}
    return {day for day in moved if first <= day <= last}
