"""Exposures of a campaign's bandit: whoever comes by one of a concept's posts has seen that concept."""

from __future__ import annotations

import json

from sqlalchemy import text
from sqlalchemy.orm import Session

from models import Experiment

_TAKE_IN = """
INSERT INTO experiment_exposures (experiment_id, org_id, unit, variant, version, first_at)
SELECT CAST(:experiment AS uuid), ev.org_id, k.key, v.variant, :version, min(ev.occurred_at)
FROM jsonb_to_recordset(CAST(:variants AS jsonb)) AS v(variant text, concept_id uuid)
JOIN posts p ON p.concept_id = v.concept_id
JOIN events ev ON ev.post_id = p.id AND ev.org_id = p.org_id AND ev.kind = 'touchpoint' AND ev.occurred_at >= :start
JOIN identity_keys k ON k.org_id = ev.org_id AND k.id = ev.identity_key_id
GROUP BY ev.org_id, k.key, v.variant
ON CONFLICT (experiment_id, unit, variant) DO UPDATE SET first_at = excluded.first_at
WHERE experiment_exposures.first_at > excluded.first_at
"""


def take_in(session: Session, experiment: Experiment) -> None:
    """Add the exposures that came as touchpoints since the start. May run any number of times; late events are found too."""
    named = [{"variant": one["key"], "concept_id": (one.get("value") or {}).get("concept_id")} for one in experiment.variants]
    values = {
        "experiment": str(experiment.id),
        "version": experiment.version,
        "variants": json.dumps(named),
        "start": experiment.started_at,
    }
    session.execute(text(_TAKE_IN), values)
