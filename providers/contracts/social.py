"""Publishing to a social network, and connecting an account by OAuth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Protocol

Fence = Callable[[], None]  # called by a client right before the bytes of an irreversible request leave; raises LeaseLost


@dataclass(frozen=True)
class Tokens:
    access_token: str
    refresh_token: str | None
    expires_in: int | None  # seconds
    scopes: str


@dataclass(frozen=True)
class Account:
    account_id: str
    name: str  # the handle, without @


@dataclass(frozen=True)
class Media:
    path: Path
    media_type: str
    alt_text: str = ""


@dataclass(frozen=True)
class PublishedPost:
    vendor_post_id: str
    url: str
    cost: Decimal


@dataclass(frozen=True)
class PostNumbers:
    """How a post did so far. detail: the rest as the network words it, such as like_count."""

    impressions: int
    clicks: int
    detail: dict[str, int]


@dataclass(frozen=True)
class PostFault:
    """Why a post would be refused, found before any call."""

    pointer: str  # /text, /media/0 ...
    detail: str


class SocialNetwork(Protocol):
    channel: str  # "x", "linkedin" ...
    largest_video: tuple[int, int]  # pixels of the longer and of the shorter side
    vendor: str
    simulated: bool

    def consent_url(self, *, state: str, challenge: str, redirect_uri: str) -> str:
        """Where to send the browser (OAuth 2.0 with PKCE, S256)."""
        ...

    def exchange(self, *, code: str, verifier: str, redirect_uri: str) -> Tokens: ...

    def refresh(self, refresh_token: str) -> Tokens:
        """New tokens; the old refresh token may be dead afterwards. ConnectionExpired when the consent is gone."""
        ...

    def account(self, access_token: str) -> Account: ...

    def faults(self, text: str, media: list[Media]) -> list[PostFault]:
        """Every rule of the network that the post breaks, without calling it."""
        ...

    def estimate(self, text: str, media: list[Media]) -> Decimal: ...

    def upload(self, access_token: str, media: Media) -> str:
        """Media id. Invisible to the public; may run twice."""
        ...

    def publish(self, access_token: str, *, text: str, media_ids: list[str], fence: Fence, generated: bool = True) -> PublishedPost:
        """Make the post. Irreversible: OutcomeUnknown when the answer is lost. `fence` is called last before sending.

        generated: the media were made by a model; networks that have a mark for it get it.
        """
        ...

    def find(self, access_token: str, *, account_id: str, text: str, since: datetime) -> PublishedPost | None:
        """The account's own post with this text made since then, or None when the network shows none."""
        ...

    def numbers(self, access_token: str, vendor_post_id: str, *, published_at: datetime) -> PostNumbers | None:
        """The running totals of the account's own post; None when the post is gone."""
        ...

    def delete(self, access_token: str, vendor_post_id: str) -> None:
        """May run twice."""
        ...
