from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import MediaUnreadable
from pipelines.video.card import draw, usable_logo
from pipelines.video.palette import contrast, legible, palette

SIZE = (540, 960)
TIMES = (1.0, 3.0)


def test_a_logo_takes_the_place_of_the_name() -> None:
    """With a logo its colours are on the card and the name is not set."""
    card = draw(SIZE, palette(("#101010",)), "Acme", "Buy", Image.new("RGBA", (300, 100), (255, 0, 0, 255)), TIMES)
    assert [text.markup for text in card.texts] == ["Buy"]
    assert card.picture.getpixel((270, 384)) == (255, 0, 0)


@pytest.mark.parametrize(("ground", "ink"), [("#ffffff", 255), ("#000000", 0)])
def test_a_logo_that_would_be_lost_gets_a_panel(ground: str, ink: int) -> None:
    """A white logo on white, or black on black, stands on a panel that shows it."""
    logo = Image.new("RGBA", (100, 100), (ink, ink, ink, 0))
    logo.paste((ink, ink, ink, 255), (30, 30, 70, 70))
    card = draw(SIZE, palette((ground,)), "Acme", "", logo, TIMES)
    around = card.picture.getpixel((270, 384 - 100))
    assert isinstance(around, tuple)
    assert contrast((around[0], around[1], around[2]), (ink, ink, ink)) > 4.5


def test_without_texts_only_the_ground_is_left() -> None:
    """Texts of nothing but emoji leave a plain card, not empty boxes."""
    card = draw(SIZE, palette(("#336699",)), "🚀", "🎉", None, TIMES)
    assert card.texts == []
    assert (np.asarray(card.picture) == (0x33, 0x66, 0x99)).all()


def test_a_broken_logo_is_told(tmp_path: Path) -> None:
    """A logo that is no image is an error with its name, not a silent gap."""
    (tmp_path / "logo.png").write_bytes(b"rubbish")
    with pytest.raises(MediaUnreadable, match=r"logo\.png"):
        usable_logo(tmp_path / "logo.png")


@pytest.mark.parametrize("colours", [(), ("#fff",), ("#000",), ("#808080", "#7f7f7f"), ("#ffff00", "#ff00ff")])
def test_every_palette_can_be_read(colours: tuple[str, ...]) -> None:
    """Whatever the brand's colours are, text on background and on button has the contrast that WCAG asks for."""
    made = palette(colours)
    assert contrast(made.text, made.background) >= 4.5
    assert contrast(made.accent_text, made.accent) >= 4.5
    assert contrast(legible(made.accent, (17, 20, 24)), (17, 20, 24)) >= 4.5
