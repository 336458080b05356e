"""An experiment as a body, for tests that need any."""

from __future__ import annotations

from typing import Any

EXPERIMENT: dict[str, Any] = {
    "key": "checkout-button",
    "name": "A larger button at the checkout",
    "variants": [{"key": "control", "weight": 0.5}, {"key": "large", "weight": 0.5, "value": {"size": 2}}],
    "metrics": [
        {"key": "purchase", "role": "primary", "event": "purchase"},
        {"key": "revenue", "type": "revenue", "event": "purchase"},
    ],
}
