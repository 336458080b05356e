"""The pages on which work is chosen and described."""

from __future__ import annotations

from tests.pages.conftest import Visitor


def test_parts_of_other_work_are_not_offered(browser: Visitor) -> None:
    """Kinds that only other kinds ask for are neither in the list nor have a form."""
    listed = browser.see("/kinds").text
    assert "/kinds/video.render" in listed
    assert "video.segment" not in listed and "video.soundtrack" not in listed
    assert [browser.see(f"/kinds/video.{name}").status_code for name in ("render", "segment", "soundtrack")] == [200, 404, 404]
