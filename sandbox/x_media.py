"""X's media upload: initialize, append, finalize, STATUS; the one shot for small images; alt text.

Parts are kept as files until finalize joins them; the joined file is really opened, and what X would not take is refused. A video
is `pending`, `in_progress` and then `succeeded` or `failed` as its time passes.
"""

from __future__ import annotations

import base64
import binascii
import io
from typing import Any

import av
from flask import Blueprint, Response, jsonify, request
from PIL import Image
from pydantic import Field

from sandbox.state import here
from sandbox.vendor import Refused, Strict, read_json
from sandbox.x_limits import count_call
from sandbox.x_oauth import caller

routes = Blueprint("media", __name__)

MEGABYTE = 1024 * 1024
LARGEST = {"tweet_image": 5 * MEGABYTE, "tweet_gif": 15 * MEGABYTE, "tweet_video": 512 * MEGABYTE}
_IMAGE_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF"}
_VIDEO_TYPES = ("video/mp4", "video/quicktime")
_PENDING, _PROCESSED = 0.5, 1.5  # seconds after finalize
_EXPIRES = 86_400


class Initialize(Strict):
    media_type: str
    media_category: str
    total_bytes: int = Field(gt=0)
    shared: bool = False
    additional_owners: list[str] = Field(default=[], max_length=100)


class AltText(Strict):
    text: str = Field(max_length=1000)


class Described(Strict):
    alt_text: AltText


class Metadata(Strict):
    id: str
    metadata: Described


@routes.post("/2/media/upload/initialize")
def initialize() -> Response:
    owner = caller("media.write").account_id
    count_call(owner, "media")
    asked = read_json(Initialize)
    _check_kind(asked.media_type, asked.media_category, asked.total_bytes)
    media = _new_media(owner, asked.media_type, asked.media_category) | {"total_bytes": asked.total_bytes}
    _save(media)
    return jsonify(data={"id": media["id"], "media_key": media["media_key"], "expires_after_secs": _EXPIRES})


@routes.post("/2/media/upload/<media_id>/append")
def append(media_id: str) -> Response:
    media = _own_media(media_id)
    count_call(media["owner"], "media")
    if media["state"] != "receiving":
        raise Refused(400, "The upload is finalized already")
    index, part = _sent_part()
    if not 0 <= index <= 999:
        raise Refused(400, "segment_index must be 0 to 999", param="segment_index")
    (here().store.files / f"{media_id}.{index:03d}").write_bytes(part)
    return jsonify(data={"expires_at": int(here().clock.now()) + _EXPIRES})


def _sent_part() -> tuple[int, bytes]:
    if request.mimetype == "multipart/form-data":
        part = request.files.get("media")
        index = request.form.get("segment_index", -1, int)
        return index, part.read() if part else _missing("media")
    body = request.get_json(silent=True) or {}
    try:
        return int(body.get("segment_index", -1)), base64.b64decode(body["media"], validate=True)
    except (KeyError, ValueError, TypeError, binascii.Error):
        return _missing("media"), b""


def _missing(field: str) -> Any:
    raise Refused(400, f"{field} is missing or unreadable", param=field)


@routes.post("/2/media/upload/<media_id>/finalize")
def finalize(media_id: str) -> Response:
    media = _own_media(media_id)
    count_call(media["owner"], "media")
    parts = sorted(here().store.files.glob(f"{media_id}.[0-9][0-9][0-9]"))
    if [int(part.suffix[1:]) for part in parts] != list(range(len(parts))) or not parts:
        raise Refused(400, "Segments do not add up to provided total file size: one is missing")
    content = b"".join(part.read_bytes() for part in parts)
    if len(content) != media["total_bytes"]:
        raise Refused(400, f"Segments do not add up to provided total file size: {len(content)} of {media['total_bytes']} bytes")
    for part in parts:
        part.unlink()
    return jsonify(data=_receive(media, content))


@routes.post("/2/media/upload")
def upload_at_once() -> Response:
    """Images only; `media` and `media_category` are both required."""
    owner = caller("media.write").account_id
    count_call(owner, "one_shot")
    file, category = request.files.get("media"), request.form.get("media_category", "")
    if file is None or not category:
        raise Refused(400, "media and media_category are both required")
    content = file.read()
    media_type = request.form.get("media_type") or file.mimetype
    if category not in ("tweet_image", "tweet_gif"):
        raise Refused(400, "Videos are uploaded in parts", param="media_category")
    _check_kind(media_type, category, len(content))
    return jsonify(data=_receive(_new_media(owner, media_type, category), content))


@routes.get("/2/media/upload")
def status() -> Response:
    if request.args.get("command") != "STATUS":
        raise Refused(400, "command must be STATUS", param="command")
    media = _own_media(request.args.get("media_id", ""))
    count_call(media["owner"], "status")
    return jsonify(data=_described(media))


@routes.post("/2/media/metadata")
def describe() -> Response:
    asked = read_json(Metadata)
    media = _own_media(asked.id)
    count_call(media["owner"], "metadata")
    _save(media | {"alt_text": asked.metadata.alt_text.text})
    return jsonify(data={"id": asked.id, "associated_metadata": {"alt_text": {"text": asked.metadata.alt_text.text}}})


def attachable(owner: str, media_ids: list[str]) -> list[dict[str, Any]]:
    """The media of a post. Raises Refused where one is foreign, unready, failed, or they do not go together."""
    found = [here().store.get("x.media", media_id) for media_id in media_ids]
    ready = [m for m in found if m and m["owner"] == owner and _progress(m)["state"] == "succeeded"]
    if len(ready) != len(media_ids) or len(set(media_ids)) != len(media_ids):
        raise Refused(400, "Your media IDs are invalid.", param="media.media_ids")
    if len(ready) > 1 and any(m["category"] != "tweet_image" for m in ready):
        raise Refused(400, "A post takes up to 4 photos, or 1 GIF, or 1 video", param="media.media_ids")
    return ready


def _check_kind(media_type: str, category: str, size: int) -> None:
    known = _VIDEO_TYPES if category == "tweet_video" else ("image/gif",) if category == "tweet_gif" else tuple(_IMAGE_FORMATS)
    if category not in LARGEST or media_type not in known:
        raise Refused(400, f"media_type {media_type} does not go with media_category {category}", param="media_category")
    if size > LARGEST[category]:
        raise Refused(400, f"File size exceeds {LARGEST[category]} bytes", param="total_bytes")


def _new_media(owner: str, media_type: str, category: str) -> dict[str, Any]:
    number = str(here().store.next_number())
    prefix = {"tweet_image": 3, "tweet_gif": 16, "tweet_video": 7}[category]
    media = {"id": number, "media_key": f"{prefix}_{number}", "owner": owner, "media_type": media_type, "category": category}
    return media | {"state": "receiving"}


def _receive(media: dict[str, Any], content: bytes) -> dict[str, Any]:
    """Keep the whole file and start what X does with it; an unreadable image is refused at once."""
    if media["category"] != "tweet_video":
        _check_image(content, media["media_type"])
    state = here()
    (state.store.files / media["id"]).write_bytes(content)
    fault = _video_fault(content) if media["category"] == "tweet_video" else ""
    media |= {"state": "received", "size": len(content), "received_at": state.clock.now(), "fault": fault}
    _save(media)
    return _described(media)


def _check_image(content: bytes, media_type: str) -> None:
    try:
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            found = image.format
    except (OSError, ValueError, SyntaxError):
        raise Refused(400, "The file is not an image that can be read") from None
    if found != _IMAGE_FORMATS[media_type]:
        raise Refused(400, f"The file is {found}, not {media_type}", param="media_type")


def _video_fault(content: bytes) -> str:
    try:
        with av.open(io.BytesIO(content), "r") as container:
            video = container.streams.video[0]
            seconds = float((container.duration or 0) / av.time_base)
            codec, long, short = video.codec_context.name, *sorted((video.width, video.height), reverse=True)
    except (av.FFmpegError, IndexError, ValueError):
        return "The file is not a video that can be read"
    if codec != "h264":
        return f"The video codec is {codec}; H.264 is expected"
    if not 0.5 <= seconds <= 140:
        return f"The video lasts {seconds:.1f} s; 0.5 to 140 s are allowed"
    if short < 32 or long > 1280 or short > 1024 or long > 3 * short:
        return f"The video measures {video.width}x{video.height}; at most 1280 on the long and 1024 on the short side are allowed"
    return ""


def _progress(media: dict[str, Any]) -> dict[str, Any]:
    if media["state"] == "receiving":
        return {"state": "receiving"}
    if media["category"] != "tweet_video":
        return {"state": "succeeded"}
    age = here().clock.now() - media["received_at"]
    if age < _PROCESSED:
        return {
            "state": "pending" if age < _PENDING else "in_progress",
            "check_after_secs": 1,
            "progress_percent": int(age / _PROCESSED * 100),
        }
    if media["fault"]:
        error = {"code": 1, "name": "InvalidMedia", "message": media["fault"]}
        return {"state": "failed", "progress_percent": 100, "error": error}
    return {"state": "succeeded", "progress_percent": 100}


def _described(media: dict[str, Any]) -> dict[str, Any]:
    data = {"id": media["id"], "media_key": media["media_key"], "size": media.get("size", 0), "expires_after_secs": _EXPIRES}
    if media["category"] == "tweet_video":
        data["processing_info"] = _progress(media)
    return data


def _own_media(media_id: str) -> dict[str, Any]:
    owner = caller("media.write").account_id
    media = here().store.get("x.media", media_id)
    if media is None or media["owner"] != owner:
        raise Refused(404, f"Could not find media with id [{media_id}].", code="resource-not-found")
    return media


def _save(media: dict[str, Any]) -> None:
    here().store.put("x.media", media["id"], media, owner=media["owner"])
