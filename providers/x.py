"""X (API v2): connecting an account, uploading media, making, finding and deleting posts."""

from __future__ import annotations

import html
import time
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from twitter_text import extract_urls

from core.errors import ConnectionExpired, DrumbeatError, OutcomeUnknown, VendorRejected, VendorUnavailable
from core.settings import Settings
from providers import prices, x_rules
from providers.contracts.social import Account, Fence, Media, PostFault, PostNumbers, PublishedPost, Tokens
from providers.http import MEGABYTE, VendorClient
from providers.refusals import Reply, message

_SCOPES = "tweet.read tweet.write users.read media.write offline.access"
_PART = 4 * MEGABYTE
_PROCESSING_PATIENCE = 4  # VENDOR_TIMEOUT_SECONDS that X may take to process a video
_CLOCKS_DIFFER = timedelta(seconds=5)
_TIMELINE_PAGES = 5
_PRIVATE_NUMBERS = timedelta(days=30)  # X tells clicks only of younger posts


class X:
    """A SocialNetwork."""

    channel = vendor = "x"
    largest_video = x_rules.LARGEST_VIDEO

    def __init__(self, settings: Settings) -> None:
        self.simulated = settings.is_simulated(settings.x_api_base_url)
        self._site = settings.x_auth_base_url.rstrip("/")
        self._client_id, self._secret = settings.x_client_id, settings.x_client_secret.get_secret_value()
        self._processing_seconds = settings.vendor_timeout_seconds * _PROCESSING_PATIENCE
        self._client = VendorClient(self.vendor, settings.x_api_base_url, judge=_judge)
        self._oauth = VendorClient(self.vendor, settings.x_api_base_url, variables="X_CLIENT_ID and X_CLIENT_SECRET")

    # -- connecting

    def consent_url(self, *, state: str, challenge: str, redirect_uri: str) -> str:
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "scope": _SCOPES,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{self._site}/i/oauth2/authorize?{urlencode(query)}"

    def exchange(self, *, code: str, verifier: str, redirect_uri: str) -> Tokens:
        reply = self._token({"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier})
        if reply.status == 400:
            hint = "Start connecting the account again; a consent must be used within 30 seconds."
            raise VendorRejected(f"the consent was not accepted: {message(reply)}", vendor=self.vendor, hint=hint)
        return self._tokens(reply)

    def refresh(self, refresh_token: str) -> Tokens:
        """As the contract says; X rotates: the old refresh token is dead afterwards."""
        reply = self._token({"grant_type": "refresh_token", "refresh_token": refresh_token})
        if reply.status == 400:
            raise ConnectionExpired(f"the consent is gone: {message(reply)}", vendor=self.vendor, hint="Connect the X account again.")
        return self._tokens(reply)

    def _token(self, form: dict[str, str]) -> Reply:
        """A confidential client shows its secret by HTTP Basic; a public one names itself in the form."""
        if self._secret:
            return self._oauth.call("POST", "/2/oauth2/token", data=form, auth=(self._client_id, self._secret), accept=(400,))
        return self._oauth.call("POST", "/2/oauth2/token", data={**form, "client_id": self._client_id}, accept=(400,))

    def _tokens(self, reply: Reply) -> Tokens:
        found = self._oauth.document(reply)
        if not found.get("access_token"):
            raise OutcomeUnknown("the answer holds no access token", vendor=self.vendor)
        return Tokens(found["access_token"], found.get("refresh_token"), found.get("expires_in"), str(found.get("scope") or ""))

    def account(self, access_token: str) -> Account:
        data = self._data(self._client.call("GET", "/2/users/me", headers=_bearer(access_token)))
        return Account(account_id=str(data["id"]), name=str(data.get("username") or ""))

    # -- before a post

    def faults(self, text: str, media: list[Media]) -> list[PostFault]:
        return x_rules.faults(text, media)

    def estimate(self, text: str, media: list[Media]) -> Decimal:
        described = sum(bool(m.alt_text) for m in media)
        return _price(text) + described * prices.X_MEDIA_METADATA

    def upload(self, access_token: str, media: Media) -> str:
        headers = _bearer(access_token)
        category = x_rules.category(media.media_type)
        data = self._at_once(headers, media) if category == "tweet_image" else self._in_parts(headers, media, category)
        media_id = str(data["id"])
        self._processed(headers, media_id, data.get("processing_info"))
        if media.alt_text:
            body = {"id": media_id, "metadata": {"alt_text": {"text": media.alt_text}}}
            self._client.call("POST", "/2/media/metadata", headers=headers, json=body, repeatable=True)
        return media_id

    def _at_once(self, headers: dict[str, str], media: Media) -> dict[str, Any]:
        file = (media.path.name, media.path.read_bytes(), media.media_type)
        form = {"media_category": "tweet_image", "media_type": media.media_type}
        return self._data(self._client.call("POST", "/2/media/upload", headers=headers, files={"media": file}, data=form, repeatable=True))

    def _in_parts(self, headers: dict[str, str], media: Media, category: str) -> dict[str, Any]:
        start = {"media_type": media.media_type, "media_category": category, "total_bytes": media.path.stat().st_size}
        begun = self._client.call("POST", "/2/media/upload/initialize", headers=headers, json=start, repeatable=True)
        upload = f"/2/media/upload/{self._data(begun)['id']}"
        with media.path.open("rb") as file:
            for index, part in enumerate(iter(lambda: file.read(_PART), b"")):
                content = {"media": ("part", part, "application/octet-stream")}
                form = {"segment_index": str(index)}
                self._client.call("POST", f"{upload}/append", headers=headers, files=content, data=form, repeatable=True)
        return self._data(self._client.call("POST", f"{upload}/finalize", headers=headers, repeatable=True))

    def _processed(self, headers: dict[str, str], media_id: str, info: dict[str, Any] | None) -> None:
        """Return when X has processed the media; without `processing_info` it is ready at once."""
        until = time.monotonic() + self._processing_seconds
        while info and info.get("state") != "succeeded":
            if info.get("state") == "failed":
                reason = (info.get("error") or {}).get("message") or "no reason given"
                raise VendorRejected(f"the media was refused: {reason}", vendor=self.vendor)
            if time.monotonic() > until:
                raise VendorUnavailable(f"media {media_id} is still being processed", vendor=self.vendor, retry_after=30)
            time.sleep(min(float(info.get("check_after_secs") or 1), 10))
            query = {"command": "STATUS", "media_id": media_id}
            info = self._data(self._client.call("GET", "/2/media/upload", headers=headers, params=query)).get("processing_info")

    # -- posts

    def publish(self, access_token: str, *, text: str, media_ids: list[str], fence: Fence, generated: bool = True) -> PublishedPost:
        body: dict[str, Any] = {"text": text} if text else {}
        if media_ids:
            body["media"] = {"media_ids": media_ids}
            body["made_with_ai"] = generated
        data = self._data(self._client.call("POST", "/2/tweets", headers=_bearer(access_token), json=body, fence=fence))
        return self._post(str(data["id"]), text)

    def find(self, access_token: str, *, account_id: str, text: str, since: datetime) -> PublishedPost | None:
        start = (since.astimezone(UTC) - _CLOCKS_DIFFER).strftime("%Y-%m-%dT%H:%M:%SZ")
        wanted = _comparable(text)
        for post in self._timeline(access_token, account_id, start):
            if _comparable(_as_written(post)) == wanted:
                return self._post(str(post["id"]), text)
        return None

    def numbers(self, access_token: str, vendor_post_id: str, *, published_at: datetime) -> PostNumbers | None:
        """As the contract says; without clicks of posts older than thirty days, which X tells nobody."""
        is_young = datetime.now(UTC) - published_at < _PRIVATE_NUMBERS
        query = {"tweet.fields": "public_metrics,non_public_metrics" if is_young else "public_metrics"}
        reply = self._client.call("GET", f"/2/tweets/{vendor_post_id}", headers=_bearer(access_token), params=query, accept=(404,))
        if reply.status == 404 or "data" not in self._client.document(reply):
            return None
        data = self._data(reply)
        public, private = data.get("public_metrics") or {}, data.get("non_public_metrics") or {}
        detail = {name: int(count) for name, count in (public | private).items() if isinstance(count, int)}
        return PostNumbers(detail.get("impression_count", 0), detail.get("url_link_clicks", 0), detail)

    def delete(self, access_token: str, vendor_post_id: str) -> None:
        self._client.call("DELETE", f"/2/tweets/{vendor_post_id}", headers=_bearer(access_token), accept=(404,))

    def _timeline(self, access_token: str, account_id: str, start: str) -> Iterator[dict[str, Any]]:
        query = {"max_results": "100", "start_time": start, "tweet.fields": "created_at,entities"}
        for _ in range(_TIMELINE_PAGES):
            reply = self._client.call("GET", f"/2/users/{account_id}/tweets", headers=_bearer(access_token), params=query)
            found = self._client.document(reply)
            yield from found.get("data") or []
            following = (found.get("meta") or {}).get("next_token")
            if not following:
                return
            query["pagination_token"] = following

    def _post(self, post_id: str, text: str) -> PublishedPost:
        return PublishedPost(post_id, f"{self._site}/i/status/{post_id}", _price(text))

    def _data(self, reply: Reply) -> dict[str, Any]:
        """The `data` object with its id; an answer without it counts as lost."""
        data = self._client.document(reply).get("data")
        if not isinstance(data, dict) or not data.get("id"):
            lost = VendorUnavailable if reply.repeatable else OutcomeUnknown
            raise lost(f"the answer holds no id: {message(reply)}", vendor=self.vendor)
        return data


def _bearer(access_token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {access_token}"}


def _price(text: str) -> Decimal:
    return prices.X_POST_WITH_URL if extract_urls(text) else prices.X_POST


def _judge(reply: Reply) -> DrumbeatError | None:
    """With a user's token, 401 is about the connection and 403 about what was asked."""
    text = message(reply)
    if reply.status == 401:
        return ConnectionExpired(f"401 {text}", vendor=reply.vendor, hint="Connect the X account again.")
    if reply.status == 403 and "duplicate content" in text.lower():
        hint = "Change the text, or look whether the post is there already."
        return VendorRejected("the account has made a post with this text already", vendor=reply.vendor, hint=hint)
    if reply.status == 403:
        return VendorRejected(
            f"403 {text}", vendor=reply.vendor, hint="Look into the account at X: it may be limited or lack a permission."
        )
    return None


def _as_written(post: dict[str, Any]) -> str:
    """A post's text with the links that X shortened put back, and without the ones it added for media."""
    text = str(post.get("text") or "")
    for url in (post.get("entities") or {}).get("urls") or []:
        added = str(url.get("display_url") or "").startswith("pic.")
        text = text.replace(str(url.get("url")), "" if added else str(url.get("expanded_url") or url.get("url")))
    return text


def _comparable(text: str) -> str:
    """NFC, entities of HTML undone, runs of space as one, and links without the scheme and last slash that X adds."""
    words = unicodedata.normalize("NFC", html.unescape(text)).split()
    return " ".join(w.removeprefix("https://").removeprefix("http://").rstrip("/") for w in words)
