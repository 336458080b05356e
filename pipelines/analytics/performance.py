"""Figures of marketing and the ratios made of them. Sums are exact: decimals and integers, never floats."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import Decimal

OTHERS = "(others)"


@dataclass(frozen=True)
class Figures:
    """clicks as the platforms tell them; visits are touchpoints that our own events saw."""

    spend: Decimal = Decimal(0)
    impressions: int = 0
    clicks: int = 0
    visits: int = 0
    conversions: int = 0
    revenue: Decimal = Decimal(0)

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Figures)))

    @property
    def ctr(self) -> float | None:
        """Clicks ÷ impressions."""
        return _ratio(self.clicks, self.impressions)

    @property
    def cvr(self) -> float | None:
        """Conversions ÷ clicks."""
        return _ratio(self.conversions, self.clicks)

    @property
    def cpa(self) -> float | None:
        """Spend ÷ conversions."""
        return _ratio(self.spend, self.conversions)

    @property
    def roas(self) -> float | None:
        """Revenue ÷ spend."""
        return _ratio(self.revenue, self.spend)


def _ratio(part: Decimal | int, whole: Decimal | int) -> float | None:
    return round(float(Decimal(part) / Decimal(whole)), 6) if whole else None


def total(parts: Iterable[Figures]) -> Figures:
    """The sum of the parts."""
    return sum(parts, Figures())


def ranked(rows: Mapping[str | None, Figures], most: int) -> dict[str | None, Figures]:
    """The rows with the most revenue, spend, conversions first, what is not assigned last; past `most`, one row for the others."""
    order = sorted((key for key in rows if key is not None), key=lambda key: (_weight(rows[key]), key))
    kept: dict[str | None, Figures] = {key: rows[key] for key in order[:most]}
    if rest := order[most:]:
        kept[OTHERS] = total([kept.get(OTHERS, Figures()), *(rows[key] for key in rest)])  # a sender may use the word too
    if None in rows:
        kept[None] = rows[None]
    return kept


def _weight(row: Figures) -> tuple[Decimal, Decimal, int, int]:
    return -row.revenue, -row.spend, -row.conversions, -row.impressions


def by_day(rows: Mapping[str | None, Figures], start: date, end: date) -> dict[str | None, Figures]:
    """Every day of the period in order, the empty ones too."""
    days = [(start + timedelta(days=n)).isoformat() for n in range((end - start).days + 1)]
    return {day: rows.get(day, Figures()) for day in days}


def earlier(start: date, end: date, compare: str) -> tuple[date, date]:
    """The period to compare with: `previous`, as long and right before, or `year`, the same days of the year before."""
    if compare == "previous":
        length = end - start + timedelta(days=1)
        return start - length, end - length
    return year_before(start), year_before(end)


def year_before(day: date) -> date:
    """The same day of the year before; of 29 February the 28th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)


def spread(count: int, shares: Mapping[date, float]) -> dict[date, int]:
    """A whole number over days in proportion to their shares, by the largest remainders: the parts sum to it."""
    whole = sum(shares.values())
    exact = {day: count * share / whole for day, share in shares.items()}
    parts = {day: int(part) for day, part in exact.items()}
    left = count - sum(parts.values())
    for day in sorted(exact, key=lambda day: (parts[day] - exact[day], day))[:left]:
        parts[day] += 1
    return parts
