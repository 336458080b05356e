"""How good a picture looks by itself: sharp, well exposed, colourful; or not worth showing at all.

Every score is from 0 to 1 and says the same about any picture, whatever its size or subject.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST = 480  # pixels of the longer side at which pictures are judged
_BLUR_REACH = 9  # pixels: how wide the picture is blurred again to see what it loses
_SHARP, _SOFT = 0.30, 0.72  # of the blur measure
_USABLE_SHARPNESS = 0.12
_DARK, _BRIGHT = 8, 247  # levels at which nothing more is told apart
_MIDDLE = 0.45  # where the mean level of a well exposed picture lies
_FULL_RANGE = 140.0  # levels between the dark and the bright twentieth
_COLOURFUL = 75.0  # of Hasler and Süsstrunk's measure


@dataclass(frozen=True)
class Look:
    sharpness: float
    exposure: float
    colour: float
    fault: str | None  # why it is not worth showing: black, white, blank, blurred

    @property
    def score(self) -> float:
        """One figure for the whole look: the mean of all, pulled towards the worse of sharpness and exposure."""
        mean = 0.5 * self.sharpness + 0.35 * self.exposure + 0.15 * self.colour
        return 0.0 if self.fault else 0.6 * mean + 0.4 * min(self.sharpness, self.exposure)


def look(picture: NDArray[Any]) -> Look:
    """Of a picture (height x width x 3, RGB of 8 bits); judge all at the same size, see LONGEST."""
    import cv2

    luma = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    sharpness = _ramp(_blur(luma), _SOFT, _SHARP)
    return Look(round(sharpness, 3), round(_exposure(luma), 3), round(_colour(picture), 3), _fault(luma, sharpness))


def _blur(luma: NDArray[Any]) -> float:
    """1 for a picture that loses nothing by being blurred (Crete et al. 2007, The Blur Effect)."""
    import cv2

    worst = 0.0
    grey = luma.astype("float32")
    for axis, kernel in ((1, (_BLUR_REACH, 1)), (0, (1, _BLUR_REACH))):
        edges = abs(_steps(grey, axis))
        left = (edges - abs(_steps(cv2.blur(grey, kernel), axis))).clip(0)
        total = float(edges.sum())
        worst = max(worst, 1.0 - float(left.sum()) / total if total else 1.0)
    return worst


def _steps(grey: NDArray[Any], axis: int) -> Any:
    return grey[:, 1:] - grey[:, :-1] if axis else grey[1:] - grey[:-1]


def _exposure(luma: NDArray[Any]) -> float:
    """Levels in the middle, all of the range in use, little lost in black or white."""
    import numpy as np

    mean = float(luma.mean()) / 255
    low, high = np.percentile(luma, (5, 95))
    lost = float(((luma < _DARK) | (luma > _BRIGHT)).mean())
    centred = float(np.exp(-(((mean - _MIDDLE) / 0.25) ** 2)))
    return centred * (0.3 + 0.7 * min(1.0, float(high - low) / _FULL_RANGE)) * (1 - min(1.0, lost) * 0.8)


def _colour(picture: NDArray[Any]) -> float:
    """Hasler and Süsstrunk 2003, Measuring colourfulness in natural images."""
    import numpy as np

    red, green, blue = (picture[..., n].astype("float32") for n in range(3))
    one, other = red - green, 0.5 * (red + green) - blue
    spread = float(np.hypot(one.std(), other.std())) + 0.3 * float(np.hypot(one.mean(), other.mean()))
    return min(1.0, spread / _COLOURFUL)


def _fault(luma: NDArray[Any], sharpness: float) -> str | None:
    import numpy as np

    low, high = np.percentile(luma, (2, 98))
    if high < 40:
        return "black"
    if low > 225:
        return "white"
    if high - low < 12:
        return "blank"
    return "blurred" if sharpness < _USABLE_SHARPNESS else None


def _ramp(value: float, start: float, end: float) -> float:
    return min(1.0, max(0.0, (value - start) / (end - start)))
