"""Job kinds that exist for the storm; its workers and its API load them beside the platform's own.

All outside effects go to the sandbox's `counter` vendor, over the same vendor client as every real one.
"""

from __future__ import annotations

import time
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from core.settings import get_settings
from providers.contracts.social import Fence
from providers.http import VendorClient
from worker.context import StepContext
from worker.kinds import JobKind
from worker.outcomes import ChildJob, Children, Outcome, Snooze

PATIENCE = 100  # attempts: a step that is merely unlucky must not be given up as one that kills its workers
PRICE = Decimal("0.01")


class Params(BaseModel):
    model_config = ConfigDict(extra="forbid")


def work(ctx: StepContext, seconds: float) -> None:
    """Be busy for a while, noticing a cancel or a lost lease."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        ctx.check()
        time.sleep(0.02)


def vendor() -> VendorClient:
    return VendorClient("counter", f"{get_settings().sandbox_url}/counter")


def publish(ctx: StepContext, key: str, *, has_lookup: bool) -> dict[str, Any]:
    """One irreversible effect at a vendor without idempotency keys."""

    def send(fence: Fence) -> tuple[dict[str, Any], Decimal]:
        client = vendor()
        return client.document(client.call("POST", "/effects", json={"key": key}, fence=fence)), PRICE

    def find(_: datetime) -> dict[str, Any] | None:
        client = vendor()
        found = client.document(client.call("GET", "/effects", params={"key": key}))["effects"]
        return found[0] if found else None

    return ctx.publish(
        key, vendor="counter", what=f"count {key}", estimate=PRICE, simulated=True, send=send, find=find if has_lookup else None
    )


def buy(ctx: StepContext, key: str) -> dict[str, Any]:
    """One paid call that may be repeated."""

    def call() -> tuple[dict[str, Any], Decimal]:
        client = vendor()
        return client.document(client.call("POST", "/paid", json={"key": key})), PRICE

    return ctx.paid(key, vendor="counter", what=f"buy {key}", estimate=PRICE, simulated=True, call=call)


class Numbers(Params):
    start: int
    seconds: float = Field(ge=0, description="of a step; three times as many in the io pool")


chain = JobKind("storm.chain", Numbers, summary="Four steps in three pools, each building on the one before.")


@chain.step(pool="io", max_attempts=PATIENCE)
def begin(ctx: StepContext, params: Numbers) -> Outcome:
    work(ctx, params.seconds * 3)
    return {"value": params.start + 1}


@chain.step(pool="cpu", max_attempts=PATIENCE)
def multiply(ctx: StepContext, params: Numbers) -> Outcome:
    work(ctx, params.seconds)
    return {"value": ctx.output("begin")["value"] * 10}


@chain.step(pool="gpu", max_attempts=PATIENCE)
def add(ctx: StepContext, params: Numbers) -> Outcome:
    work(ctx, params.seconds)
    return {"value": ctx.output("multiply")["value"] + 5}


@chain.step(pool="io", max_attempts=PATIENCE)
def close(ctx: StepContext, params: Numbers) -> Outcome:
    work(ctx, params.seconds * 3)
    return {"value": ctx.output("add")["value"]}


class Post(Params):
    key: str
    seconds: float = Field(ge=0)


posts = JobKind("storm.publish", Post, summary="Prepares in the cpu pool, then publishes where the vendor can be asked.")


@posts.step(pool="cpu", max_attempts=PATIENCE)
def prepare(ctx: StepContext, params: Post) -> Outcome:
    work(ctx, params.seconds)
    return {}


@posts.step(pool="io", max_attempts=PATIENCE)
def publish_once(ctx: StepContext, params: Post) -> Outcome:
    work(ctx, params.seconds)
    return publish(ctx, params.key, has_lookup=True)


blind = JobKind("storm.blind", Post, summary="Publishes where the vendor has no look-up: what stays in doubt waits for a person.")


@blind.step(pool="io", max_attempts=PATIENCE)
def publish_blindly(ctx: StepContext, params: Post) -> Outcome:
    work(ctx, params.seconds)
    return publish(ctx, params.key, has_lookup=False)


purchases = JobKind("storm.paid", Post, summary="Makes a paid call that may be repeated.")


@purchases.step(pool="io", max_attempts=PATIENCE)
def pay(ctx: StepContext, params: Post) -> Outcome:
    work(ctx, params.seconds)
    return buy(ctx, params.key)


class Polling(Params):
    times: int


polls = JobKind("storm.poll", Polling, summary="Snoozes as one who polls a vendor does, then reports.")


@polls.step(pool="io", max_attempts=PATIENCE)
def poll(ctx: StepContext, params: Polling) -> Outcome:
    return Snooze(0.5, "the vendor is at it") if ctx.attempt <= params.times else {"attempts": ctx.attempt}


@polls.step(pool="gpu", max_attempts=PATIENCE)
def report(ctx: StepContext, _: Polling) -> Outcome:
    return {"polled": ctx.output("poll")["attempts"] > 0}


class Tree(Params):
    key: str
    width: int = Field(ge=1)
    depth: int = Field(ge=0, description="0: its children are leaves; 1: they fan out themselves")
    seconds: float = Field(ge=0)


fan = JobKind("storm.fan", Tree, summary="Fans out into leaves that publish, or into further fans, and counts what came back.")


@fan.step(pool="io", max_attempts=PATIENCE)
def spread(_: StepContext, params: Tree) -> Outcome:
    return Children([_child(params, f"{params.key}.{n}") for n in range(params.width)])


def _child(params: Tree, key: str) -> ChildJob:
    if params.depth:
        return ChildJob("storm.fan", {**params.model_dump(), "key": key, "depth": params.depth - 1})
    return ChildJob("storm.publish", {"key": key, "seconds": params.seconds})


@fan.step(pool="cpu", max_attempts=PATIENCE)
def gather(ctx: StepContext, params: Tree) -> Outcome:
    work(ctx, params.seconds)
    return {"succeeded": ctx.output("spread")["succeeded"]}
