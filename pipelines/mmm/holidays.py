"""Holidays that come every year: days that shops know by name, and every country's public holidays. Others are given with their dates."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from dateutil.easter import easter

from pipelines.mmm.specification import Holiday


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """The nth Monday (weekday 0) … Sunday (6) of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _thanksgiving(year: int) -> date:
    return _nth_weekday(year, 11, 3, 4)


KNOWN: dict[str, Callable[[int], date]] = {
    "new_year": lambda year: date(year, 1, 1),
    "valentines_day": lambda year: date(year, 2, 14),
    "easter": easter,
    "mothers_day": lambda year: _nth_weekday(year, 5, 6, 2),
    "fathers_day": lambda year: _nth_weekday(year, 6, 6, 3),
    "halloween": lambda year: date(year, 10, 31),
    "singles_day": lambda year: date(year, 11, 11),
    "thanksgiving": _thanksgiving,
    "black_friday": lambda year: _thanksgiving(year) + timedelta(days=1),
    "cyber_monday": lambda year: _thanksgiving(year) + timedelta(days=4),
    "christmas": lambda year: date(year, 12, 25),
}


ALL = "public holidays"


def days_of(holiday: Holiday, first: date, last: date) -> set[date]:
    """The days between first and last that the holiday moves; none for one in which `fault_of` finds a fault."""
    moved = {
        feast + timedelta(days=n) for feast in _feasts(holiday, first, last) for n in range(-holiday.days_before, holiday.days_after + 1)
    }
    return {day for day in moved if first <= day <= last}


def fault_of(holiday: Holiday, first: date, last: date) -> tuple[str, str] | None:
    """The field that names no days, and what is wrong with it."""
    if holiday.dates is not None:
        wrong = f"none of the days of {holiday.name!r} lies in the history, {first} to {last}"
        return None if days_of(holiday, first, last) else ("dates", wrong)
    if holiday.country is None:
        wrong = f"{holiday.name!r} is not known; give its country or its dates, or one of {', '.join(KNOWN)}"
        return None if holiday.name in KNOWN else ("name", wrong)
    calendar = _calendar(holiday.country, first, last)
    if not calendar:
        return "country", f"there is no calendar of {holiday.country!r}; give the dates instead"
    wrong = f"{holiday.country} has no public holiday {holiday.name!r}; it has {', '.join(sorted(calendar))}"
    return None if _feasts(holiday, first, last) else ("name", wrong)


def _feasts(holiday: Holiday, first: date, last: date) -> Iterable[date]:
    if holiday.dates is not None:
        return holiday.dates
    if holiday.country is None:
        return [KNOWN[holiday.name](year) for year in _years(first, last)] if holiday.name in KNOWN else []
    calendar = _calendar(holiday.country, first, last)
    wanted = holiday.name.casefold()
    return {day for name, days in calendar.items() if wanted in (name.casefold(), ALL) for day in days}


def _calendar(country: str, first: date, last: date) -> dict[str, set[date]]:
    """The country's days off by their holidays' names, in English and in its own language; nothing where the country is not known."""
    import holidays

    try:
        own = holidays.country_holidays(country).default_language
    except NotImplementedError:
        return {}
    found: dict[str, set[date]] = {}
    for language in ("en_US", own):
        for day, names in holidays.country_holidays(country, years=_years(first, last), language=language).items():
            for name in names.split("; "):
                found.setdefault(name.removesuffix(" (observed)"), set()).add(day)
    return found


def _years(first: date, last: date) -> range:
    """A day may be moved by a feast of the year before or after."""
    return range(first.year - 1, last.year + 2)
