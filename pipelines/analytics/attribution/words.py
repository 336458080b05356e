"""The models' names, and what each does in a few words. Light to import."""

from __future__ import annotations

MODELS: dict[str, str] = {
    "first": "all to the first touchpoint",
    "last": "all to the last touchpoint",
    "linear": "the same to every touchpoint",
    "position": "more to the first and the last",
    "time_decay": "more to the later ones",
    "markov": "by how much is lost without it (Markov chain)",
    "shapley": "a fair share among those that took part (Shapley value)",
}
