"""One event as a sender words it, checked and brought into the form that is kept."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple, Required

from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from core.pointers import escaped
from pipelines.analytics.channels import OWN_CLICK_ID, channel_of
from pipelines.analytics.identities import Key, email_hash, is_placeholder

OLDEST = 10 * 366 * 86_400.0  # seconds ago
NEWEST = 86_400.0  # seconds ahead of our clock; further ahead it is no skew but a mistake
NOTICED = 60.0  # seconds by which clocks may differ without a word
PROPERTIES_LENGTH = 16 * 1024
_UNKEPT = re.compile("[\0\ud800-\udfff]")


def _key(text: str) -> str:
    if is_placeholder(text):
        raise ValueError(f"{text!r} stands for nobody in particular; leave it out where the person is unknown")
    return text


_written = json.JSONEncoder(ensure_ascii=False, default=str).encode  # made once: json.dumps makes one a call


def _properties(value: dict[str, Any]) -> dict[str, Any]:
    if len(_written(value)) > PROPERTIES_LENGTH:
        raise ValueError(f"are longer than {PROPERTIES_LENGTH} characters of JSON")
    return value


Short = Annotated[str, Field(min_length=1, max_length=200)]
PersonKey = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_key)]
Label = Annotated[str, Field(min_length=1, max_length=100)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217, such as EUR")]
UtmName = Annotated[str, Field(pattern=r"^(source|medium|campaign|term|content|id)$")]
Email = Annotated[str, Field(max_length=320, pattern=r"^[^@\s]+@[^@\s]+$")]
Address = Annotated[str, Field(max_length=2000)]


class EventIn(TypedDict, total=False):
    """An event as it is sent. A dictionary, since checking one costs half of what a model does, and they come by the ten thousand."""

    __pydantic_config__ = ConfigDict(extra="forbid", str_strip_whitespace=True)  # type: ignore[misc]

    event_id: Required[Annotated[Short, Field(description="the sender's own id; one that was taken in before is not counted again")]]
    kind: Required[Literal["touchpoint", "conversion"]]
    name: Required[Annotated[Label, Field(description="page_view, click, purchase ...")]]
    occurred_at: Required[Annotated[AwareDatetime, Field(description="with its zone; late and out of order is fine")]]
    anonymous_id: Annotated[PersonKey | None, Field(description="of a browser or a device")]
    user_id: Annotated[PersonKey | None, Field(description="of an account")]
    email: Annotated[Email | None, Field(description="only its hash is kept")]
    email_sha256: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")] | None
    consent: Annotated[
        Literal["granted", "refused"] | None,
        Field(description="to analytics; a refusal holds for the person's later events too, until it is granted"),
    ]
    channel: Annotated[Label | None, Field(description="without it, of a touchpoint: from utm, click ids and referrer")]
    campaign_id: uuid.UUID | None
    post_id: uuid.UUID | None
    value: Annotated[Decimal, Field(ge=0, lt=Decimal(10) ** 12, max_digits=18, decimal_places=6)] | None
    currency: Annotated[Currency | None, Field(description="of the value; without it the organisation's")]
    utm: dict[UtmName, Annotated[str, Field(max_length=300)]]
    click_ids: Annotated[dict[Label, Annotated[str, Field(max_length=500)]], Field(max_length=20)]
    url: Address | None
    referrer: Address | None
    properties: Annotated[dict[str, Any], Field(max_length=100), AfterValidator(_properties)]


EVENT = TypeAdapter(EventIn)
_validated = EVENT.validator.validate_python


class BadEvent(ValueError):
    """faults: `{"pointer": "/value", "detail": ...}`, all of them, pointers from the event on."""

    def __init__(self, faults: list[dict[str, str]]) -> None:
        super().__init__(faults[0]["detail"])
        self.faults = faults


class CleanEvent(NamedTuple):
    """An event as it is kept, but for what only the database knows."""

    event_id: str
    kind: str
    name: str
    occurred_at: datetime
    skew_seconds: float | None
    keys: tuple[Key, ...]
    consent: str | None
    channel: str | None
    campaign_id: str | None
    post_id: str | None
    value: Decimal | None
    currency: str | None
    properties: dict[str, Any]


def clean_events(raws: Sequence[Any], received_at: datetime, skew_seconds: float) -> Iterator[CleanEvent | BadEvent]:
    """Each event in its turn, kept or told what is wrong with it. skew_seconds: how far the sender's clock is ahead of ours, if known."""
    is_plain = not _UNKEPT.search(_written(raws).replace("\\u0000", "\0"))  # looked for once; walked through only when there is one
    for raw in raws:
        try:
            if not is_plain:
                _check_text(raw)
            yield _clean(raw, received_at, skew_seconds)
        except BadEvent as fault:
            yield fault


def _check_text(raw: Any) -> None:
    faults = [{"pointer": where, "detail": "holds a NUL or a lone surrogate; send plain Unicode text"} for where in _unkept(raw, "")]
    if faults:
        raise BadEvent(faults)


def _unkept(raw: Any, pointer: str) -> Iterator[str]:
    """Where PostgreSQL could not keep the text."""
    if isinstance(raw, str) and _UNKEPT.search(raw):
        yield pointer
    elif isinstance(raw, dict | list):
        for name, inner in raw.items() if isinstance(raw, dict) else enumerate(raw):
            yield from _unkept(name, pointer)
            yield from _unkept(inner, f"{pointer}/{escaped(name)}")


def _clean(raw: Any, received_at: datetime, skew_seconds: float) -> CleanEvent:
    try:
        event: EventIn = _validated(raw)
    except ValidationError as error:
        raise BadEvent([_fault(e) for e in error.errors(include_url=False, include_input=False)]) from None
    occurred_at, skew = _timed(event["occurred_at"].astimezone(UTC), received_at, skew_seconds)
    return CleanEvent(
        event_id=event["event_id"],
        kind=event["kind"],
        name=event["name"],
        occurred_at=occurred_at,
        skew_seconds=skew,
        keys=_keys(event),
        consent=event.get("consent"),
        channel=_channel(event),
        campaign_id=_text(event.get("campaign_id")),
        post_id=_text(event.get("post_id")),
        value=event.get("value"),
        currency=event.get("currency"),
        properties=_kept(event),
    )


def _text(row_id: uuid.UUID | None) -> str | None:
    return str(row_id) if row_id else None


def _fault(error: Any) -> dict[str, str]:
    return {"pointer": "".join(f"/{escaped(part)}" for part in error["loc"]), "detail": error["msg"].removeprefix("Value error, ")}


def _timed(occurred_at: datetime, received_at: datetime, skew_seconds: float) -> tuple[datetime, float | None]:
    """A clock that is off by more than a minute is put right and noted; an event from the future happened when it came."""
    skew = skew_seconds if abs(skew_seconds) > NOTICED else 0.0
    moment = occurred_at - timedelta(seconds=skew) if skew else occurred_at
    ahead = (moment - received_at).total_seconds()
    if not -OLDEST <= ahead <= NEWEST:
        raise BadEvent([{"pointer": "/occurred_at", "detail": "must lie within the last ten years and no more than a day ahead"}])
    if ahead > NOTICED:
        return received_at, round(skew + ahead, 3)
    return moment, round(skew, 3) or None


def _keys(event: EventIn) -> tuple[Key, ...]:
    email = event.get("email")
    hashed = email_hash(email) if email else (event.get("email_sha256") or "").lower()
    found = (("anonymous", event.get("anonymous_id")), ("user", event.get("user_id")), ("email", hashed))
    keys = tuple(Key(kind, key) for kind, key in found if key)
    if click := event.get("click_ids", {}).get(OWN_CLICK_ID):
        return (*keys, click_key(click))
    return keys


def click_key(click_id: str) -> Key:
    """What somebody is known by between a click on one of our links and the first page after it."""
    return Key("anonymous", f"click:{click_id}")


def _channel(event: EventIn) -> str | None:
    if channel := event.get("channel"):
        return channel.lower()
    if event["kind"] == "conversion":
        return None
    return channel_of(event.get("utm", {}), event.get("click_ids", {}), event.get("referrer") or "", event.get("url") or "")


def _kept(event: EventIn) -> dict[str, Any]:
    kept: dict[str, Any] = dict(event.get("properties", {}))
    for name in ("utm", "click_ids", "url", "referrer"):
        if value := event.get(name):
            kept[name] = value
    return kept


def without_identity(event: CleanEvent) -> dict[str, Any]:
    """The properties of an event of somebody who refused: no click ids, and addresses without their query."""
    kept = {name: value for name, value in event.properties.items() if name != "click_ids"}
    for name in ("url", "referrer"):
        if name in kept:
            kept[name] = str(kept[name]).split("?")[0].split("#")[0]
    return kept
