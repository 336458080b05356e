"""The base of every kind's params."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from core.params import Params


class Wish(Params):
    amount: float = 0.0


@pytest.mark.parametrize("amount", ["inf", "-Infinity", "nan", float("inf")])
def test_no_infinity_comes_in(amount: object) -> None:
    """Neither as a number nor in words: it could be kept nowhere."""
    with pytest.raises(ValidationError, match="finite"):
        Wish.model_validate({"amount": amount})


def test_a_typo_is_told() -> None:
    """A field that is not there is a fault."""
    with pytest.raises(ValidationError, match="amuont"):
        Wish.model_validate({"amuont": 1})
