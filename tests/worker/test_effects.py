"""Outside effects against a vendor that really counts them: each once, whatever is lost on the way."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from core.errors import BudgetExceeded, Conflict, LeaseLost, OutcomeUnknown, VendorThrottled, VendorUnavailable
from models.session import engine_session, org_session
from tests.stack import SandboxProcess
from tests.worker.conftest import SETTLE_SECONDS
from tests.worker.jobs import Jobs, ask, expire, lease_of, until
from tests.worker.kinds import count
from worker import children, control, effects, gates, sweep
from worker.claims import Claim
from worker.context import StepContext
from worker.outcomes import ChildJob, Children, Paused, Snooze, Wait

ZERO = Decimal(0)


@pytest.fixture
def counter(sandbox: SandboxProcess) -> str:
    return f"{sandbox.url}/counter"


@pytest.fixture
def make_campaign(jobs: Jobs) -> Callable[[str], uuid.UUID]:
    """`make_campaign("1.00")` -> a campaign with that budget, USD."""

    def make(budget: str) -> uuid.UUID:
        campaign = uuid.uuid4()
        insert = "INSERT INTO campaigns (id, org_id, name, domain, goal, budget) VALUES (:id, :org, 'Spring', 'a.test', 'g', :budget)"
        with engine_session() as session:
            session.execute(text(insert), {"id": campaign, "org": jobs.org_id, "budget": budget})
        return campaign

    return make


def attempt(held: Claim, seconds: float = 60.0) -> StepContext:
    return StepContext(held, lease_of(held, seconds))


def buy(held: Claim, url: str, estimate: str = "0", key: str = "image") -> dict[str, Any]:
    price = Decimal(estimate)
    return attempt(held).paid(
        key, vendor="counter", what="buy an image", estimate=price, simulated=True, call=lambda: (count(f"{url}/paid", held.job_id), price)
    )


def publish(held: Claim, send: Any, find: Any = None, key: str = "post", seconds: float = 60.0) -> dict[str, Any]:
    return attempt(held, seconds).publish(key, vendor="counter", what="post it", estimate=ZERO, simulated=True, send=send, find=find)


def lost(_: Callable[[], None]) -> tuple[dict[str, Any], Decimal]:
    """A request that left and was never answered."""
    raise OutcomeUnknown("no answer", vendor="counter")


def sent(_: Callable[[], None]) -> tuple[dict[str, Any], Decimal]:
    return {"id": "new"}, Decimal("0.01")


def not_there(_: datetime) -> None:
    return None


def effects_of(jobs: Jobs) -> list[Any]:
    return ask("SELECT * FROM effects WHERE org_id = :org ORDER BY created_at", org=jobs.org_id)


def costs_of(jobs: Jobs) -> list[Any]:
    return ask("SELECT amount, maybe_billed, vendor, simulated FROM cost_entries WHERE org_id = :org ORDER BY id", org=jobs.org_id)


def test_a_lost_answer_is_found_by_look_up(live: Jobs, sandbox: SandboxProcess, counter: str) -> None:
    """The vendor did the work and the answer was lost: the step finds it there, and the ledger has it once."""
    sandbox.fault(vendor="counter", mode="lose_answer", method="POST", times=1)
    key = uuid.uuid4().hex
    view = live.finished(live.submit("test.posts", counter=counter, key=key))
    (effect,) = sandbox.ledger(vendor="counter", key=key)
    assert (view["state"], view["result"]["id"]) == ("succeeded", effect["id"])
    assert [(e.state, e.sends) for e in effects_of(live)] == [("done", 1)]


def test_not_found_is_not_believed_at_once(jobs: Jobs) -> None:
    """While the vendor may still be settling the step waits for that, sends nothing, and takes what shows up meanwhile."""
    held = jobs.hold("test.noop")
    with pytest.raises(OutcomeUnknown):
        publish(held, lost)
    with pytest.raises(Paused) as paused:
        publish(held, lambda _: pytest.fail("sent twice"), not_there)
    assert isinstance(paused.value.outcome, Snooze)
    assert 0 < paused.value.outcome.seconds <= SETTLE_SECONDS + 0.1
    assert publish(held, lambda _: pytest.fail("sent twice"), lambda _: {"id": "shown"}) == {"id": "shown"}


def test_a_look_up_that_keeps_failing_becomes_doubt(jobs: Jobs) -> None:
    """A vendor that is down is asked again for some settle times, then a person is."""
    held = jobs.hold("test.noop")

    def down(_: datetime) -> None:
        raise VendorUnavailable("HTTP 503", vendor="counter")

    with pytest.raises(OutcomeUnknown):
        publish(held, lost)
    with pytest.raises(Paused) as asks_again:
        publish(held, sent, down)
    assert isinstance(asks_again.value.outcome, Snooze)
    with engine_session() as session:
        session.execute(text("UPDATE effects SET sent_at = sent_at - interval '1 hour' WHERE job_id = :job"), {"job": held.job_id})
    with pytest.raises(Paused) as gives_up:
        publish(held, sent, down)
    assert isinstance(gives_up.value.outcome, Wait)
    assert [(e.state, e.error["detail"]) for e in effects_of(jobs)] == [("needs_review", "counter: HTTP 503")]


def test_work_that_the_vendor_never_did_is_sent_again(live: Jobs, sandbox: SandboxProcess, counter: str) -> None:
    """A connection dropped before the work: after the settle time its absence is believed, and it is done once."""
    sandbox.fault(vendor="counter", mode="drop", method="POST", times=1)
    key = uuid.uuid4().hex
    assert live.finished(live.submit("test.posts", counter=counter, key=key))["state"] == "succeeded"
    assert len(sandbox.ledger(vendor="counter", key=key)) == 1
    assert [(e.state, e.sends) for e in effects_of(live)] == [("done", 2)]


@pytest.mark.parametrize(("was_sent", "number"), [(True, 1), (False, 2)])
def test_without_a_look_up_a_person_decides(live: Jobs, sandbox: SandboxProcess, counter: str, was_sent: bool, number: int) -> None:
    """A lost answer of a vendor that cannot tell waits for review; "sent" ends it, "not sent" sends once more."""
    sandbox.fault(vendor="counter", mode="lose_answer", method="POST", times=1)
    key = uuid.uuid4().hex
    job = live.submit("test.posts", counter=counter, key=key, lookup=False)
    until(lambda: live.step(job)["waits_for"] == "review")
    assert live.view(job)["wait_reason"] == f"needs review: nobody can tell whether this was done: count {key}"
    (doubt,) = effects_of(live)
    assert doubt.state == "needs_review"
    with org_session(live.org_id) as session:
        control.resolve_effect(session, doubt.id, sent=was_sent, receipt={"id": "by hand"})
    assert live.finished(job)["state"] == "succeeded"
    assert effects_of(live)[0].state == "done"
    assert len(sandbox.ledger(vendor="counter", key=key)) == number


def test_only_an_effect_in_doubt_is_settled_by_hand(jobs: Jobs) -> None:
    """A done effect, and one of another organisation, cannot be talked away."""
    held = jobs.hold("test.noop")
    publish(held, sent)
    with org_session(jobs.org_id) as session, pytest.raises(Conflict):
        control.resolve_effect(session, effects_of(jobs)[0].id, sent=False)


def test_a_receipt_is_given_back_instead_of_a_second_call(jobs: Jobs) -> None:
    """The same key in another attempt, or another job of the organisation, finds the first one's receipt."""
    assert publish(jobs.hold("test.noop"), sent) == {"id": "new"}
    assert publish(jobs.hold("test.noop"), lambda _: pytest.fail("sent twice")) == {"id": "new"}


def test_two_jobs_with_one_key_send_once(jobs: Jobs) -> None:
    """A job that looked before the other one sent does not send too: it waits to see what became of it."""
    first, second = jobs.hold("test.noop"), jobs.hold("test.noop")

    def other_is_quicker(fence: Callable[[], None]) -> tuple[dict[str, Any], Decimal]:
        with pytest.raises(Paused) as paused:
            publish(second, lambda _: pytest.fail("sent twice"), not_there)
        assert isinstance(paused.value.outcome, Snooze)
        return sent(fence)

    assert publish(first, other_is_quicker, not_there) == {"id": "new"}
    assert publish(second, lambda _: pytest.fail("sent twice"), not_there) == {"id": "new"}


def test_two_jobs_that_looked_at_the_same_moment_send_once(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both saw an effect that nobody had sent: the row lets one of them send, the other comes back to see what became of it."""
    first, second = jobs.hold("test.noop"), jobs.hold("test.noop")
    begin = effects._begin

    def begin_and_be_overtaken(claim: Claim, effect: effects.Effect) -> Any:
        seen = begin(claim, effect)
        if claim is first:
            with pytest.raises(OutcomeUnknown):
                publish(second, lost)
        return seen

    monkeypatch.setattr(effects, "_begin", begin_and_be_overtaken)
    with pytest.raises(Paused) as paused:
        publish(first, lambda _: pytest.fail("sent twice"))
    assert isinstance(paused.value.outcome, Snooze)


def test_a_worker_that_lost_its_step_does_not_send(jobs: Jobs) -> None:
    """The attempt is checked by the last write before the request leaves."""
    held = jobs.hold("test.noop")
    expire(held)
    jobs.claim(held.job_id, worker="another")
    with pytest.raises(LeaseLost):
        publish(held, lambda _: pytest.fail("sent by a fenced worker"))


def test_a_process_that_was_stopped_does_not_send(jobs: Jobs) -> None:
    """The fence, called right before the bytes leave, knows by the clock that the lease has run out."""
    held = jobs.hold("test.noop")

    def send(fence: Callable[[], None]) -> tuple[dict[str, Any], Decimal]:
        fence()
        pytest.fail("passed the fence")

    with pytest.raises(LeaseLost):
        publish(held, send, seconds=0.1)
    assert effects_of(jobs)[0].state == "failed"  # known not to have happened: no look-up is needed


def test_a_receipt_that_comes_late_is_kept(jobs: Jobs) -> None:
    """What happened outside happened, although the step belongs to another worker by now."""
    held = jobs.hold("test.noop")

    def slow(fence: Callable[[], None]) -> tuple[dict[str, Any], Decimal]:
        expire(held)
        jobs.claim(held.job_id, worker="another")
        return sent(fence)

    publish(held, slow)
    assert [(e.state, e.receipt) for e in effects_of(jobs)] == [("done", {"id": "new"})]
    assert [c.amount for c in costs_of(jobs)] == [Decimal("0.010000")]


def test_a_throttled_vendor_is_left_alone_by_all(jobs: Jobs, sandbox: SandboxProcess, counter: str) -> None:
    """One 429 closes the vendor for every job of the organisation until the time it named; another organisation is free."""
    sandbox.fault(vendor="counter", mode="throttle", retry_after=60, times=1)
    with pytest.raises(VendorThrottled):
        buy(jobs.hold("test.noop"), counter)
    with pytest.raises(Paused) as paused:
        buy(jobs.hold("test.noop"), counter)
    assert isinstance(paused.value.outcome, Snooze)
    assert paused.value.outcome.seconds == pytest.approx(60, abs=5)
    assert paused.value.outcome.reason.startswith("rate limit of counter until ")
    gates.pass_or_snooze(str(uuid.uuid4()), "counter")


def test_a_vendor_that_throttles_without_a_time_gets_half_a_minute(jobs: Jobs) -> None:
    """The error carries the pause, so that the step comes back by itself."""

    def throttled() -> tuple[dict[str, Any], Decimal]:
        raise VendorThrottled("slow down", vendor="counter")

    with pytest.raises(VendorThrottled) as refused:
        attempt(jobs.hold("test.noop")).paid("k", vendor="counter", what="x", estimate=ZERO, simulated=True, call=throttled)
    assert refused.value.retry_after == 30


def test_the_budget_holds_among_twenty_at_once(jobs: Jobs, counter: str, sandbox: SandboxProcess, make_campaign: Any) -> None:
    """Twenty paid calls of 0.10 at the same moment never pass a budget of 1.00."""
    campaign = make_campaign("1.00")
    held = [jobs.hold("test.noop", campaign_id=campaign) for _ in range(20)]

    def spend(claim: Claim) -> bool:
        try:
            return bool(buy(claim, counter, "0.10"))
        except BudgetExceeded:
            return False

    with ThreadPoolExecutor(20) as threads:
        assert sum(threads.map(spend, held)) == 10
    assert sum(c.amount for c in costs_of(jobs)) == Decimal("1.00")
    assert len(sandbox.ledger(vendor="counter", kind="paid")) == 10


def test_calls_under_way_are_held_against_the_budget(jobs: Jobs, make_campaign: Any) -> None:
    """A call whose price is not known yet counts with its estimate, and a refusal says what is left."""
    campaign = make_campaign("1.00")
    held = jobs.hold("test.noop", campaign_id=campaign)

    def meanwhile() -> tuple[dict[str, Any], Decimal]:
        with pytest.raises(BudgetExceeded, match=r"needs up to 0\.5000 USD, 0\.4000 of 1\.00 USD are left"):
            buy(jobs.hold("test.noop", campaign_id=campaign), "", "0.50")
        return {}, Decimal("0.20")

    attempt(held).paid("k", vendor="counter", what="x", estimate=Decimal("0.60"), simulated=False, call=meanwhile)


def test_a_budget_that_is_raised_lets_the_job_go_on(live: Jobs, counter: str, make_campaign: Any) -> None:
    """A job whose call the budget does not cover waits and says so, and goes on when it is resolved."""
    campaign = make_campaign("0.05")
    job = live.submit("test.paid", campaign_id=campaign, counter=counter, key="k", estimate="0.10")
    assert "The budget of campaign 'Spring' does not cover this" in live.comes_to(job, "waiting")["wait_reason"]
    with org_session(live.org_id) as session:
        session.execute(text("UPDATE campaigns SET budget = 1 WHERE id = :id"), {"id": campaign})
        assert control.resolve_campaign(session, campaign, waits_for="budget") == 1
    assert live.finished(job)["cost"] == "0.100000"


def test_a_paid_call_repeated_after_a_lost_answer_may_be_billed_twice(live: Jobs, sandbox: SandboxProcess, counter: str) -> None:
    """The lost call is in the ledger as maybe billed beside the one that answered; the job's cost is their sum."""
    sandbox.fault(vendor="counter", mode="lose_answer", method="POST", times=1)
    view = live.finished(live.submit("test.paid", counter=counter, key="k", estimate="0.10"))
    assert [(c.amount, c.maybe_billed, c.simulated) for c in costs_of(live)] == [
        (Decimal("0.100000"), True, True),
        (Decimal("0.100000"), False, True),
    ]
    assert (view["cost"], view["simulated"]) == ("0.200000", True)


def test_a_call_that_a_cancel_forestalls_is_not_counted_as_sent(jobs: Jobs) -> None:
    """A step that is cancelled right before a paid call holds nothing of the budget."""
    held = jobs.hold("test.noop")
    context = attempt(held)
    context._lease.lost = True
    with pytest.raises(LeaseLost):
        context.paid("k", vendor="counter", what="x", estimate=ZERO, simulated=True, call=lambda: pytest.fail("called"))
    assert effects_of(jobs)[0].sends == 0


def test_a_paid_call_is_made_once_an_attempt_and_generation(jobs: Jobs, counter: str, sandbox: SandboxProcess) -> None:
    """A second attempt gets the stored receipt; a replay, which asks for something new, pays again."""
    held = jobs.hold("test.noop")
    assert buy(held, counter) == buy(replace(held), counter)
    expire(held)
    buy(jobs.claim(held.job_id), counter)
    assert len(sandbox.ledger(vendor="counter", kind="paid", key=held.job_id)) == 1
    jobs.cancel(held.job_id)
    expire(held)
    sweep.recover_expired()
    jobs.replay(held.job_id)
    buy(jobs.claim(held.job_id), counter)
    assert len(sandbox.ledger(vendor="counter", kind="paid", key=held.job_id)) == 2


def test_a_job_s_cost_is_its_family_s(jobs: Jobs) -> None:
    """Children's costs are in their parent's sum, other jobs' are not."""
    held = jobs.hold("test.fan", folder=jobs.folder)
    children.spawn(held, Children([ChildJob("test.noop", {})]))
    (child,) = jobs.children(held.job_id)
    enter = "INSERT INTO cost_entries (org_id, job_id, step, vendor, what, amount) VALUES (:org, :job, 's', 'v', 'w', :amount)"
    with engine_session() as session:
        for job, amount in [(held.job_id, "0.1"), (child["id"], "0.2"), (str(jobs.put("test.noop")), "5")]:
            session.execute(text(enter), {"org": jobs.org_id, "job": job, "amount": amount})
    assert Decimal(jobs.view(held.job_id)["cost"]) == Decimal("0.3")
