"""remove.bg: takes the background of a picture away, at once."""

from __future__ import annotations

import base64
import binascii
import io
import secrets
import zipfile
from typing import Any, Literal

from flask import Blueprint, Response, jsonify, request
from PIL import Image, ImageChops, ImageColor, ImageFilter, ImageStat
from pydantic import Field

from sandbox.credentials import REMOVEBG_KEY
from sandbox.state import here
from sandbox.vendor import Refused, Strict, Vendor, checked, read_json

routes = Blueprint("removebg", __name__)
API = "/v1.0"
CREDITS = 100.0  # of a fresh account
LARGEST_FILE = 12 * 1024 * 1024
LARGEST_PIXELS = 50_000_000
_LARGEST_PNG, _PREVIEW = 10_000_000, 250_000  # pixels of an answer
_SEEN_APART = 40  # a colour so far from the border's is foreground
_LEAST_SHARE = 0.005
_SIZES = {"preview": 0.25, "small": 0.25, "regular": 0.25, "medium": 1.0, "hd": 1.0, "full": 1.0, "4k": 1.0, "auto": 1.0}


class Asked(Strict):
    image_file_b64: str | None = None
    image_url: str | None = None
    size: str = "preview"
    type: Literal["auto", "person", "product", "car"] = "auto"
    type_level: Literal["none", "1", "2", "latest"] = "1"
    format: Literal["auto", "png", "jpg", "zip"] = "auto"
    channels: Literal["rgba", "alpha"] = "rgba"
    bg_color: str = Field(default="", max_length=40)


@routes.before_request
def check_key() -> None:
    if request.headers.get("X-Api-Key") != REMOVEBG_KEY:
        raise Refused(403, "API Key invalid", code="auth_failed")


@routes.post(f"{API}/removebg")
def remove() -> Response:
    asked = _asked()
    if asked.size not in _SIZES:
        raise Refused(400, "Invalid size", code="invalid_size")
    picture = _picture(asked)
    if _credits() < _SIZES[asked.size]:
        raise Refused(402, "Insufficient credits")
    matte = _matte(picture)
    picture, matte = _reduced(asked, picture), _reduced(asked, matte)
    content, media_type = _composed(asked, picture, matte)
    state = here()
    body = {"credits": _SIZES[asked.size], "width": matte.width, "height": matte.height, "type": asked.type}
    state.ledger.record("removebg", "matte", secrets.token_hex(12), body, at=state.clock.now())
    left, top, right, bottom = matte.getbbox() or (0, 0, 0, 0)
    headers = {
        "X-Credits-Charged": str(_SIZES[asked.size]),
        "X-Type": "other" if asked.type == "auto" else asked.type,
        "X-Width": str(matte.width),
        "X-Height": str(matte.height),
        "X-Foreground-Left": str(left),
        "X-Foreground-Top": str(top),
        "X-Foreground-Width": str(right - left),
        "X-Foreground-Height": str(bottom - top),
    }
    if request.accept_mimetypes.best == "application/json":
        shown = {name[2:].lower().replace("-", "_"): int(value) for name, value in headers.items() if "Foreground" in name}
        answer = jsonify(data={"result_b64": base64.b64encode(content).decode(), **shown})
        answer.headers.update(headers)
        return answer
    return Response(content, mimetype=media_type, headers=headers)


@routes.get(f"{API}/account")
def account() -> Response:
    left = _credits()
    told = {"total": left, "subscription": 0, "payg": left, "enterprise": 0}
    return jsonify(data={"attributes": {"credits": told, "api": {"free_calls": 0, "sizes": "all"}}})


def _asked() -> Asked:
    if request.mimetype == "application/json":
        return read_json(Asked)
    return checked(Asked, request.form.to_dict())


def _picture(asked: Asked) -> Image.Image:
    """The one source, decoded. Raises Refused as the vendor words it."""
    file = request.files.get("image_file")
    given = [source for source in (file, asked.image_file_b64, asked.image_url) if source]
    if not given:
        raise Refused(400, "No image given", code="missing_source")
    if len(given) > 1:
        raise Refused(400, "Multiple image sources given", code="multiple_sources")
    if asked.image_url:
        raise Refused(400, "Failed to download image: the sandbox visits no addresses", code="failed_image_download")
    try:
        content = file.read() if file else base64.b64decode(asked.image_file_b64 or "", validate=True)
    except binascii.Error:
        raise Refused(400, "Failed to read image", code="failed_to_read_image") from None
    if len(content) > LARGEST_FILE:
        raise Refused(400, "File too large", code="file_too_large")
    try:
        image = Image.open(io.BytesIO(content), formats=["PNG", "JPEG", "WEBP"])
        if image.width * image.height > LARGEST_PIXELS:
            raise Refused(400, "Resolution too high", code="resolution_too_high")
        return image.convert("RGB")
    except OSError:
        raise Refused(400, "Invalid file type", code="invalid_file_type") from None


def _matte(picture: Image.Image) -> Image.Image:
    """What differs from the colour of the picture's border. Raises Refused when next to nothing does."""
    inside = Image.new("L", picture.size, 255)
    inside.paste(0, (2, 2, max(picture.width - 2, 2), max(picture.height - 2, 2)))
    border = tuple(round(value) for value in ImageStat.Stat(picture, inside).median)
    red, green, blue = ImageChops.difference(picture, Image.new("RGB", picture.size, border)).split()
    apart = ImageChops.lighter(red, ImageChops.lighter(green, blue)).point([255 if value > _SEEN_APART else 0 for value in range(256)])
    if apart.histogram()[255] < _LEAST_SHARE * picture.width * picture.height:
        raise Refused(400, "Could not identify foreground in image", code="unknown_foreground")
    return apart.filter(ImageFilter.GaussianBlur(0.7))


def _reduced(asked: Asked, image: Image.Image) -> Image.Image:
    """To the pixels that the size and format allow."""
    most = _PREVIEW if _SIZES[asked.size] < 1 else _LARGEST_PNG if asked.format != "zip" else LARGEST_PIXELS
    scale = min(1.0, (most / (image.width * image.height)) ** 0.5)
    return image if scale == 1.0 else image.resize((max(int(image.width * scale), 1), max(int(image.height * scale), 1)))


def _composed(asked: Asked, picture: Image.Image, matte: Image.Image) -> tuple[bytes, str]:
    if asked.channels == "alpha":
        return _saved(matte, "PNG"), "image/png"
    if asked.format == "zip":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("color.jpg", _saved(picture, "JPEG"))
            archive.writestr("alpha.png", _saved(matte, "PNG"))
        return packed.getvalue(), "application/zip"
    if asked.bg_color or asked.format == "jpg":
        ground = Image.new("RGB", picture.size, _colour(asked.bg_color or "white"))
        ground.paste(picture, mask=matte)
        return (_saved(ground, "PNG"), "image/png") if asked.format == "png" else (_saved(ground, "JPEG"), "image/jpeg")
    picture.putalpha(matte)
    return _saved(picture, "PNG"), "image/png"


def _colour(text: str) -> tuple[int, ...]:
    """A name, or 3, 4, 6 or 8 hexadecimal digits with or without #."""
    for written in (f"#{text.lstrip('#')}", text):
        try:
            return ImageColor.getrgb(written)[:3]
        except ValueError:
            continue
    raise Refused(400, "Invalid bg_color", code="invalid_bg_color")


def _saved(image: Image.Image, form: str) -> bytes:
    content = io.BytesIO()
    image.save(content, form)
    return content.getvalue()


def _credits() -> float:
    return CREDITS - sum(float(effect["body"]["credits"]) for effect in here().ledger.effects(vendor="removebg"))


def _shape(refused: Refused) -> Any:
    return {"errors": [{"title": refused.message, **({"code": refused.code} if refused.code else {})}]}


vendor = Vendor("removebg", routes, _shape)
