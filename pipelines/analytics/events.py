"""One event as a sender words it, checked and brought into the form that is kept."""

from __future__ import annotations

import json
import math
import re
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple, Required

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import to_json
from typing_extensions import TypedDict

from core.pointers import escaped
from pipelines.analytics.channels import OWN_CLICK_ID, channel_of
from pipelines.analytics.identities import Key, email_hash, is_placeholder

OLDEST = timedelta(days=10 * 366)
NEWEST = timedelta(days=1)  # ahead of our clock; further ahead it is no skew but a mistake
NOTICED = timedelta(minutes=1)  # by which clocks may differ without a word
PROPERTIES_LENGTH = 16 * 1024
_VALUE_DIGITS = 6  # after the point
_UNKEPT = re.compile("[\0\ud800-\udfff]")
_OF_A_VISIT = {"utm", "click_ids", "url", "referrer"}


def _key(text: str) -> str:
    if is_placeholder(text):
        raise ValueError(f"{text!r} stands for nobody in particular; leave it out where the person is unknown")
    return text


_written = json.JSONEncoder(ensure_ascii=False, default=str).encode  # made once: json.dumps makes one a call


def json_text(value: Any) -> str:
    """Compact JSON, at a fifth of what the standard library takes; by that where it is nested too deeply for the quick one."""
    try:
        return to_json(value, fallback=str).decode()
    except ValueError:
        return _written(value)


def _properties(value: dict[str, Any]) -> dict[str, Any]:
    if 2 * len(json_text(value)) > PROPERTIES_LENGTH and len(_written(value)) > PROPERTIES_LENGTH:  # a space after each , and : counts
        raise ValueError(f"are longer than {PROPERTIES_LENGTH} characters of JSON")
    return value


def _rounded(value: Any) -> Any:
    """A float is what a page or a script worked out: 0.1 + 0.2 is a price, and no more exact than its sender could make it."""
    return round(value, _VALUE_DIGITS) if isinstance(value, float) else value


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
    value: (
        Annotated[Decimal, Field(ge=0, lt=Decimal(10) ** 12, max_digits=18, decimal_places=_VALUE_DIGITS), BeforeValidator(_rounded)] | None
    )
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


class _Clock(NamedTuple):
    """Ours, the same for a whole batch; and by how much the sender's is ahead of it, where that is worth a word."""

    now: datetime
    skew: timedelta
    oldest: datetime
    newest: datetime
    noticed: datetime


def _clock(now: datetime, skew_seconds: float) -> _Clock:
    skew = timedelta(seconds=skew_seconds)
    return _Clock(now, skew if abs(skew) > NOTICED else timedelta(), now - OLDEST, now + NEWEST, now + NOTICED)


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
    clock = _clock(received_at.astimezone(UTC), skew_seconds)
    is_plain = _is_plain(raws)
    for raw in raws:
        try:
            if not is_plain:
                _check_text(raw)
            yield _clean(raw, clock)
        except BadEvent as fault:
            yield fault


def _is_plain(raws: Sequence[Any]) -> bool:
    """Whether a look at the whole batch shows that nothing in it can be unkept: then its events need no walk each."""
    try:
        written = to_json(raws, fallback=str)
    except ValueError:  # half a surrogate pair, or nested too deeply to say
        return False
    return not any(word in written for word in (b"\\u0000", b"NaN", b"Infinity"))


def _check_text(raw: Any) -> None:
    if faults := list(_unkept(raw, "")):
        raise BadEvent(faults)


def _unkept(raw: Any, pointer: str) -> Iterator[dict[str, str]]:
    """What PostgreSQL could not keep, and where."""
    if isinstance(raw, str) and _UNKEPT.search(raw):
        yield {"pointer": pointer, "detail": "holds a NUL or a lone surrogate; send plain Unicode text"}
    elif isinstance(raw, float) and not math.isfinite(raw):
        yield {"pointer": pointer, "detail": "is no finite number"}
    elif isinstance(raw, dict | list):
        for name, inner in raw.items() if isinstance(raw, dict) else enumerate(raw):
            yield from _unkept(name, pointer)
            yield from _unkept(inner, f"{pointer}/{_UNKEPT.sub('?', escaped(name))}")


def _clean(raw: Any, clock: _Clock) -> CleanEvent:
    try:
        event: EventIn = _validated(raw)
    except ValidationError as error:
        raise BadEvent([_fault(e) for e in error.errors(include_url=False, include_input=False)]) from None
    occurred_at, skew_seconds = _timed(event["occurred_at"], clock)
    return CleanEvent(  # by position: names cost as much again, ten thousand times
        event["event_id"],
        event["kind"],
        event["name"],
        occurred_at,
        skew_seconds,
        _keys(event),
        event.get("consent"),
        _channel(event),
        _text(event.get("campaign_id")),
        _text(event.get("post_id")),
        event.get("value"),
        event.get("currency"),
        _kept(event),
    )


def _text(row_id: uuid.UUID | None) -> str | None:
    return str(row_id) if row_id else None


def _fault(error: Any) -> dict[str, str]:
    return {"pointer": "".join(f"/{escaped(part)}" for part in error["loc"]), "detail": error["msg"].removeprefix("Value error, ")}


def _timed(occurred_at: datetime, clock: _Clock) -> tuple[datetime, float | None]:
    """A clock that is off by more than a minute is put right and noted; an event from the future happened when it came."""
    try:
        moment = occurred_at - clock.skew if clock.skew else occurred_at
    except OverflowError:  # beyond the first or the last day that there is
        moment = datetime.min.replace(tzinfo=UTC)
    if not clock.oldest <= moment <= clock.newest:
        raise BadEvent([{"pointer": "/occurred_at", "detail": "must lie within the last ten years and no more than a day ahead"}])
    if moment > clock.noticed:
        return clock.now, round((occurred_at - clock.now).total_seconds(), 3)
    return moment.astimezone(UTC), round(clock.skew.total_seconds(), 3) if clock.skew else None


def _keys(event: EventIn) -> tuple[Key, ...]:
    keys = []
    if anonymous := event.get("anonymous_id"):
        keys.append(Key("anonymous", anonymous))
    if user := event.get("user_id"):
        keys.append(Key("user", user))
    if email := event.get("email"):
        keys.append(Key("email", email_hash(email)))
    elif hashed := event.get("email_sha256"):
        keys.append(Key("email", hashed.lower()))
    if "click_ids" in event and (click := event["click_ids"].get(OWN_CLICK_ID)):
        keys.append(click_key(click))
    return tuple(keys)


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
    kept: dict[str, Any] = event.get("properties", {})  # the checked copy, not the sender's own
    for name in _OF_A_VISIT & event.keys():
        if value := event[name]:  # type: ignore[literal-required]
            kept[name] = value
    return kept


def without_identity(event: CleanEvent) -> dict[str, Any]:
    """The properties of an event of somebody who refused: no click ids, and addresses without their query."""
    kept = {name: value for name, value in event.properties.items() if name != "click_ids"}
    for name in ("url", "referrer"):
        if name in kept:
            kept[name] = str(kept[name]).split("?")[0].split("#")[0]
    return kept
