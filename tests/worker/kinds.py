"""Job kinds that exist for the engine's tests; worker processes load them by `--include`."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import requests
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from core.errors import (
    BudgetExceeded,
    ConnectionExpired,
    OutcomeUnknown,
    StepFailed,
    VendorRejected,
    VendorThrottled,
    VendorUnauthorized,
    VendorUnavailable,
)
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


_FAULTS: dict[str, Exception] = {
    "retry": VendorUnavailable("is down", vendor="test", retry_after=0.1),
    "fix": VendorRejected("never", vendor="test"),
    "wait a moment": VendorThrottled("slow down", vendor="test", retry_after=0.3),
    "wait": BudgetExceeded("The budget is spent"),
    "reconnect": ConnectionExpired("consent is gone", vendor="test"),
    "configure": VendorUnauthorized("wrong key", vendor="test"),
    "bug": ZeroDivisionError("a bug with \0 in it"),
}

fails = JobKind("test.fails", Fault, summary="Fails so many times before it succeeds.")


@fails.step(pool="io", max_attempts=3)
def try_it(_: StepContext, params: Fault) -> Outcome:
    if _count(params.folder, "tries") <= params.times:
        raise _FAULTS[params.error]
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


class Question(Params):
    seconds: float | None = None  # how long it waits for an answer
    stumbles: bool = False  # fails once after the answer came


asks = JobKind("test.asks", Question, summary="Waits for an approval.")


@asks.step(pool="io")
def ask(ctx: StepContext, params: Question) -> Outcome:
    if ctx.resolution is None:
        end = None if params.seconds is None else datetime.now(UTC) + timedelta(seconds=params.seconds)
        return Wait("waits for approval", waits_for="approval", until=end)
    if params.stumbles and ctx.attempt == 2:
        raise VendorUnavailable("is down", vendor="test", retry_after=0.1)
    return {"answer": ctx.resolution}


class Fan(Params):
    children: int = 3
    fail: int = 0
    on_failure: str = "fail"
    min_success: int = 0
    nap: float = 0.0
    depth: int = 1  # of fans below fans
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
    if params.depth > 1:
        jobs = [ChildJob("test.fan", {**params.model_dump(), "depth": params.depth - 1}) for _ in range(params.children)]
    else:
        naps = [0.0 if n < params.fail else params.nap for n in range(params.children)]
        jobs = [ChildJob("test.leaf", {"fails": n < params.fail, "nap": nap, "folder": params.folder}) for n, nap in enumerate(naps)]
    return Children(jobs, on_failure=params.on_failure, min_success=params.min_success)  # type: ignore[arg-type]


@fan.step(pool="io")
def gather(ctx: StepContext, _: Fan) -> Outcome:
    return {"succeeded": ctx.output("spread")["succeeded"], "failed": ctx.output("spread")["failed"]}


class Ending(Params):
    folder: str
    hook_fails: bool = False


ends = JobKind("test.ends", Ending, summary="Is told when it ends, whichever way.")


@ends.step(pool="io", max_attempts=1)
def end(_: StepContext, __: Ending) -> Outcome:
    return {}


@ends.ended
def tell(_: Session, job: Any, state: str, __: dict[str, Any] | None) -> None:
    if job.params["hook_fails"]:
        raise ZeroDivisionError
    (Path(job.params["folder"]) / "ended").write_text(state)


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
        return count(f"{params.counter}/effects", params.key), Decimal("0.01")

    return ctx.publish(
        params.key,
        vendor="counter",
        what=f"count {params.key}",
        estimate=params.estimate,
        simulated=True,
        send=send,
        find=_find(params) if params.lookup else None,
    )


class SlowPost(Post):
    folder: str
    seconds: float


slow_posts = JobKind("test.slow_posts", SlowPost, summary="Thinks for a while right before its irreversible request.")


@slow_posts.step(pool="cpu", max_attempts=8)
def think_and_post(ctx: StepContext, params: SlowPost) -> Outcome:
    def send(fence: Any) -> tuple[dict[str, Any], Decimal]:
        (Path(params.folder) / "pid").write_text(str(os.getpid()))
        time.sleep(params.seconds)
        _count(params.folder, "thought")
        fence()
        return count(f"{params.counter}/effects", params.key), Decimal(0)

    return ctx.publish(params.key, vendor="counter", what="post", estimate=Decimal(0), simulated=True, send=send, find=_find(params))


def _find(params: Post) -> Callable[[datetime], dict[str, Any] | None]:
    def find(_: datetime) -> dict[str, Any] | None:
        found = requests.get(f"{params.counter}/effects", params={"key": params.key}, timeout=5).json()["effects"]
        return dict(found[0]) if found else None

    return find


def count(url: str, key: str) -> dict[str, Any]:
    """One call of the sandbox's counter, its answers told apart as a vendor's client would."""
    try:
        answer = requests.post(url, json={"key": key}, timeout=5)
    except requests.RequestException as error:
        raise OutcomeUnknown(str(error), vendor="counter") from error
    if answer.status_code == 429:
        after = answer.headers.get("Retry-After")
        raise VendorThrottled("slow down", vendor="counter", retry_after=float(after) if after else None)
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
        call=lambda: (count(f"{params.counter}/paid", params.key), params.estimate),
    )


def _count(folder: str, name: str) -> int:
    with (Path(folder) / name).open("a") as file:
        file.write("x")
    return _tally(folder, name)


def _tally(folder: str, name: str) -> int:
    path = Path(folder) / name
    return path.stat().st_size if path.exists() else 0
