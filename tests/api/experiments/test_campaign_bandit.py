"""A campaign's creatives, rotated with one call."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from models import Concept
from tests.api import rows
from tests.api.conftest import Api
from tests.people import Person


def concept(person: Person, campaign: str, position: int) -> str:
    """A concept with a post."""
    made = rows.add(Concept(org_id=person.org_id, campaign_id=uuid.UUID(campaign), position=position, title=f"Concept {position}"))
    rows.post(person.org_id, campaign, concept_id=uuid.UUID(made))
    return made


def test_one_call_makes_and_starts_it(admin: Api, user: Person, make_campaign: Callable[..., str]) -> None:
    """Its variants are the concepts with their posts, its metric is conversions, and it runs; one at a time."""
    campaign = make_campaign()
    concepts = [concept(user, campaign, n) for n in range(3)]
    answer = admin.post(f"/v1/campaigns/{campaign}/bandit")
    made = answer.json
    assert (answer.status_code, made["kind"], made["state"], made["source"], made["campaign_id"]) == (
        201,
        "bandit",
        "running",
        "touchpoints",
        campaign,
    )
    assert [variant["value"]["concept_id"] for variant in made["variants"]] == concepts
    assert all(len(variant["value"]["post_ids"]) == 1 for variant in made["variants"])
    assert made["metrics"][0]["event"] == "purchase"
    again = admin.post(f"/v1/campaigns/{campaign}/bandit")
    assert (again.status_code, made["id"] in again.json["detail"]) == (409, True)
    assigned = admin.post(f"/v1/experiments/{made['id']}/assign", {"attributes": {"id": "visitor"}}).json
    assert assigned["value"]["concept_id"] in concepts


def test_one_creative_cannot_be_rotated(admin: Api, user: Person, make_campaign: Callable[..., str]) -> None:
    """A campaign without two concepts is told so."""
    campaign = make_campaign()
    concept(user, campaign, 0)
    refused = admin.post(f"/v1/campaigns/{campaign}/bandit")
    assert (refused.status_code, "has 1 concept(s)" in refused.json["detail"]) == (409, True)


def test_its_results_are_beliefs(admin: Api, user: Person, make_campaign: Callable[..., str]) -> None:
    """Nobody assigned the touchpoints: no sample ratio is checked, and the reading is the bandit's."""
    campaign = make_campaign()
    for n in range(2):
        concept(user, campaign, n)
    made = admin.post(f"/v1/campaigns/{campaign}/bandit", {"event": "signup", "revenue": True}).json
    found = admin.get(f"/v1/experiments/{made['id']}/results").json
    assert (found["sample_ratio"], found["verdict"]) == (None, "no data")
    assert admin.get(f"/v1/experiments/{made['id']}/decisions").json == {"items": []}


def test_its_variants_stay_creatives(admin: Api, user: Person, make_campaign: Callable[..., str]) -> None:
    """A draft's variants may be fewer or other ones, each a concept: without one no touchpoint could be told to be its."""
    campaign = make_campaign()
    concepts = [concept(user, campaign, n) for n in range(3)]
    made = admin.post(f"/v1/campaigns/{campaign}/bandit", {"start": False}).json
    path = f"/v1/experiments/{made['id']}"
    refused = admin.patch(path, {"variants": [made["variants"][0], {"key": "b", "value": "concept-2"}]})
    assert [fault["pointer"] for fault in refused.json["errors"]] == ["/variants/1/value"]
    assert concepts[1] in refused.json["errors"][0]["detail"]
    assert admin.patch(path, {"variants": made["variants"][:2]}).status_code == 200
    assert admin.post(f"{path}/start").status_code == 200
