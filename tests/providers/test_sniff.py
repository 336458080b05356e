"""What a file really is."""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from core.errors import MediaUnreadable, UnsupportedMedia
from providers.sniff import media_type_of, sniff
from tests.providers import media


def written(tmp_path: Path, content: bytes, name: str = "file") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [
        ("PNG", "image/png"),
        ("JPEG", "image/jpeg"),
        ("WEBP", "image/webp"),
        ("GIF", "image/gif"),
        ("AVIF", "image/avif"),
        ("HEIF", "image/heic"),
        ("TIFF", "image/tiff"),
        ("BMP", "image/bmp"),
    ],
)
def test_images_are_known_by_content(tmp_path: Path, kind: str, media_type: str) -> None:
    """The file's name says something else."""
    found = sniff(written(tmp_path, media.image(kind), "page.html"))
    assert (found.media_type, found.width, found.height, found.duration_seconds) == (media_type, 64, 48, None)


@pytest.mark.parametrize(
    ("suffix", "codec", "media_type"),
    [
        ("mp4", "libx264", "video/mp4"),
        ("mov", "libx264", "video/quicktime"),
        ("webm", "libvpx", "video/webm"),
        ("m4v", "libx264", "video/mp4"),
        ("mkv", "libx264", "video/x-matroska"),
        ("avi", "mpeg4", "video/x-msvideo"),
        ("ts", "mpeg2video", "video/mp2t"),
    ],
)
def test_videos_are_known_with_size_and_length(tmp_path: Path, suffix: str, codec: str, media_type: str) -> None:
    """Width, height and seconds come from the file."""
    found = sniff(media.video(tmp_path / f"film.{suffix}", seconds=1.5, codec=codec))
    assert (found.media_type, found.width, found.height) == (media_type, 64, 48)
    assert found.duration_seconds == pytest.approx(1.5, abs=0.2)


@pytest.mark.parametrize(
    ("suffix", "codec", "media_type"),
    [
        ("mp3", "libmp3lame", "audio/mpeg"),
        ("wav", "pcm_s16le", "audio/wav"),
        ("ogg", "libopus", "audio/ogg"),
        ("m4a", "aac", "audio/mp4"),
        ("mp4", "aac", "audio/mp4"),
    ],
)
def test_sound_is_known_with_its_length(tmp_path: Path, suffix: str, codec: str, media_type: str) -> None:
    """An MP4 without pictures is sound, too."""
    found = sniff(media.sound(tmp_path / f"voice.{suffix}", seconds=1.2, codec=codec))
    assert (found.media_type, found.width) == (media_type, None)
    assert found.duration_seconds == pytest.approx(1.2, abs=0.15)


def test_a_pdf_is_known(tmp_path: Path) -> None:
    """By its first and last mark."""
    assert sniff(written(tmp_path, b"%PDF-1.7\n1 0 obj\nendobj\ntrailer\n%%EOF\n")).media_type == "application/pdf"


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"MZ\x90\x00" + bytes(100),
        b"just some text",
        b"",
        b"BM" + bytes(60),
    ],
)
def test_other_files_are_not_accepted(tmp_path: Path, content: bytes) -> None:
    """Scripts, playlists, programs, text and nothing, although named as a picture."""
    with pytest.raises(UnsupportedMedia) as refused:
        sniff(written(tmp_path, content, "picture.png"))
    assert "image/png" in refused.value.hint


def test_the_refusal_says_what_the_file_looks_like(tmp_path: Path) -> None:
    """A ZIP is called a ZIP."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a", "b")
    with pytest.raises(UnsupportedMedia, match="zip"):
        sniff(tmp_path / "a.zip")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF", "HEIF", "TIFF", "BMP"])
def test_a_cut_off_image_is_unreadable(tmp_path: Path, kind: str) -> None:
    """The first bytes alone are not believed."""
    whole = media.image(kind, (400, 300))
    with pytest.raises(MediaUnreadable):
        sniff(written(tmp_path, whole[: len(whole) // 2]))


@pytest.mark.parametrize(
    "head", [b"\x00\x00\x00\x18ftypisom" + bytes(500), b"RIFF\x00\x01\x00\x00WAVE" + bytes(500), b"OggS" + bytes(500), b"ID3" + bytes(500)]
)
def test_a_recording_that_only_begins_like_one_is_unreadable(tmp_path: Path, head: bytes) -> None:
    """At least one frame must decode."""
    with pytest.raises(MediaUnreadable):
        sniff(written(tmp_path, head))


def test_a_cut_off_pdf_is_unreadable(tmp_path: Path) -> None:
    """No end mark."""
    with pytest.raises(MediaUnreadable, match="cut off"):
        sniff(written(tmp_path, b"%PDF-1.7\n1 0 obj"))


@pytest.mark.parametrize("side", [8_000, 60_000])
def test_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path, side: int) -> None:
    """A PNG of a few bytes that claims millions of pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    with pytest.raises(MediaUnreadable, match="pixels"):
        sniff(written(tmp_path, bomb))


@pytest.mark.parametrize(
    ("brands", "media_type"),
    [
        ((b"heic", b"mif1", b"heic"), "image/heic"),
        ((b"mif1", b"mif1", b"heic"), "image/heic"),
        ((b"mif1", b"mif1", b"avif"), "image/avif"),
        ((b"avis", b"avis"), "image/avif"),
        ((b"isom", b"isom", b"avc1"), "video/mp4"),
        ((b"mp42", b"mp42", b"mif1"), "video/mp4"),
    ],
)
def test_pictures_in_the_container_of_films_are_known_by_brand(brands: tuple[bytes, ...], media_type: str) -> None:
    """The first brand decides; a general one leaves it to the others."""
    body = b"ftyp" + brands[0] + bytes(4) + b"".join(brands[1:])
    assert media_type_of(struct.pack(">I", len(body) + 4) + body + bytes(40)) == media_type


def test_a_bitmap_needs_more_than_two_letters() -> None:
    """Many texts begin with BM."""
    assert media_type_of(b"BMW drivers and other people who like to drive and to be driven") is None


def test_frames_are_counted(tmp_path: Path) -> None:
    """A moving GIF knows how many pictures it has."""
    assert sniff(written(tmp_path, media.gif(5))).frames == 5


@pytest.mark.parametrize(
    "table",
    [
        "date,revenue,search\n2026-01-05,100,5\n",
        "\ufeffdatum;omzet\r\n05-01;12,5\r\n",
        'a\tb\n"two\nlines"\t2\n\n',
        "sep=;\r\ndatum;omzet\r\n05-01;12\r\n",
        'naam,bedrag\n"É, x",1',
    ],
)
def test_tables_are_known(tmp_path: Path, table: str) -> None:
    """Commas, semicolons or tabs, with a byte order mark, Windows line ends, line breaks in quotes and empty lines."""
    assert sniff(written(tmp_path, table.encode(), "film.mp4")).media_type == "text/csv"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"date,revenue\n2026-01-05,100,5\n", "its row 1 has 3 columns and its header 2"),
        (b"date,revenue\n", "it has no row below its header"),
        (b"<p>,\n1,2\n", "its first line is no header of several columns"),
        (b"just words\nmore words\n", "its first line is no header of several columns"),
        ("naam,bedrag\ncaf\xe9,1\n".encode("latin-1"), "it is not in UTF-8"),
        (b"a,b\n1,\0\n", "it holds control characters"),
        (b"a,b\n" + b"1,2\n" * 5000 + b"1,\xff\n", "it is not in UTF-8"),
        (b"a,b\n1," + b"2" * 100_001 + b"\n", "a line has more than 100000 characters"),
    ],
)
def test_what_is_no_table_is_told_why(tmp_path: Path, content: bytes, why: str) -> None:
    """Other columns than the header's, no rows, a page, prose, another encoding, binary, also far below the top."""
    with pytest.raises(UnsupportedMedia) as refused:
        sniff(written(tmp_path, content, "table.csv"))
    assert why in refused.value.detail
