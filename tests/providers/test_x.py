"""The client of X against the played one: OAuth, media, posts, and every way they fail."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from core.errors import (
    ConnectionExpired,
    LeaseLost,
    OutcomeUnknown,
    VendorRejected,
    VendorThrottled,
    VendorUnauthorized,
    VendorUnavailable,
)
from providers import registry
from providers.contracts.social import Media, SocialNetwork, Tokens
from tests.providers import media
from tests.providers.conftest import LocalServer, answering
from tests.stack import SandboxProcess

CALLBACK = "http://127.0.0.1:8000/v1/connections/callback"
POSTS = r"^/2/tweets"


@pytest.fixture
def x(sandbox: SandboxProcess, configure: Callable[..., None]) -> SocialNetwork:
    configure(VENDOR_TIMEOUT_SECONDS="5", VENDOR_SETTLE_SECONDS="6")
    return registry.social("x")


def consented(network: SocialNetwork, verifier: str = "v" * 50) -> tuple[str, str]:
    """A code that the played consent page gave for that verifier, and the state that came back with it."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    url = network.consent_url(state="s" * 20, challenge=challenge, redirect_uri=CALLBACK)
    answer = requests.get(url, allow_redirects=False, timeout=5)
    assert answer.status_code == 302, answer.text
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    return query["code"][0], query["state"][0]


@pytest.fixture
def tokens(x: SocialNetwork) -> Tokens:
    code, _ = consented(x)
    return x.exchange(code=code, verifier="v" * 50, redirect_uri=CALLBACK)


def unique(text: str = "A lamp for long evenings") -> str:
    return f"{text} {secrets.token_hex(4)}"


def nothing() -> None:
    """A fence that lets everything pass."""


def test_an_account_is_connected(x: SocialNetwork, tokens: Tokens) -> None:
    """Consent, code, tokens with an expiry, and whose they are."""
    assert x.simulated
    assert consented(x)[1] == "s" * 20
    assert (tokens.expires_in, "offline.access" in tokens.scopes) == (7200, True)
    assert x.account(tokens.access_token).name == "quillmoor"


def test_a_wrong_verifier_is_refused(x: SocialNetwork) -> None:
    """PKCE: a stolen code is worth nothing."""
    code, _ = consented(x)
    with pytest.raises(VendorRejected, match="consent was not accepted"):
        x.exchange(code=code, verifier="w" * 50, redirect_uri=CALLBACK)


def test_a_refresh_rotates_the_token(x: SocialNetwork, tokens: Tokens) -> None:
    """The old refresh token is dead afterwards, and that means connecting again."""
    assert tokens.refresh_token
    fresh = x.refresh(tokens.refresh_token)
    assert fresh.refresh_token not in (None, tokens.refresh_token)
    assert x.account(fresh.access_token).name == "quillmoor"
    with pytest.raises(ConnectionExpired):
        x.refresh(tokens.refresh_token)


def test_a_wrong_client_secret_names_the_variables(sandbox: SandboxProcess, configure: Callable[..., None]) -> None:
    """That is the operator's to mend, not the account's owner's."""
    configure(X_CLIENT_SECRET="wrong")
    with pytest.raises(VendorUnauthorized) as refused:
        registry.social("x").refresh("anything")
    assert "X_CLIENT_SECRET" in refused.value.hint


def test_an_expired_token_means_connecting_again(x: SocialNetwork, tokens: Tokens, sandbox: SandboxProcess) -> None:
    """401 is about the account."""
    sandbox.advance(7300)
    with pytest.raises(ConnectionExpired):
        x.account(tokens.access_token)


def test_a_post_is_made_once(x: SocialNetwork, tokens: Tokens, sandbox: SandboxProcess) -> None:
    """Its id and its public address come back; the ledger holds one."""
    text = unique()
    post = x.publish(tokens.access_token, text=text, media_ids=[], fence=nothing)
    [effect] = sandbox.ledger(vendor="x", kind="post")
    assert (effect["body"]["id"], effect["body"]["text"]) == (post.vendor_post_id, text)
    assert post.cost == Decimal("0.015")
    assert requests.get(post.url, timeout=5).status_code == 200


def test_a_post_with_a_link_costs_more(x: SocialNetwork) -> None:
    """X asks 20 cents for it."""
    assert x.estimate("See https://example.com/", []) == Decimal("0.20")
    assert x.estimate("See", [Media(Path("a.png"), "image/png", "A lamp")]) == Decimal("0.020")


def test_a_fenced_post_is_never_sent(x: SocialNetwork, tokens: Tokens, sandbox: SandboxProcess) -> None:
    """Who lost the lease posts nothing."""

    def lost() -> None:
        raise LeaseLost("another worker holds the step")

    with pytest.raises(LeaseLost):
        x.publish(tokens.access_token, text=unique(), media_ids=[], fence=lost)
    assert sandbox.ledger(vendor="x", kind="post") == []


def test_the_same_text_twice_is_told_clearly(x: SocialNetwork, tokens: Tokens) -> None:
    """X's 403 for a duplicate is not about permissions."""
    text = unique()
    x.publish(tokens.access_token, text=text, media_ids=[], fence=nothing)
    with pytest.raises(VendorRejected, match="a post with this text already"):
        x.publish(tokens.access_token, text=text, media_ids=[], fence=nothing)


@pytest.mark.parametrize(
    "text", ["A lamp", "Lamps & shades <new> at https://quillmoor.example/shop?a=1 – look", "Zeilen\n\nund Ümläute 👩‍👩‍👧‍👦"]
)
def test_a_post_whose_answer_was_lost_is_found(x: SocialNetwork, tokens: Tokens, sandbox: SandboxProcess, text: str) -> None:
    """OutcomeUnknown first, then the account's own timeline tells."""
    text, since = unique(text), datetime.now(UTC)
    sandbox.fault(vendor="x", mode="lose_answer", route=POSTS, method="POST", times=1)
    with pytest.raises(OutcomeUnknown):
        x.publish(tokens.access_token, text=text, media_ids=[], fence=nothing)
    account = x.account(tokens.access_token)
    found = x.find(tokens.access_token, account_id=account.account_id, text=text, since=since)
    [effect] = sandbox.ledger(vendor="x", kind="post")
    assert found
    assert found.vendor_post_id == effect["body"]["id"]


def test_other_and_older_posts_are_not_found(x: SocialNetwork, tokens: Tokens) -> None:
    """Only this text, only since then."""
    account, text = x.account(tokens.access_token), unique()
    x.publish(tokens.access_token, text=text, media_ids=[], fence=nothing)
    now = datetime.now(UTC)
    assert x.find(tokens.access_token, account_id=account.account_id, text=text + "!", since=now - timedelta(hours=1)) is None
    assert x.find(tokens.access_token, account_id=account.account_id, text=text, since=now + timedelta(hours=1)) is None


def test_a_post_is_found_behind_a_full_page(
    x: SocialNetwork, tokens: Tokens, serve: Callable[..., LocalServer], configure: Callable[..., None]
) -> None:
    """Shortened links are put back, media links dropped, and the next page is read."""
    since = datetime.now(UTC)

    def pages(connection: object, request: bytes) -> None:
        first = b'{"data":[{"id":"1","text":"other"}],"meta":{"next_token":"t1"}}'
        second = (
            b'{"data":[{"id":"2","text":"Lamps &amp; more https://t.co/a https://t.co/b","entities":{"urls":['
            b'{"url":"https://t.co/a","expanded_url":"https://quillmoor.example/","display_url":"quillmoor.example"},'
            b'{"url":"https://t.co/b","expanded_url":"https://x.com/q/status/2/photo/1","display_url":"pic.x.com/b"}]}}],"meta":{}}'
        )
        answering(second if b"pagination_token=t1" in request else first)(connection, request)  # type: ignore[arg-type]

    configure(X_API_BASE_URL=serve(pages).url)
    found = registry.social("x").find("token", account_id="7", text="Lamps & more https://quillmoor.example", since=since)
    assert found
    assert found.vendor_post_id == "2"


def test_a_refused_post_was_not_made(x: SocialNetwork, tokens: Tokens, sandbox: SandboxProcess) -> None:
    """A limit says when to come back."""
    sandbox.fault(vendor="x", mode="throttle", route=POSTS, retry_after=40, times=1)
    with pytest.raises(VendorThrottled) as throttled:
        x.publish(tokens.access_token, text=unique(), media_ids=[], fence=nothing)
    assert throttled.value.retry_after == pytest.approx(40, abs=3)


def test_a_5xx_to_a_post_is_in_doubt(x: SocialNetwork, tokens: Tokens, sandbox: SandboxProcess) -> None:
    """A gateway may lie, so the timeline is asked before anything is sent again."""
    sandbox.fault(vendor="x", mode="error", route=POSTS, times=1)
    with pytest.raises(OutcomeUnknown):
        x.publish(tokens.access_token, text=unique(), media_ids=[], fence=nothing)


def test_a_failed_look_is_only_unavailable(x: SocialNetwork, tokens: Tokens, sandbox: SandboxProcess) -> None:
    """Nothing found is not said when nothing was seen."""
    sandbox.fault(vendor="x", mode="no_lookup", route=r"^/2/users", times=1)
    with pytest.raises(VendorUnavailable):
        x.find(tokens.access_token, account_id="1790000000000000001", text="A lamp", since=datetime.now(UTC))


def test_an_image_goes_with_its_post(x: SocialNetwork, tokens: Tokens, sandbox: SandboxProcess, tmp_path: Path) -> None:
    """One shot, alt text, and the mark for generated media."""
    picture = Media(tmp_path / "a.png", "image/png", "A lamp on a desk")
    picture.path.write_bytes(media.image())
    media_id = x.upload(tokens.access_token, picture)
    x.publish(tokens.access_token, text=unique(), media_ids=[media_id], fence=nothing)
    x.publish(tokens.access_token, text=unique(), media_ids=[x.upload(tokens.access_token, picture)], fence=nothing, generated=False)
    marks = {e["body"]["made_with_ai"]: e["body"]["media_ids"] for e in sandbox.ledger(vendor="x", kind="post")}
    assert marks[True] == [media_id]
    assert False in marks


def test_a_video_is_sent_in_parts_and_waited_for(x: SocialNetwork, tokens: Tokens, tmp_path: Path) -> None:
    """More than one part; the post is made once X has processed it."""
    film = Media(media.video(tmp_path / "film.mp4"), "video/mp4")
    with film.path.open("ab") as file:
        file.write(b"\x00\x40\x00\x08free" + bytes(0x400000))  # a box of padding that players skip
    assert film.path.stat().st_size > 4 * 1024 * 1024
    media_id = x.upload(tokens.access_token, film)
    assert x.publish(tokens.access_token, text=unique(), media_ids=[media_id], fence=nothing).vendor_post_id


def test_a_video_that_x_cannot_use_is_told(x: SocialNetwork, tokens: Tokens, tmp_path: Path) -> None:
    """Processing fails after the upload, with X's reason."""
    film = Media(media.video(tmp_path / "film.mp4", codec="mpeg4"), "video/mp4")
    with pytest.raises(VendorRejected, match=r"H\.264"):
        x.upload(tokens.access_token, film)


def test_a_lost_answer_to_an_upload_is_harmless(x: SocialNetwork, tokens: Tokens, sandbox: SandboxProcess, tmp_path: Path) -> None:
    """Nobody sees uploads, so they are repeated."""
    picture = Media(tmp_path / "a.png", "image/png")
    picture.path.write_bytes(media.image())
    sandbox.fault(vendor="x", mode="lose_answer", route=r"^/2/media", times=1)
    with pytest.raises(VendorUnavailable):
        x.upload(tokens.access_token, picture)
    assert x.upload(tokens.access_token, replace(picture, alt_text="A lamp"))


def test_a_post_is_deleted_twice_without_complaint(x: SocialNetwork, tokens: Tokens, sandbox: SandboxProcess) -> None:
    """The second time it is gone already."""
    post = x.publish(tokens.access_token, text=unique(), media_ids=[], fence=nothing)
    x.delete(tokens.access_token, post.vendor_post_id)
    x.delete(tokens.access_token, post.vendor_post_id)
    assert len(sandbox.ledger(vendor="x", kind="delete")) == 1


def test_a_post_s_numbers_are_read(x: SocialNetwork, tokens: Tokens, sandbox: SandboxProcess) -> None:
    """Impressions, clicks and the rest; no clicks of an old post; None of one that is gone."""
    post = x.publish(tokens.access_token, text=unique(), media_ids=[], fence=nothing)
    sandbox.advance(5400)
    now = datetime.now(UTC)
    found = x.numbers(tokens.access_token, post.vendor_post_id, published_at=now)
    assert found
    assert found.impressions >= 180
    assert found.detail["like_count"] > 0
    assert found.clicks == found.detail["url_link_clicks"]
    old = x.numbers(tokens.access_token, post.vendor_post_id, published_at=now - timedelta(days=31))
    assert old
    assert (old.impressions, old.clicks) == (found.impressions, 0)
    x.delete(tokens.access_token, post.vendor_post_id)
    assert x.numbers(tokens.access_token, post.vendor_post_id, published_at=now) is None
