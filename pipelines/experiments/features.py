"""Experiments as the JSON that GrowthBook's SDKs read, so that they can be pointed here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.experiments.assignment import Filter, Split
from pipelines.experiments.hashing import VERSION
from pipelines.experiments.split import Piece

_NAMESPACE = "__"


@dataclass(frozen=True)
class Published:
    """An experiment to be read by SDKs. split is None once it was stopped; then `winner` decides what everybody gets.

    values and names: one a variant, the control's first.
    """

    key: str
    feature: str
    name: str
    values: tuple[Any, ...]
    names: tuple[str, ...]
    variants: tuple[str, ...]
    split: Split | None
    version: int = 0
    winner: str | None = None


def namespace_filter(namespace: str, start: float, end: float, attribute: str) -> Filter:
    """A namespace as a filter: the same hash (version 1 with two underscores), so that it stands beside other filters."""
    return Filter(_NAMESPACE + namespace, ((start, end),), attribute, version=1)


def holdout_filter(holdout: Split) -> Filter:
    """Everybody but the units of the holdout's first variant."""
    gaps, at = [], 0.0
    for start, end, variant in sorted(holdout.pieces):
        if variant == 0:
            gaps += [(at, start)] if start > at else []
            at = end
    return Filter(holdout.seed, tuple(gaps + ([(at, 1.0)] if at < 1.0 else [])), holdout.attribute)


def payload(experiments: Sequence[Published]) -> dict[str, Any]:
    """`features` of the SDKs' document. Experiments on one feature become its rules in the given order.

    A piece is a variation of its own in the rule, so that a variant may hold several: `meta.key` names the variant.
    """
    features: dict[str, Any] = {}
    for one in experiments:
        feature = features.setdefault(one.feature, {"defaultValue": _default(one), "rules": []})
        if one.split is not None:
            feature["rules"].append(_rule(one, one.split))
        elif one.winner is not None:
            feature["defaultValue"] = one.values[one.variants.index(one.winner)]
    return features


def _default(one: Published) -> Any:
    return one.values[0]


def _pieces(split: Split) -> tuple[Piece, ...]:
    """SDKs take no rule of fewer than two variations: variants that get nobody stand in with an empty range then."""
    if len(split.pieces) > 1:
        return split.pieces
    held = {variant for _, _, variant in split.pieces}
    return (*split.pieces, *((0.0, 0.0, variant) for variant in range(len(split.variants)) if variant not in held))


def _rule(one: Published, split: Split) -> dict[str, Any]:
    pieces = _pieces(split)
    rule: dict[str, Any] = {
        "key": one.key,
        "name": one.name,
        "seed": split.seed,
        "phase": str(one.version),
        "hashAttribute": split.attribute,
        "hashVersion": VERSION,
        "variations": [one.values[variant] for _, _, variant in pieces],
        "meta": [{"key": one.variants[variant], "name": one.names[variant]} for _, _, variant in pieces],
        "ranges": [[start, end] for start, end, _ in pieces],
    }
    if split.condition:
        rule["condition"] = dict(split.condition)
    return rule | _limits(split.filters)


def _limits(filters: Sequence[Filter]) -> dict[str, Any]:
    if len(filters) == 1 and filters[0].version == 1:
        start, end = filters[0].ranges[0]
        return {"namespace": [filters[0].seed.removeprefix(_NAMESPACE), start, end]}
    described = [
        {"seed": one.seed, "ranges": [list(span) for span in one.ranges], "hashVersion": one.version, "attribute": one.attribute}
        for one in filters
    ]
    return {"filters": described} if described else {}
