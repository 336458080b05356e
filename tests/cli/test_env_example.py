"""`.env.example` is complete and true."""

from __future__ import annotations

import re

import pytest
from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from core.settings import Settings
from tests.stack import ROOT

LINES = (ROOT / ".env.example").read_text().splitlines()
SHOWN: dict[str, str] = dict(line[1:].split("=", 1) for line in LINES if re.match(r"#[A-Z0-9_]+=", line))


def test_every_variable_is_there_and_no_other() -> None:
    """The file lists exactly the fields of Settings."""
    assert sorted(SHOWN) == sorted(name.upper() for name in Settings.model_fields)


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_the_shown_value_is_the_default(name: str) -> None:
    """What a line shows is what Drumbeat uses without it."""
    default = Settings.model_fields[name].get_default()
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    assert SHOWN[name.upper()] == ("" if default in (PydanticUndefined, None) else str(default))


def test_copying_the_file_changes_nothing() -> None:
    """Every variable is commented out: a copy as .env sets none."""
    assert not [line for line in LINES if line and not line.startswith("#")]
