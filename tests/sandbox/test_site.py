"""The fictional brand's site."""

from __future__ import annotations

import io
import re

import pytest
import requests
from PIL import Image

from tests.stack import SandboxProcess


def got(sandbox: SandboxProcess, path: str) -> requests.Response:
    return requests.get(sandbox.site_url + path, timeout=20)


def test_every_link_and_picture_of_the_site_answers(sandbox: SandboxProcess) -> None:
    """From the start page, nothing that is linked is missing."""
    seen, waiting = set[str](), ["/"]
    while waiting:
        path = waiting.pop()
        answer = got(sandbox, path)
        assert answer.status_code == 200, path
        seen.add(path)
        found = re.findall(r'(?:href|src)="(/[^"#]*)"', answer.text) if "html" in answer.headers["Content-Type"] else []
        waiting += [link for link in dict.fromkeys(found) if link not in seen and link not in waiting]
    assert len(seen) > 20


def test_the_sitemap_names_the_pages_and_not_the_forbidden_one(sandbox: SandboxProcess) -> None:
    """All entries answer and lie on the site's own address."""
    pages = re.findall("<loc>(.*?)</loc>", got(sandbox, "/sitemap.xml").text)
    assert len(pages) == 15
    assert all(page.startswith(sandbox.site_url) and requests.get(page, timeout=20).ok for page in pages)
    assert "Disallow: /internal/" in got(sandbox, "/robots.txt").text
    assert not [page for page in pages if "/internal/" in page]


@pytest.mark.parametrize(
    ("path", "size"), [("/images/heron.png", (960, 720)), ("/images/workshop.png", (960, 720)), ("/logo.png", (256, 256))]
)
def test_pictures_are_drawn(sandbox: SandboxProcess, path: str, size: tuple[int, int]) -> None:
    """Real PNG files of the told size."""
    assert Image.open(io.BytesIO(got(sandbox, path).content)).size == size
