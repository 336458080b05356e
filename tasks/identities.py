"""Who is who: keys of people in `identity_keys`, and persons merged where one event shows that two keys are one person."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from models.session import org_session
from pipelines.analytics.events import json_text
from pipelines.analytics.identities import Key, joined

_WANTED = "json_to_recordset(CAST(:keys AS json)) AS w(kind text, key text)"
_READ = f"SELECT k.kind, k.key, k.id, k.person_id, k.refused_at FROM identity_keys k JOIN {_WANTED} USING (kind, key)"
# Keys of one new person share its number; the first of their ids is the person's. In the order of the keys: so that two
# transactions that add the same ones wait for each other in one direction only.
_ADD = """
WITH new AS (
    SELECT nextval('identity_keys_id_seq') AS id, w.* FROM (
        SELECT * FROM json_to_recordset(CAST(:keys AS json)) AS r(kind text, key text, number int, person bigint, refused timestamptz)
        ORDER BY kind, key
    ) w
)
INSERT INTO identity_keys AS k (id, org_id, kind, key, person_id, refused_at)
SELECT id, :org, kind, key, coalesce(person, min(id) OVER (PARTITION BY number)), refused
FROM new ORDER BY kind, key
ON CONFLICT DO NOTHING RETURNING k.kind, k.key, k.id, k.person_id, k.refused_at
"""
# Whoever changes which keys are one person waits here: of two merges that meet, the second sees the first.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('identities:' || :org, 0))"
_SIZES = """
SELECT person_id, count(*) AS n, max(refused_at) AS refused_at FROM identity_keys
JOIN unnest(CAST(:persons AS bigint[])) AS p(person_id) USING (person_id) GROUP BY person_id
"""
_MERGE = """
UPDATE identity_keys k SET person_id = m.into FROM json_to_recordset(CAST(:merges AS json)) AS m(person bigint, "into" bigint)
WHERE k.person_id = m.person
"""
_REFUSE = """
UPDATE identity_keys k SET refused_at = r.at FROM json_to_recordset(CAST(:refusals AS json)) AS r(person bigint, at timestamptz)
WHERE k.person_id = r.person AND (k.refused_at IS NULL OR k.refused_at < r.at)
"""
# A grant that was said before the refusal is no answer to it, however late it comes in or however often it is sent.
_GRANT = """
UPDATE identity_keys SET refused_at = NULL WHERE refused_at IS NOT NULL AND person_id IN (
    SELECT g.person FROM json_to_recordset(CAST(:grants AS json)) AS g(person bigint, at timestamptz)
    JOIN identity_keys k ON k.person_id = g.person GROUP BY g.person, g.at HAVING max(k.refused_at) <= g.at
)
"""


class Identity(NamedTuple):
    """A key's row. refused_at: since when the person does not want to be analysed."""

    id: int
    person_id: int
    refused_at: datetime | None


class _Overtaken(Exception):
    """Somebody else added one of the keys since they were read."""


def stitch(
    org_id: uuid.UUID | str,
    groups: Collection[Sequence[Key]],
    *,
    refused: Mapping[Key, datetime] | None = None,
    granted: Mapping[Key, datetime] | None = None,
) -> dict[Key, Identity]:
    """Every key of the groups with its row, those of one group made one person. A transaction of its own; may run twice.

    refused, granted: when that was said. A person who refused stays refused when merged, until one of the person's keys
    grants it at that time or later. A key in both has refused.
    """
    keys = {key for group in groups for key in group}
    no, yes = refused or {}, granted or {}
    while keys:
        try:
            with org_session(org_id) as session:
                return _stitched(session, org_id, keys, [group for group in groups if len(group) > 1], no, yes)
        except _Overtaken:
            continue  # what was added is committed, and read the next time
    return {}


def _stitched(
    session: Session,
    org_id: uuid.UUID | str,
    keys: set[Key],
    pairs: list[Sequence[Key]],
    no: Mapping[Key, datetime],
    yes: Mapping[Key, datetime],
) -> dict[Key, Identity]:
    """The lock comes before the first new row: who waits for another's row while holding the lock is never waited for.

    pairs: the groups of more than one key.
    """
    found = _read(session, keys)
    loose = [group for group in pairs if not _is_one(group, found)]
    refusals = {key: identity.refused_at for key, identity in found.items() if identity.refused_at}
    spoken = {key for key, at in no.items() if key not in refusals or refusals[key] < at} | {key for key in yes if key in refusals}
    if loose or spoken:
        session.execute(text(_LOCK), {"org": str(org_id)})
        found |= _read(session, {key for group in loose for key in group} | spoken)  # as the one before in the lock left them
    if missing := keys - found.keys():
        found |= _add(session, org_id, missing, loose, found)
    if _merge(session, found, loose):
        found = _read(session, keys)
    if spoken:
        _consent(session, {key: found[key] for key in spoken}, no, yes)
        found = _read(session, keys)
    return found


def _is_one(group: Sequence[Key], found: dict[Key, Identity]) -> bool:
    return all(key in found for key in group) and len({found[key].person_id for key in group}) == 1


def _read(session: Session, keys: Collection[Key]) -> dict[Key, Identity]:
    return _identities(session.execute(text(_READ), {"keys": json_text([key._asdict() for key in keys])})) if keys else {}


def _identities(rows: Iterable[Any]) -> dict[Key, Identity]:
    return {Key(kind, key): Identity(row_id, person_id, refused_at) for kind, key, row_id, person_id, refused_at in rows}


def _add(
    session: Session, org_id: uuid.UUID | str, missing: set[Key], loose: list[Sequence[Key]], found: dict[Key, Identity]
) -> dict[Key, Identity]:
    """New keys, each at once of the person whom its group belongs to, so that only persons who were known need merging."""
    keys = sorted({key for group in loose for key in group} | missing)
    number = {key: n for n, key in enumerate(keys)}
    sets = joined(([number[key] for key in group] for group in loose), len(keys))
    owners = {sets.find(number[key]): found[key] for key in keys if key in found}
    rows = []
    for key in missing:
        owner = owners.get(which := sets.find(number[key]))
        rows.append({**key._asdict(), "number": which, **({"person": owner.person_id, "refused": owner.refused_at} if owner else {})})
    added = _identities(session.execute(text(_ADD), {"org": org_id, "keys": json_text(rows)}))
    if len(added) < len(missing):
        raise _Overtaken
    return added


def _merge(session: Session, found: dict[Key, Identity], groups: Sequence[Sequence[Key]]) -> bool:
    """Make one person of those whom a group names. Whether there was anybody to merge."""
    persons = sorted({found[key].person_id for group in groups for key in group})
    number = {person: n for n, person in enumerate(persons)}
    sets = joined(([number[found[key].person_id] for key in group] for group in groups), len(persons))
    together: dict[int, list[int]] = {}
    for n, person in enumerate(persons):
        together.setdefault(sets.find(n), []).append(person)
    meeting = [members for members in together.values() if len(members) > 1]
    if meeting:
        known = {row.person_id: row for row in session.execute(text(_SIZES), {"persons": [p for members in meeting for p in members]})}
        merges, refusing = _plan(meeting, known)
        session.execute(text(_MERGE), {"merges": json.dumps(merges)})
        session.execute(text(_REFUSE), {"refusals": _by_person(refusing)})
    return bool(meeting)


def _plan(meeting: list[list[int]], known: dict[int, Any]) -> tuple[list[dict[str, int]], dict[int, datetime]]:
    """The person with the most keys takes the others in, so that the fewest rows change; and who of the merged had refused, and when."""
    merges, refusing = [], {}
    for members in meeting:
        into = max(members, key=lambda person: (known[person].n, -person))
        merges += [{"person": person, "into": into} for person in members if person != into]
        if said := [known[person].refused_at for person in members if known[person].refused_at]:
            refusing[into] = max(said)
    return merges, refusing


def _consent(session: Session, found: dict[Key, Identity], no: Mapping[Key, datetime], yes: Mapping[Key, datetime]) -> None:
    """A person of whom one key grants and another refuses has refused. found: the keys with a word that may be news."""
    refusing = _latest(found, no)
    granting = {person: at for person, at in _latest(found, yes).items() if person not in refusing}
    session.execute(text(_REFUSE), {"refusals": _by_person(refusing)})
    session.execute(text(_GRANT), {"grants": _by_person(granting)})


def _latest(found: dict[Key, Identity], said: Mapping[Key, datetime]) -> dict[int, datetime]:
    """By person, when it was said last."""
    latest: dict[int, datetime] = {}
    for key, identity in found.items():
        if at := said.get(key):
            latest[identity.person_id] = max(at, latest.get(identity.person_id, at))
    return latest


def _by_person(said: Mapping[int, datetime]) -> str:
    return json.dumps([{"person": person, "at": at.isoformat()} for person, at in sorted(said.items())])
