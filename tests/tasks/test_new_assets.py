"""Assets as files of a step."""

from __future__ import annotations

import pytest

from tasks.new_assets import plain_stem


@pytest.mark.parametrize(
    ("name", "suffix", "stem"),
    [
        ("Summer film.mp4", ".mp4", "Summer-film"),
        ("Clip.MP4", ".mp4", "Clip"),
        ("../../etc/passwd", ".mp4", "etc-passwd"),
        ("a:b'c,[d];%e\\f", ".mov", "a-b-c-d-e-f"),
        ("Größe v1.2", ".png", "Groe-v1.2"),
        (".hidden", "", "hidden"),
        ("日本", ".mp4", ""),
        ("x" * 300, ".mp4", "x" * 80),
    ],
)
def test_a_local_file_has_its_assets_name_in_plain_letters(name: str, suffix: str, stem: str) -> None:
    """Letters, digits, dots, dashes and underscores: no name leads out of its folder or means something to a filter graph."""
    assert plain_stem(name, suffix) == stem
