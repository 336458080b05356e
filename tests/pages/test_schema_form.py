"""Forms from JSON Schemas."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

import tasks  # noqa: F401
from api.pages.schema_form import fields_of
from worker.kinds import all_kinds


class Inner(BaseModel):
    depth: int


class Everything(BaseModel):
    name: str = Field(min_length=1, max_length=80)
    story: str = Field(default="", max_length=4000)
    count: int = Field(ge=1, le=9)
    ratio: float = 0.5
    price: Decimal = Decimal(1)
    loud: bool = False
    mood: Literal["calm", "wild"] = "calm"
    owner: uuid.UUID
    nickname: str | None = Field(default=None, description="what friends say")
    tags: list[str] = []
    moods: list[Literal["calm", "wild"]] = []
    inner: Inner
    anything: dict[str, Any] = {}


FIELDS = {field.pointer: field for field in fields_of(Everything.model_json_schema(), "/params")}


@pytest.mark.parametrize(
    ("name", "control", "type_"),
    [
        ("name", "text", "string"),
        ("story", "long", "string"),
        ("count", "number", "integer"),
        ("ratio", "number", "number"),
        ("price", "number", "number"),
        ("loud", "switch", "boolean"),
        ("mood", "choice", "json"),
        ("owner", "text", "string"),
        ("nickname", "text", "string"),
        ("tags", "list", "string"),
        ("moods", "choices", "json"),
        ("inner", "group", "string"),
        ("anything", "json", "json"),
    ],
)
def test_each_type_has_its_control(name: str, control: str, type_: str) -> None:
    """A field's control and the type of its JSON value follow from its schema."""
    field = FIELDS[f"/params/{name}"]
    assert (field.control, field.type) == (control, type_)


def test_required_fields_come_first() -> None:
    """What must be filled in stands above what may be."""
    required = [field.required for field in FIELDS.values()]
    assert required == sorted(required, reverse=True)


def test_limits_become_attributes() -> None:
    """The browser checks what the schema says."""
    assert FIELDS["/params/count"].limits == {"min": 1, "max": 9, "step": 1}
    assert FIELDS["/params/name"].limits == {"minlength": 1, "maxlength": 80}


def test_null_is_known_and_described() -> None:
    """A value that may be null keeps its own control and its help."""
    field = FIELDS["/params/nickname"]
    assert (field.nullable, field.required, field.help) == (True, False, "What friends say")


def test_inner_objects_keep_their_pointers() -> None:
    """Faults inside a nested object find their field."""
    assert [field.pointer for field in FIELDS["/params/inner"].inner] == ["/params/inner/depth"]


@pytest.mark.parametrize("name", all_kinds())
def test_every_kind_has_a_form(name: str) -> None:
    """Each declared kind's params are all in its form."""
    schema = all_kinds()[name].schema()
    assert {field.pointer for field in fields_of(schema)} == {f"/{key}" for key in schema.get("properties", {})}
