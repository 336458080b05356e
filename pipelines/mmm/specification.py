"""What a marketer can say about a model: its shape, what is believed beforehand, what tests have shown."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, model_validator

from core.params import Params

MOST_LIFT_TESTS = 100
Name = Annotated[str, Field(min_length=1, max_length=80)]


class Interval(Params):
    """Where a positive figure lies with 90 % probability."""

    low: float = Field(gt=0, le=1e9)
    high: float = Field(gt=0, le=1e9)

    @model_validator(mode="after")
    def _in_order(self) -> Interval:
        if self.high <= self.low:
            raise ValueError("high must be greater than low")
        return self


class Share(Interval):
    """Where a share (0 to 1) lies with 90 % probability."""

    low: float = Field(gt=0, lt=1)
    high: float = Field(gt=0, lt=1)


class ChannelBelief(Params):
    """What is believed about one channel before the data are seen. Of `roas` and `share` at most one."""

    roas: Interval | None = Field(default=None, description="outcome for each unit of spend, with 90 % probability")
    share: Share | None = Field(default=None, description="share of the whole outcome that the channel brings, with 90 % probability")
    carryover: Share | None = Field(default=None, description="share of an effect that is left one period later, with 90 % probability")

    @model_validator(mode="after")
    def _one_of_two(self) -> ChannelBelief:
        if self.roas and self.share:
            raise ValueError("state roas or share, not both")
        return self


class Holiday(Params):
    """A day that moves the outcome by itself: of a country's calendar, with dates, or a known one such as black_friday."""

    name: Name = Field(description="with a country: one of its public holidays, in English or as it is called there, or 'public holidays'")
    country: str | None = Field(default=None, pattern="^[A-Z]{2}$", description="ISO 3166 code, such as NL")
    dates: list[date] | None = Field(default=None, min_length=1, max_length=400)
    days_before: int = Field(default=0, ge=0, le=30, description="days before it that it moves too")
    days_after: int = Field(default=0, ge=0, le=30)

    @model_validator(mode="after")
    def _one_calendar(self) -> Holiday:
        if self.country and self.dates:
            raise ValueError("state a country or dates, not both")
        return self


class LiftTest(Params):
    """What an experiment found: the outcome that a known change of spend made between two days."""

    channel: Name
    start: date
    end: date = Field(description="the last day of the test")
    spend_delta: FiniteFloat = Field(description="spend in the test above what it would have been; negative where spend was withheld")
    lift: FiniteFloat = Field(description="outcome in the test above what it would have been; of the sign of spend_delta, as a rule")
    standard_error: FiniteFloat = Field(gt=0)
    geo: Name | None = Field(default=None, description="the geo it was run in; all of them without it")

    @model_validator(mode="after")
    def _in_order(self) -> LiftTest:
        if self.end < self.start:
            raise ValueError("end is before start")
        if self.spend_delta == 0:
            raise ValueError("spend_delta is 0: such a test says nothing about spend")
        return self


class Holdout(Params):
    """Periods whose outcome a first fit does not see, so that its forecast can be held against them."""

    kind: Literal["last", "random", "none"] = "last"
    periods: int | None = Field(default=None, ge=1, le=400, description="how many; without it a tenth, at least 4")


class Model(Params):
    """The model's shape, its priors and its evidence. The defaults suit two to three years of weekly data."""

    adstock: Literal["geometric", "delayed"] = Field(
        default="geometric", description="geometric: strongest at once, then fading; delayed: the peak may come later"
    )
    saturation: Literal["logistic", "hill", "tanh"] = Field(
        default="hill",
        description="how returns diminish. hill may also be S-shaped, and its intervals hold where the truth is logistic too; "
        "those of a logistic (or tanh, which is the same curve) are narrower, and too narrow where the truth is a hill",
    )
    max_lag: int | None = Field(default=None, ge=1, le=90, description="periods an effect can last; 8 weeks or 28 days without it")
    trend: Literal["none", "linear", "piecewise"] = "linear"
    changepoints: int = Field(default=4, ge=1, le=25, description="where a piecewise trend may bend, evenly spread")
    yearly: int | None = Field(
        default=None, ge=0, le=12, description="sine and cosine pairs of the year; 3 without it, from 1½ years of data on"
    )
    weekly: int | None = Field(default=None, ge=0, le=3, description="sine and cosine pairs of the week, for daily data; 3 without it")
    holidays: list[Holiday] = Field(default_factory=list, max_length=60)
    media_share: Share | None = Field(
        default=None, description="share of the outcome that all channels together bring, with 90 % probability; 0.1 to 0.6 without it"
    )
    channels: dict[Name, ChannelBelief] = Field(
        default_factory=dict, description="beliefs by channel; the others share media_share by spend"
    )
    lift_tests: list[LiftTest] = Field(default_factory=list, max_length=MOST_LIFT_TESTS, description="tests that the model must agree with")


class Sampling(Params):
    """How the posterior is drawn."""

    chains: int = Field(default=4, ge=2, le=8)
    draws: int = Field(default=500, ge=50, le=5000, description="kept draws of a chain")
    tune: int = Field(default=500, ge=50, le=5000, description="draws of a chain that find the step size")
    seed: int = Field(default=1, ge=0, le=2**31 - 1)
    sampler: Literal["auto", "nutpie", "pymc"] = Field(default="auto", description="auto: nutpie where it is installed, else PyMC's own")
