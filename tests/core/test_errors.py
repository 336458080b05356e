"""The tree of errors: every class can be told over HTTP and dealt with by the worker."""

from __future__ import annotations

from typing import get_args

import pytest

from core.errors import DrumbeatError, InvalidInput, Remedy, VendorError, every_error


@pytest.mark.parametrize("error", every_error(), ids=lambda error: error.__name__)
def test_every_error_says_what_it_is(error: type[DrumbeatError]) -> None:
    """A code, an HTTP status that is an error, a known remedy and a title."""
    assert error.code.isidentifier()
    assert 400 <= error.status <= 599
    assert error.remedy in get_args(Remedy)
    assert error.title


def test_codes_are_unique() -> None:
    """A client can tell the classes apart by their codes."""
    codes = [error.code for error in every_error()]
    assert sorted(codes) == sorted(set(codes))


def test_an_error_without_words_has_its_title() -> None:
    """The detail is never empty."""
    assert InvalidInput().detail == InvalidInput.title


def test_what_is_stored_of_an_error() -> None:
    """Code, detail and remedy always; hint and faults where there are some."""
    assert VendorError("no", vendor="x").as_dict() == {"code": "vendor_error", "detail": "x: no", "remedy": "fix"}
    fault = {"pointer": "/a", "detail": "b"}
    stored = InvalidInput("bad", hint="do this", errors=[fault]).as_dict()
    assert (stored["hint"], stored["errors"]) == ("do this", [fault])
