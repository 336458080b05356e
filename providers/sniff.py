"""What a file really is, by its content: the name and the stated type are not asked.

Accepted: PNG, JPEG, WebP, GIF, AVIF, HEIC, TIFF, BMP; MP4, M4V, WebM, Matroska, QuickTime, AVI,
MPEG-TS; MP3, WAV, Ogg, M4A; PDF; ONNX; CSV.
SVG and HTML are not: they carry scripts.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import puremagic
from PIL import Image, UnidentifiedImageError

from core.errors import MediaUnreadable, UnsupportedMedia
from providers.csv_form import fault_of_csv
from providers.onnx_form import begins_like_onnx, is_whole_onnx

MAX_PIXELS = 50_000_000
MAX_FRAMES = 1000
HEAD = 400  # bytes that `media_type_of` looks at: the sync bytes of three transport packets are among them

_IMAGES = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/avif": "AVIF",
    "image/heic": "HEIF",
    "image/tiff": "TIFF",
    "image/bmp": "BMP",
}
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_BMP_HEADERS = frozenset({12, 40, 52, 56, 64, 108, 124})  # sizes of the header that follows the first one
_TRANSPORT_SYNC = (0, 188, 376)
# The demuxer is named, so that a file cannot choose one that opens other files (playlists).
_DEMUXERS = {
    "video/mp4": "mov",
    "video/quicktime": "mov",
    "audio/mp4": "mov",
    "video/webm": "matroska",
    "video/x-matroska": "matroska",
    "video/x-msvideo": "avi",
    "video/mp2t": "mpegts",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/ogg": "ogg",
}
ACCEPTED = (*_IMAGES, *_DEMUXERS, "application/pdf", "application/onnx", "text/csv")


@dataclass(frozen=True)
class Sniffed:
    media_type: str
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None
    frames: int | None = None  # of an image; more than 1: it moves


def sniff(path: Path) -> Sniffed:
    """Type, size and length of a file, after decoding enough to trust them.

    Raises UnsupportedMedia for what is not accepted and MediaUnreadable for what is broken.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    media_type = media_type_of(head)
    if media_type is None and (fault := fault_of_csv(path)) is None:
        return Sniffed("text/csv")
    if media_type is None:
        raise UnsupportedMedia(
            f"the file looks like {_guess(path)}, and is no table in CSV: {fault}", hint=f"Accepted are {', '.join(ACCEPTED)}."
        )
    if media_type in _IMAGES:
        return _image(path, media_type)
    if media_type in _DEMUXERS:
        return _recording(path, media_type)
    if media_type == "application/onnx":
        return _model(path, media_type)
    return _document(path, media_type)


def media_type_of(head: bytes) -> str | None:
    """The accepted media type whose signature the first bytes bear, or None."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head.startswith((b"II*\x00", b"MM\x00*")):
        return "image/tiff"
    if head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return "image/bmp"
    if head.startswith(b"RIFF"):
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}.get(head[8:12])
    if head[4:8] == b"ftyp" and (picture := _picture_brand(head)):
        return picture
    if head[4:8] == b"ftyp":
        return {b"qt  ": "video/quicktime", b"M4A ": "audio/mp4", b"M4B ": "audio/mp4"}.get(head[8:12], "video/mp4")
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska" if b"matroska" in head[:64] else None
    if all(head[at : at + 1] == b"G" for at in _TRANSPORT_SYNC):
        return "video/mp2t"
    if head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2):  # MPEG layer III
        return "audio/mpeg"
    if begins_like_onnx(head):
        return "application/onnx"
    return {b"OggS": "audio/ogg", b"%PDF": "application/pdf"}.get(head[:4])


def _picture_brand(head: bytes) -> str | None:
    """The picture in a container that films use too. A general brand leaves it to the brands that the file is compatible with."""
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, min(int.from_bytes(head[:4], "big"), len(head)), 4))]
    if brands[0] in _AVIF_BRANDS:
        return "image/avif"
    if brands[0] not in _HEIF_BRANDS:
        return None
    return "image/avif" if _AVIF_BRANDS.intersection(brands) else "image/heic"


def _guess(path: Path) -> str:
    try:
        return puremagic.from_file(path, mime=True) or "nothing known"
    except (puremagic.PureError, ValueError):
        return "nothing known"


def _image(path: Path, media_type: str) -> Sniffed:
    if media_type == "image/heic":
        _add_heif()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit below is stricter
            with Image.open(path, formats=[_IMAGES[media_type]]) as image:
                width, height = image.size
                if width * height > MAX_PIXELS:
                    raise MediaUnreadable(f"the image has {width} × {height} pixels", hint=f"At most {MAX_PIXELS:,} pixels are decoded.")
                frames = getattr(image, "n_frames", 1)
                if frames > MAX_FRAMES:
                    raise MediaUnreadable(f"the image has {frames} frames", hint=f"At most {MAX_FRAMES} frames are taken.")
                image.load()
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise MediaUnreadable(f"the image cannot be decoded: {error}") from None
    return Sniffed(media_type, width, height, frames=frames)


def _add_heif() -> None:
    """Lets Pillow open HEIC; may run often. Raises UnsupportedMedia where its plugin is not installed."""
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        raise UnsupportedMedia("HEIC is not read on this server", hint="Install pillow-heif, or send JPEG, PNG, WebP or AVIF.") from None
    register_heif_opener()


def _recording(path: Path, media_type: str) -> Sniffed:
    import av  # here: 60 MB of libraries that most processes never need

    try:
        with av.open(str(path), format=_DEMUXERS[media_type]) as container:
            video = next(iter(container.streams.video), None)
            audio = next(iter(container.streams.audio), None)
            pictures = video is not None and video.codec_context.name not in ("mjpeg", "png")  # those are cover pictures
            if not pictures and audio is None:
                raise MediaUnreadable("the file holds neither sound nor moving pictures")
            stream: Any = video if pictures else audio
            if next(container.decode(stream), None) is None:
                raise MediaUnreadable("the file holds no frame that can be decoded")
            seconds = round(container.duration / av.time_base, 3) if container.duration else None
    except (av.FFmpegError, OSError, ValueError) as error:
        raise MediaUnreadable(f"the recording cannot be decoded: {error}") from None
    if not pictures or video is None:
        return Sniffed(_as_sound(media_type), duration_seconds=seconds)
    return Sniffed(media_type, video.width, video.height, seconds)


def _as_sound(media_type: str) -> str:
    """A container of pictures that holds sound alone. Raises UnsupportedMedia where that has no accepted type."""
    if media_type.startswith("video/") and _DEMUXERS[media_type] != "mov":
        raise UnsupportedMedia(f"the {media_type} file holds no pictures", hint="Send sound as MP3, WAV, Ogg or M4A.")
    return "audio/mp4" if _DEMUXERS[media_type] == "mov" else media_type


def _document(path: Path, media_type: str) -> Sniffed:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 2048))
        if b"%%EOF" not in file.read():
            raise MediaUnreadable("the PDF has no end mark; it is cut off")
    return Sniffed(media_type)


def _model(path: Path, media_type: str) -> Sniffed:
    if not is_whole_onnx(path):
        raise MediaUnreadable("the file begins like an ONNX model and does not go on like one, or its end is missing")
    return Sniffed(media_type)
