"""Signed links to files of the folder store."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from core.errors import Forbidden
from providers.storage import links


def made(
    key: str = "org/a.png", *, seconds: int = 60, media_type: str = "image/png", filename: str = "Bild & Ton.png"
) -> tuple[str, dict[str, str]]:
    """A link's path and query, as the API receives them."""
    parts = urlsplit(links.link("https://drumbeat.example/", key, seconds=seconds, media_type=media_type, filename=filename))
    assert parts.netloc == "drumbeat.example"
    return parts.path, dict(parse_qsl(parts.query))


def test_a_fresh_link_is_good() -> None:
    """It names the key, and carries type and name."""
    path, query = made()
    assert path == "/files/org/a.png"
    assert (query["type"], query["name"]) == ("image/png", "Bild & Ton.png")
    links.check("org/a.png", query)


def test_an_expired_link_is_refused() -> None:
    """Its time is over."""
    _, query = made(seconds=-1)
    with pytest.raises(Forbidden, match="expired"):
        links.check("org/a.png", query)


@pytest.mark.parametrize(
    "change",
    [
        {"expires": "99999999999"},
        {"type": "text/html"},
        {"name": "x.html"},
        {"signature": "0" * 64},
        {"signature": ""},
        {"expires": "soon"},
    ],
)
def test_a_changed_link_is_refused(change: dict[str, str]) -> None:
    """Time, type and name are all under the signature."""
    _, query = made()
    with pytest.raises(Forbidden, match="not valid"):
        links.check("org/a.png", query | change)


def test_a_link_opens_its_own_file_only() -> None:
    """The key is under the signature."""
    _, query = made()
    with pytest.raises(Forbidden):
        links.check("org/b.png", query)


def test_an_unsigned_request_is_refused() -> None:
    """Nothing at all is not a link."""
    with pytest.raises(Forbidden):
        links.check("org/a.png", {})
