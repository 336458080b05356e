"""Job kinds that exist for the engine's tests; worker processes load them by `--include`."""

from __future__ import annotations

import os
import signal
import sys
import time
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import requests
from pydantic import BaseModel, ConfigDict, Field

from core.errors import OutcomeUnknown, StepFailed, VendorRejected, VendorUnavailable
from worker.context import StepContext
from worker.kinds import JobKind
from worker.outcomes import ChildJob, Children, Outcome, Snooze, Wait


class Params(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Nothing(Params):
    pass


noop = JobKind("test.noop", Nothing, summary="Does nothing.")


@noop.step(pool="io")
def rest(_: StepContext, __: Nothing) -> Outcome:
    return {}


class Numbers(Params):
    start: int = Field(ge=0)


chain = JobKind("test.chain", Numbers, summary="Three steps in three pools, each building on the one before.")


@chain.step(pool="io")
def first(_: StepContext, params: Numbers) -> Outcome:
    return {"value": params.start + 1}


@chain.step(pool="cpu")
def second(ctx: StepContext, _: Numbers) -> Outcome:
    return {"value": ctx.output("first")["value"] * 10, "pid": os.getpid()}


@chain.step(pool="gpu")
def third(ctx: StepContext, _: Numbers) -> Outcome:
    return {"value": ctx.output("second")["value"] + 5}


class Fault(Params):
    times: int = Field(default=1, ge=0)
    folder: str
    error: str = "retry"


fails = JobKind("test.fails", Fault, summary="Fails so many times before it succeeds.")


@fails.step(pool="io", max_attempts=3)
def try_it(_: StepContext, params: Fault) -> Outcome:
    if _count(params.folder, "tries") <= params.times:
        if params.error == "retry":
            raise VendorUnavailable("is down", vendor="test", retry_after=0.1)
        if params.error == "fix":
            raise VendorRejected("never", vendor="test")
        raise ZeroDivisionError("a bug")
    return {"tries": _tally(params.folder, "tries")}


@fails.step(pool="io")
def after(_: StepContext, __: Fault) -> Outcome:
    return {"after": True}


class Nap(Params):
    seconds: float = 1.0
    folder: str


naps = JobKind("test.naps", Nap, summary="Works in Python for a while, noticing a cancel at its progress calls.")


@naps.step(pool="cpu")
def nap(ctx: StepContext, params: Nap) -> Outcome:
    _count(params.folder, "begun")
    (Path(params.folder) / "pid").write_text(str(os.getpid()))
    end = time.monotonic() + params.seconds
    while time.monotonic() < end:
        ctx.progress(1 - (end - time.monotonic()) / params.seconds, "napping")
        time.sleep(0.05)
    _count(params.folder, "ended")
    return {"begun": _tally(params.folder, "begun"), "attempt": ctx.attempt}


frozen = JobKind("test.frozen", Nap, summary="Hangs without ever looking up, past its deadline.")


@frozen.step(pool="gpu", deadline=1.0, max_attempts=2)
def hang(_: StepContext, params: Nap) -> Outcome:
    if _count(params.folder, "begun") == 1:
        time.sleep(params.seconds)
    return {"begun": _tally(params.folder, "begun")}


child_process = JobKind("test.process", Nap, summary="Runs a program that sleeps.")


@child_process.step(pool="cpu")
def run_program(ctx: StepContext, params: Nap) -> Outcome:
    script = f"import os,time,pathlib; pathlib.Path({params.folder!r},'child').write_text(str(os.getpid())); time.sleep({params.seconds})"
    ctx.process([sys.executable, "-c", script])
    return {}


poison = JobKind("test.poison", Nap, summary="Kills its worker every time.")


@poison.step(pool="cpu", max_attempts=2)
def kill_worker(_: StepContext, params: Nap) -> Outcome:
    _count(params.folder, "begun")
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


class Polls(Params):
    folder: str
    times: int = 3


polls = JobKind("test.polls", Polls, summary="Snoozes so many times, as one who polls a vendor does.")


@polls.step(pool="io", max_attempts=1)
def poll(ctx: StepContext, params: Polls) -> Outcome:
    seen = _count(params.folder, "polls")
    return Snooze(0.1, "the vendor is at it") if seen <= params.times else {"polls": seen, "attempt": ctx.attempt}


@polls.step(pool="io")
def report(ctx: StepContext, _: Polls) -> Outcome:
    return dict(ctx.output("poll"))


asks = JobKind("test.asks", Nothing, summary="Waits for an approval.")


@asks.step(pool="io")
def ask(ctx: StepContext, _: Nothing) -> Outcome:
    return Wait("waits for approval", waits_for="approval") if ctx.resolution is None else {"answer": ctx.resolution}


class Fan(Params):
    children: int = 3
    fail: int = 0
    on_failure: str = "fail"
    min_success: int = 0
    nap: float = 0.0
    folder: str


class Leaf(Params):
    fails: bool = False
    nap: float = 0.0
    folder: str


leaf = JobKind("test.leaf", Leaf, summary="One child.")


@leaf.step(pool="io")
def grow(ctx: StepContext, params: Leaf) -> Outcome:
    _count(params.folder, "leaves")
    end = time.monotonic() + params.nap
    while time.monotonic() < end:
        ctx.check()
        time.sleep(0.02)
    if params.fails:
        raise StepFailed("this leaf was told to fail")
    return {"leaf": True}


fan = JobKind("test.fan", Fan, summary="Fans out and in.")


@fan.step(pool="io")
def spread(_: StepContext, params: Fan) -> Outcome:
    jobs = [ChildJob("test.leaf", {"fails": n < params.fail, "nap": params.nap, "folder": params.folder}) for n in range(params.children)]
    return Children(jobs, on_failure=params.on_failure, min_success=params.min_success)  # type: ignore[arg-type]


@fan.step(pool="io")
def gather(ctx: StepContext, _: Fan) -> Outcome:
    return {"succeeded": ctx.output("spread")["succeeded"], "failed": ctx.output("spread")["failed"]}


class Post(Params):
    counter: str  # base URL of the sandbox's counter vendor
    key: str
    lookup: bool = True
    estimate: Decimal = Decimal(0)


posts = JobKind("test.posts", Post, summary="One irreversible effect at the sandbox's counter.")


@posts.step(pool="io", max_attempts=8)
def post(ctx: StepContext, params: Post) -> Outcome:
    def send(fence: Any) -> tuple[dict[str, Any], Decimal]:
        fence()
        return _counter(params.counter, params.key), Decimal("0.01")

    def find(_: datetime) -> dict[str, Any] | None:
        found = requests.get(f"{params.counter}/effects", params={"key": params.key}, timeout=5).json()
        return dict(found[0]) if found else None

    return ctx.publish(
        params.key,
        vendor="counter",
        what=f"count {params.key}",
        estimate=params.estimate,
        simulated=True,
        send=send,
        find=find if params.lookup else None,
    )


def _counter(url: str, key: str) -> dict[str, Any]:
    try:
        answer = requests.post(f"{url}/effects", json={"key": key}, timeout=5)
    except requests.RequestException as error:
        raise OutcomeUnknown(str(error), vendor="counter") from error
    if answer.status_code >= 500:
        raise VendorUnavailable(f"HTTP {answer.status_code}", vendor="counter", retry_after=0.2)
    return dict(answer.json())


paid = JobKind("test.paid", Post, summary="One paid, repeatable call.")


@paid.step(pool="io")
def buy(ctx: StepContext, params: Post) -> Outcome:
    return ctx.paid(
        params.key,
        vendor="counter",
        what=f"buy {params.key}",
        estimate=params.estimate,
        simulated=True,
        call=lambda: (_counter(params.counter, params.key), params.estimate),
    )


def _count(folder: str, name: str) -> int:
    with (Path(folder) / name).open("a") as file:
        file.write("x")
    return _tally(folder, name)


def _tally(folder: str, name: str) -> int:
    path = Path(folder) / name
    return path.stat().st_size if path.exists() else 0
