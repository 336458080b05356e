"""Who is who: keys of people in `identity_keys`, and persons merged where one event shows that two keys are one person."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from models.session import org_session
from pipelines.analytics.identities import Key, joined

_WANTED = "json_to_recordset(CAST(:keys AS json)) AS w(kind text, key text)"
_READ = (
    f"SELECT k.id, k.kind, k.key, k.person_id, k.refused_at IS NOT NULL AS refused FROM identity_keys k JOIN {_WANTED} USING (kind, key)"
)
_ADD = f"""
WITH new AS (SELECT nextval('identity_keys_id_seq') AS id, w.kind, w.key FROM (SELECT * FROM {_WANTED} ORDER BY kind, key) w)
INSERT INTO identity_keys (id, org_id, kind, key, person_id) SELECT id, :org, kind, key, id FROM new ON CONFLICT DO NOTHING
"""
# Whoever changes which keys are one person waits here: of two merges that meet, the second sees the first.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('identities:' || :org, 0))"
_SIZES = """
SELECT person_id, count(*) AS n, bool_or(refused_at IS NOT NULL) AS refused FROM identity_keys
WHERE person_id = ANY(:persons) GROUP BY person_id
"""
_MERGE = """
UPDATE identity_keys k SET person_id = m.into FROM json_to_recordset(CAST(:merges AS json)) AS m(person bigint, "into" bigint)
WHERE k.person_id = m.person
"""
_REFUSE = """
UPDATE identity_keys SET refused_at = clock_timestamp() WHERE person_id = ANY(:persons) AND refused_at IS NULL
"""
_GRANT = "UPDATE identity_keys SET refused_at = NULL WHERE person_id = ANY(:persons) AND refused_at IS NOT NULL"


class Identity(NamedTuple):
    """A key's row. refused: the person does not want to be analysed."""

    id: int
    person_id: int
    refused: bool


def stitch(
    org_id: uuid.UUID | str, groups: Collection[Sequence[Key]], *, refused: Iterable[Key] = (), granted: Iterable[Key] = ()
) -> dict[Key, Identity]:
    """Every key of the groups with its row, those of one group made one person. A transaction of its own; may run twice.

    A person who refused stays refused when merged, until one of the person's keys grants it. The latest word counts:
    a key in both `refused` and `granted` has refused.
    """
    keys = sorted({key for group in groups for key in group})
    if not keys:
        return {}
    no, yes = set(refused), set(granted)
    with org_session(org_id) as session:
        found = _read(session, keys)
        if missing := [key for key in keys if key not in found]:
            session.execute(text(_ADD), {"org": org_id, "keys": _as_json(missing)})
            found |= _read(session, missing)
        unsettled = sorted({key for group in groups if len({found[key].person_id for key in group}) > 1 for key in group})
        spoken = sorted(key for key in no | yes if found[key].refused != (key in no))
        if unsettled or spoken:
            session.execute(text(_LOCK), {"org": str(org_id)})
            _merge(session, _read(session, unsettled), groups)
            _consent(session, _read(session, spoken), no)
            found = _read(session, keys)
    return found


def _read(session: Session, keys: Sequence[Key]) -> dict[Key, Identity]:
    if not keys:
        return {}
    rows = session.execute(text(_READ), {"keys": _as_json(keys)})
    return {Key(row.kind, row.key): Identity(row.id, row.person_id, row.refused) for row in rows}


def _as_json(keys: Sequence[Key]) -> str:
    return json.dumps([{"kind": key.kind, "key": key.key} for key in keys])


def _merge(session: Session, found: dict[Key, Identity], groups: Iterable[Sequence[Key]]) -> None:
    """found: the keys that may not be settled yet, as the one before in the lock left them."""
    persons = sorted({identity.person_id for identity in found.values()})
    number = {person: n for n, person in enumerate(persons)}
    sets = joined(([number[found[key].person_id] for key in group] for group in groups if all(key in found for key in group)), len(persons))
    together: dict[int, list[int]] = {}
    for n, person in enumerate(persons):
        together.setdefault(sets.find(n), []).append(person)
    meeting = [members for members in together.values() if len(members) > 1]
    if meeting:
        known = {row.person_id: row for row in session.execute(text(_SIZES), {"persons": [p for members in meeting for p in members]})}
        merges, refusing = _plan(meeting, known)
        session.execute(text(_MERGE), {"merges": json.dumps(merges)})
        session.execute(text(_REFUSE), {"persons": refusing})


def _plan(meeting: list[list[int]], known: dict[int, Any]) -> tuple[list[dict[str, int]], list[int]]:
    """The person with the most keys takes the others in, so that the fewest rows change; and who of the merged had refused."""
    merges, refusing = [], []
    for members in meeting:
        into = max(members, key=lambda person: (known[person].n, -person))
        merges += [{"person": person, "into": into} for person in members if person != into]
        if any(known[person].refused for person in members):
            refusing.append(into)
    return merges, refusing


def _consent(session: Session, found: dict[Key, Identity], no: set[Key]) -> None:
    """A person of whom one key grants and another refuses has refused."""
    refusing = {identity.person_id for key, identity in found.items() if key in no}
    granting = {identity.person_id for key, identity in found.items() if key not in no} - refusing
    session.execute(text(_REFUSE), {"persons": sorted(refusing)})
    session.execute(text(_GRANT), {"persons": sorted(granting)})
