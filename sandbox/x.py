"""X (API v2): posts, the account's timeline, metrics, and the public pages on which people can look at a post."""

from __future__ import annotations

import hashlib
import random
import unicodedata
from datetime import UTC, datetime
from typing import Any, Literal

from flask import Blueprint, Response, abort, g, jsonify, render_template, request, send_file
from pydantic import Field
from twitter_text import extract_urls, parse_tweet

from sandbox import x_media, x_oauth
from sandbox.faults import active_fault
from sandbox.state import here
from sandbox.vendor import Refused, Strict, Vendor, read_json
from sandbox.x_limits import count_call
from sandbox.x_oauth import ACCOUNTS, account, caller

routes = Blueprint("x", __name__)
routes.register_blueprint(x_oauth.routes)
routes.register_blueprint(x_media.routes)

_DUPLICATE_SECONDS = 86_400
_PRICE, _PRICE_WITH_URL = "0.015", "0.200"
_TWEET_FIELDS = frozenset(
    {"id", "text", "author_id", "created_at", "public_metrics", "non_public_metrics", "organic_metrics", "attachments", "entities"}
)
_TIMELINE_QUERY = frozenset(
    {"max_results", "pagination_token", "start_time", "end_time", "since_id", "until_id", "tweet.fields", "exclude"}
)


class AttachedMedia(Strict):
    media_ids: list[str] = Field(min_length=1, max_length=4)
    tagged_user_ids: list[str] = Field(default=[], max_length=10)


class Reply(Strict):
    in_reply_to_tweet_id: str
    exclude_reply_user_ids: list[str] = Field(default_factory=list)


class NewPost(Strict):
    text: str = ""
    media: AttachedMedia | None = None
    reply: Reply | None = None
    reply_settings: Literal["following", "mentionedUsers", "subscribers", "verified"] | None = None
    made_with_ai: bool = False
    paid_partnership: bool = False
    nullcast: bool = False


@routes.get("/2/users/me")
def me() -> Response:
    account_id = caller("users.read", "tweet.read").account_id
    count_call(account_id, "me")
    return jsonify(data=account(account_id))


@routes.post("/2/tweets")
def create_post() -> tuple[Response, int]:
    author = caller("tweet.read", "tweet.write", "users.read").account_id
    count_call(author, "create")
    asked = read_json(NewPost)
    _check_text(asked)
    media = x_media.attachable(author, asked.media.media_ids) if asked.media else []
    with here().store.transaction():
        _refuse_duplicate(author, asked.text)
        post = _record(author, asked, media)
    return jsonify(data={"id": post["id"], "text": post["text"], "edit_history_tweet_ids": [post["id"]]}), 201


def _check_text(asked: NewPost) -> None:
    if not asked.text.strip() and asked.media is None:
        raise Refused(400, "One or more parameters to your request was invalid: text or media is required", param="text")
    weight = parse_tweet(unicodedata.normalize("NFC", asked.text)).weightedLength if asked.text else 0
    if weight > 280:
        raise Refused(403, f"You are not permitted to perform this action: the text weighs {weight} of 280.", code="client-forbidden")
    if asked.reply and here().store.get("x.post", asked.reply.in_reply_to_tweet_id) is None:
        raise Refused(400, "The post that is replied to does not exist", param="reply.in_reply_to_tweet_id")


def _text_key(author: str, text: str) -> str:
    return f"{author}:{hashlib.sha256(text.strip().encode()).hexdigest()}"


def _refuse_duplicate(author: str, text: str) -> None:
    earlier = here().store.get("x.text", _text_key(author, text)) if text.strip() else None
    if earlier and here().clock.now() - earlier["at"] < _DUPLICATE_SECONDS:
        raise Refused(403, "You are not allowed to create a Tweet with duplicate content.", code="client-forbidden")


def _record(author: str, asked: NewPost, media: list[dict[str, Any]]) -> dict[str, Any]:
    state, now = here(), here().clock.now()
    price = _PRICE_WITH_URL if extract_urls(asked.text) else _PRICE
    post: dict[str, Any] = {"id": str(state.store.next_number()), "author_id": author, "text": asked.text, "at": now}
    post |= {"media_ids": [m["id"] for m in media], "made_with_ai": asked.made_with_ai}
    post |= {"reply_to": asked.reply.in_reply_to_tweet_id if asked.reply else None, "cost": price}
    state.store.put("x.post", post["id"], post, owner=author, at=now)
    state.store.put("x.text", _text_key(author, asked.text), {"at": now, "id": post["id"]})
    state.ledger.record("x", "post", asked.text, post, at=now)
    return post


@routes.get("/2/tweets/<post_id>")
def read_post(post_id: str) -> Response:
    count_call(caller("tweet.read", "users.read").account_id, "post")
    post = here().store.get("x.post", post_id)
    if post is None or _is_hidden(post):
        raise Refused(404, f"Could not find tweet with id: [{post_id}].", code="resource-not-found")
    return jsonify(data=_shown(post))


@routes.delete("/2/tweets/<post_id>")
def delete_post(post_id: str) -> Response:
    account_id = caller("tweet.read", "tweet.write", "users.read").account_id
    count_call(account_id, "delete")
    state, post = here(), here().store.get("x.post", post_id)
    if post is None:
        raise Refused(404, f"Could not find tweet with id: [{post_id}].", code="resource-not-found")
    if post["author_id"] != account_id:
        raise Refused(403, "You are not permitted to delete this post.", code="not-authorized-for-resource")
    with state.store.transaction():
        state.store.delete("x.post", post_id)
        state.store.delete("x.text", _text_key(account_id, post["text"]))
        state.ledger.record("x", "delete", post_id, {"id": post_id}, at=state.clock.now())
    return jsonify(data={"deleted": True})


@routes.get("/2/users/<user_id>/tweets")
def timeline(user_id: str) -> Response:
    count_call(caller("tweet.read", "users.read").account_id, "timeline")
    if unknown := sorted(set(request.args) - _TIMELINE_QUERY):
        raise Refused(400, f"The query parameter [{unknown[0]}] is not one of [{', '.join(sorted(_TIMELINE_QUERY))}]", param=unknown[0])
    if user_id not in {a["id"] for a in ACCOUNTS}:
        raise Refused(404, f"Could not find user with id: [{user_id}].", code="resource-not-found")
    size = request.args.get("max_results", 10, int)
    if not 5 <= size <= 100:
        raise Refused(400, "The `max_results` query parameter value is not between 5 and 100", param="max_results")
    found = [post for post in here().store.owned("x.post", user_id) if _is_asked_for(post)]
    start = _offset(request.args.get("pagination_token", ""))
    page = found[start : start + size]
    meta: dict[str, Any] = {"result_count": len(page)}
    if page:
        meta |= {"newest_id": page[0]["id"], "oldest_id": page[-1]["id"]}
    if start + size < len(found):
        meta["next_token"] = f"t{start + size}"
    return jsonify({"meta": meta} | ({"data": [_shown(post) for post in page]} if page else {}))


def _offset(token: str) -> int:
    if token and not (token.startswith("t") and token[1:].isdecimal()):
        raise Refused(400, "The `pagination_token` is invalid", param="pagination_token")
    return int(token[1:]) if token else 0


def _is_asked_for(post: dict[str, Any]) -> bool:
    query = request.args
    return (
        not _is_hidden(post)
        and ("start_time" not in query or post["at"] >= _instant("start_time"))
        and ("end_time" not in query or post["at"] < _instant("end_time"))
        and int(post["id"]) > query.get("since_id", 0, int)
        and int(post["id"]) < query.get("until_id", 2**63, int)
        and not ("replies" in query.get("exclude", "") and post["reply_to"])
    )


def _instant(name: str) -> float:
    """An RFC 3339 time of the query; X takes whole seconds, so a post of the same second is in."""
    try:
        return datetime.fromisoformat(request.args[name]).timestamp() // 1
    except ValueError:
        raise Refused(400, f"The `{name}` query parameter is not an RFC 3339 time", param=name) from None


def _is_hidden(post: dict[str, Any]) -> bool:
    """Under a `hide` rule, posts younger than its seconds are not shown yet."""
    rule = active_fault()
    return rule is not None and rule.mode == "hide" and here().clock.now() - float(post["at"]) < rule.seconds


def _shown(post: dict[str, Any]) -> dict[str, Any]:
    wanted = {name for name in request.args.get("tweet.fields", "").split(",") if name}
    if unknown := sorted(wanted - _TWEET_FIELDS):
        raise Refused(400, f"The `tweet.fields` query parameter value [{unknown[0]}] is unknown", param="tweet.fields")
    metrics = _metrics(post)
    every = {
        "author_id": post["author_id"],
        "created_at": datetime.fromtimestamp(post["at"], UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "attachments": {"media_keys": post["media_ids"]},
        "entities": {"urls": []},  # nothing is shortened here, so that the text is as it was written
        **dict.fromkeys(("public_metrics", "organic_metrics"), metrics),
        "non_public_metrics": {"impression_count": metrics["impression_count"], "url_link_clicks": metrics["like_count"] // 2},
    }
    shown = {"id": post["id"], "text": post["text"], "edit_history_tweet_ids": [post["id"]]}
    return shown | {name: value for name, value in every.items() if name in wanted}


def _metrics(post: dict[str, Any]) -> dict[str, int]:
    """Numbers that grow with the post's age and are the same for everybody who asks at that moment."""
    minutes = max(0.0, here().clock.now() - post["at"]) / 60
    dice = random.Random(post["id"])
    seen = int(minutes * dice.uniform(2, 9))
    rates = {"like_count": 0.03, "retweet_count": 0.006, "reply_count": 0.004, "quote_count": 0.001, "bookmark_count": 0.005}
    return {name: int(seen * rate * dice.uniform(0.6, 1.4)) for name, rate in rates.items()} | {"impression_count": seen}


@routes.get("/<username>/status/<post_id>")
def permalink(username: str, post_id: str) -> str:
    """`/i/status/{id}` and `/{username}/status/{id}`: the page that the public sees."""
    post = here().store.get("x.post", post_id) or abort(404, "This post does not exist or was deleted.")
    return _page([post])


@routes.get("/<username>")
def profile(username: str) -> str:
    shown = next((a for a in ACCOUNTS if a["username"] == username), None) or abort(404, "There is no such account.")
    return _page(here().store.owned("x.post", shown["id"], limit=100))


def _page(posts: list[dict[str, Any]]) -> str:
    store = here().store
    shown = [
        post
        | {
            "author": account(post["author_id"]),
            "time": datetime.fromtimestamp(post["at"], UTC).strftime("%H:%M · %d %b %Y"),
            "media": [m for m in (store.get("x.media", key) for key in post["media_ids"]) if m],
            "metrics": _metrics(post),
        }
        for post in posts
    ]
    return render_template("x_posts.html", posts=shown)


@routes.get("/media/<media_id>")
def media_file(media_id: str) -> Response:
    media = here().store.get("x.media", media_id) or abort(404, "There is no such file.")
    return send_file(here().store.files / media["id"], mimetype=media["media_type"], conditional=True)


@routes.after_request
def _add_rate_headers(answer: Response) -> Response:
    answer.headers.update(g.get("x_headers", {}))
    return answer


def _shape(refused: Refused) -> dict[str, Any]:
    if refused.code in ("oauth", "oauth-client"):
        word = "unauthorized_client" if refused.code == "oauth-client" else "invalid_request"
        return {"error": word, "error_description": refused.message}
    if refused.status == 429:
        return {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}
    kinds = {400: "invalid-request", 404: "resource-not-found"}
    kind = refused.code if refused.status == 403 else kinds.get(refused.status, "")
    titles = {400: "Invalid Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found Error", 503: "Service Unavailable"}
    body: dict[str, Any] = {"title": titles.get(refused.status, "Error"), "detail": refused.message, "status": refused.status}
    body["type"] = f"https://api.x.com/2/problems/{kind}" if kind else "about:blank"
    if refused.status == 400:
        body["errors"] = [{"message": refused.message, "parameters": {refused.param: []} if refused.param else {}}]
    return body


def _throttled(seconds: int) -> dict[str, str]:
    reset = int(here().clock.now()) + seconds
    return {"x-rate-limit-limit": "100", "x-rate-limit-remaining": "0", "x-rate-limit-reset": str(reset)}


vendor = Vendor("x", routes, _shape, _throttled)
