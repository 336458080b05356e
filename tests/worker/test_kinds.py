"""Declarations of job kinds."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pydantic import BaseModel

from core.errors import InvalidInput, UnknownKind
from tests.stack import ROOT
from tests.worker.kinds import Fan
from worker.kinds import JobKind, all_kinds, get_kind


class Nested(BaseModel):
    inner: Fan


def test_a_name_is_declared_once() -> None:
    """Two kinds of one name are a mistake that is met at the import."""
    with pytest.raises(ValueError, match=r"test\.noop is declared twice"):
        JobKind("test.noop", BaseModel, summary="again")


def test_a_step_names_a_pool_that_exists() -> None:
    """A typing error in the pool is met at the import too."""
    with pytest.raises(ValueError, match="no pool 'cup'; pools are io, cpu, gpu"):
        get_kind("test.noop").step(pool="cup")


def test_steps_are_named_after_their_functions_in_order() -> None:
    """The chain is the order of the decorations."""
    assert [step.name for step in get_kind("test.chain").steps] == ["first", "second", "third"]


def test_a_kind_s_schema_is_json_schema() -> None:
    """The form and the docs are made from it."""
    schema = get_kind("test.chain").schema()
    assert schema["properties"]["start"]["minimum"] == 0
    assert schema["additionalProperties"] is False


def test_pointers_lead_into_nested_params() -> None:
    """Parts of a pointer are escaped, list places are numbers."""
    kind = all_kinds().get("test.nested") or JobKind("test.nested", Nested, summary="nested")
    with pytest.raises(InvalidInput) as refused:
        kind.parse({"inner": {"folder": "x", "a/b~c": 1}})
    assert [fault["pointer"] for fault in refused.value.errors] == ["/params/inner/a~1b~0c"]


def test_pointers_leave_out_the_names_of_a_unions_members() -> None:
    """A fault in one sort of a timeline's clips lies where the caller wrote it."""
    with pytest.raises(InvalidInput) as refused:
        get_kind("video.render").parse({"tracks": [{"clips": [{"type": "colour", "colour": "#fff", "frames": 0}, {"start": -1}]}]})
    clips = "/params/tracks/0/clips"
    assert {fault["pointer"] for fault in refused.value.errors} == {f"{clips}/0/frames", f"{clips}/1/start", f"{clips}/1/source"}


def test_without_a_near_name_the_list_is_named() -> None:
    """Nothing alike: the hint says where all kinds are."""
    with pytest.raises(UnknownKind) as refused:
        get_kind("zzzzzz")
    assert "/v1/job-kinds" in refused.value.hint


def test_declarations_are_light() -> None:
    """Reading the declarations loads neither Celery, the database nor a heavy library."""
    script = "import sys, worker.kinds, worker.outcomes; sys.exit(any(m in sys.modules for m in ('celery', 'sqlalchemy', 'torch', 'cv2')))"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0
