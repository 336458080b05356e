"""High dynamic range brought to the range of ordinary screens, for single frames.

PQ (SMPTE ST 2084) and HLG (ITU-R BT.2100) are made linear light and the BT.2020 primaries turned into BT.709's; dark and
middle tones stay, what comes near the reference white of 203 nits (ITU-R BT.2408) and above is bent down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from av import VideoFrame
    from numpy.typing import NDArray

_BT2020 = 9  # ITU-T H.273
_REFERENCE_WHITE = 203.0  # nits
_PEAKS = {"pq": 10_000 / _REFERENCE_WHITE, "hlg": 1000 / _REFERENCE_WHITE}
_STRAIGHT = 0.3  # of the reference white: tones below it stay as they are
_BT2020_TO_BT709 = ((1.6605, -0.5876, -0.0728), (-0.1246, 1.1329, -0.0083), (-0.0182, -0.1006, 1.1187))


def to_sdr(picture: VideoFrame, transfer: str, width: int, height: int) -> NDArray[Any]:
    """height x width x 3, RGB of 8 bits, from a BT.2020 frame. transfer: "pq" or "hlg"."""
    import numpy as np

    deep = picture.reformat(width=width, height=height, format="rgb48le", src_colorspace=_BT2020, dst_colorspace=_BT2020)
    coded = deep.to_ndarray().astype(np.float32) / 65535
    light = _pq(coded) if transfer == "pq" else _hlg(coded)
    light = np.maximum(light @ np.array(_BT2020_TO_BT709, np.float32).T, 0)
    peak = np.maximum(light.max(axis=2, keepdims=True), 1e-6)
    bent = (light * (_bent(peak, _PEAKS[transfer]) / peak)).clip(0, 1)
    shown: NDArray[Any] = np.round(bent ** (1 / 2.4) * 255).astype(np.uint8)  # BT.1886
    return shown


def _pq(coded: NDArray[Any]) -> Any:
    """Linear light, 1 at the reference white."""
    powered = coded ** (1 / 78.84375)
    return (((powered - 0.8359375).clip(0) / (18.8515625 - 18.6875 * powered)) ** (1 / 0.1593017578125)) * _PEAKS["pq"]


def _hlg(coded: NDArray[Any]) -> Any:
    """Linear light on a display of 1000 nits (system gamma 1.2), 1 at the reference white."""
    import numpy as np

    scene = np.where(coded <= 0.5, coded**2 / 3, (np.exp((coded - 0.55991073) / 0.17883277) + 0.28466892) / 12)
    luminance = scene @ np.array((0.2627, 0.6780, 0.0593), np.float32)
    return scene * (luminance[..., None] ** 0.2) * _PEAKS["hlg"]


def _bent(light: Any, peak: float) -> Any:
    """A hyperbola that leaves the straight line smoothly and reaches 1 at the peak."""
    import numpy as np

    low = _STRAIGHT
    one = -low * low * (peak - 1) / (low * low - 2 * low + peak)
    two = (low * low - 2 * low * peak + peak) / (peak - 1)
    return np.where(light <= low, light, (two * two + 2 * two * low + low * low) / (two - one) * (light + one) / (light + two))
