"""How a picture and its sound are coded: said once, checked once, told to ffmpeg as output options."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from core.params import Params
from pipelines.video.codecs import CODECS, Codec, CodecName, Container, PixelFormat, Preset

SAMPLE_RATE = 48_000
Options = dict[str, str | int | float]

MEDIA_TYPES: dict[Container, str] = {"mp4": "video/mp4", "mov": "video/quicktime", "webm": "video/webm", "mkv": "video/x-matroska"}
_MUXERS: dict[Container, str] = {"mp4": "mp4", "mov": "mov", "webm": "webm", "mkv": "matroska"}
_SOUND_CODECS = {"aac": "aac", "opus": "libopus", "flac": "flac", "pcm": "pcm_s16le"}
_SOUNDS: dict[Container, tuple[str, ...]] = {  # the usual one first
    "mp4": ("aac", "opus", "flac"),
    "mov": ("aac", "pcm"),
    "webm": ("opus",),
    "mkv": ("aac", "opus", "flac", "pcm"),
}
_BUFFER_SECONDS = 2  # of a capped stream: how long it may be above its cap


class Coding(Params):
    """Codec, container and rate. What is not said is what players everywhere take."""

    container: Container = "mp4"
    codec: CodecName = "h264"
    preset: Preset = Field(default="fast", description="how much time the encoder may take; slower is smaller")
    pixel_format: PixelFormat | None = Field(default=None, description="the codec's usual one if not given; yuva… keeps transparency")
    crf: float | None = Field(default=None, ge=0, le=63, description="constant quality, the codec's own scale: lower is better")
    bitrate: int | None = Field(default=None, ge=50, le=400_000, description="kbit/s of the picture, instead of crf")
    max_bitrate: int | None = Field(default=None, ge=50, le=400_000, description="kbit/s that the picture never exceeds over two seconds")
    two_pass: bool = Field(default=False, description="measure first, then encode to the bitrate: twice the time, evener quality")
    keyframe_seconds: float = Field(default=2.0, ge=0.1, le=20, description="seconds between key frames at most; every group is closed")
    audio_codec: Literal["aac", "opus", "flac", "pcm"] | None = Field(default=None, description="the container's usual one if not given")
    audio_bitrate: int = Field(default=192, ge=32, le=512, description="kbit/s of the sound, for aac and opus")

    @model_validator(mode="before")
    @classmethod
    def _usual_codec(cls, given: Any) -> Any:
        """WebM takes neither H.264 nor H.265: who says only the container means its usual codec."""
        if isinstance(given, dict) and "codec" not in given and given.get("container") == "webm":
            return {**given, "codec": "vp9"}
        return given

    @field_validator("codec")
    @classmethod
    def _in_container(cls, codec: CodecName, info: ValidationInfo) -> CodecName:
        container = info.data.get("container")
        if container and container not in CODECS[codec].containers:
            raise ValueError(f"{codec} does not go into {container}; it goes into {', '.join(CODECS[codec].containers)}")
        return codec

    @field_validator("pixel_format")
    @classmethod
    def _of_codec(cls, pixels: PixelFormat | None, info: ValidationInfo) -> PixelFormat | None:
        codec = info.data.get("codec")
        if pixels and codec and pixels not in CODECS[codec].pixels:
            raise ValueError(f"{codec} takes {', '.join(CODECS[codec].pixels)}")
        return pixels

    @field_validator("crf")
    @classmethod
    def _on_scale(cls, crf: float | None, info: ValidationInfo) -> float | None:
        codec = info.data.get("codec")
        scale = CODECS[codec].crf if codec else (0, 63)
        if crf is not None and (scale is None or crf > scale[1]):
            raise ValueError(f"{codec} has no crf" if scale is None else f"{codec} goes to crf {scale[1]}")
        return crf

    @field_validator("audio_codec")
    @classmethod
    def _sound_in_container(cls, sound: str | None, info: ValidationInfo) -> str | None:
        container = info.data.get("container")
        if sound and container and sound not in _SOUNDS[container]:
            raise ValueError(f"{sound} does not go into {container}; it takes {', '.join(_SOUNDS[container])}")
        return sound

    @model_validator(mode="after")
    def _one_rate(self) -> Coding:
        if self.crf is not None and self.bitrate is not None:
            raise ValueError("give crf or bitrate, not both")
        if self.bitrate is not None and self._codec.crf is None:
            raise ValueError(f"{self.codec} has a rate of its own: give no bitrate")
        if self.codec == "av1" and self.bitrate is not None and self.max_bitrate is not None:
            raise ValueError("av1 takes max_bitrate beside a crf only: give bitrate or max_bitrate")
        if self.two_pass and (self.bitrate is None or not self._codec.two_pass):
            raise ValueError("two passes need a bitrate, and a codec that has them: h264, h265 or vp9")
        return self

    @property
    def _codec(self) -> Codec:
        return CODECS[self.codec]

    @property
    def pixels(self) -> PixelFormat:
        return self.pixel_format or self._codec.pixels[0]

    @property
    def keeps_alpha(self) -> bool:
        return self.pixels.startswith("yuva")

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self.container]

    def named(self, stem: str) -> str:
        """The file name of a product: the stem with the container's suffix."""
        return f"{stem}.{self.container}"


MASTER = Coding()  # what transforms write when nobody asks for anything else: every player and every platform takes it
ALPHA = Coding(container="webm", codec="vp9", pixel_format="yuva420p")  # what browsers show with transparency
STUDIO = Coding(container="mov", codec="prores")  # ProRes 4444, transparency included, for editors


def output_options(coding: Coding, fps: Fraction, *, sound: bool, rate: Options | None = None) -> Options:
    """ffmpeg's output options for a file coded so. rate: takes the place of codec, preset and rate, as for a hardware encoder."""
    options = {**picture_options(coding, fps, rate), **(sound_options(coding) if sound else {}), **container_options(coding)}
    return {**options, "map_metadata": -1, "map_chapters": -1}


def picture_options(coding: Coding, fps: Fraction, rate: Options | None = None) -> Options:
    """Closed groups, BT.709 and an even rate. The graph itself must end in `setparams`, see `rendering.tagged`."""
    every = max(1, round(coding.keyframe_seconds * fps))
    common: Options = {"pix_fmt": coding.pixels, "r": str(fps), "fps_mode": "cfr", "g": every, "flags": "+cgop"}
    return {**common, "colorspace": "bt709", "color_range": "tv", **(software(coding) if rate is None else rate)}


def software(coding: Coding) -> Options:
    """Encoder, speed and rate of the codec's own software encoder."""
    codec = CODECS[coding.codec]
    options: Options = {"c:v": codec.encoder, **codec.pace(coding.preset), **codec.always, **_rate(coding, codec)}
    if coding.codec == "h264" and coding.pixels == "yuv420p" and coding.crf != 0:  # lossless is beyond the high profile
        options["profile:v"] = "high"
    if coding.codec == "h265":
        options["x265-params"] = "log-level=error:open-gop=0"
    if coding.codec == "h265" and coding.container == "mkv":
        del options["tag:v"]
    if coding.codec == "vp9" and coding.keeps_alpha:
        options["auto-alt-ref"] = 0  # invisible reference frames and alpha do not go together
    if coding.codec == "prores" and coding.pixels == "yuv422p10le":
        options["profile:v"] = "hq"
    return options


def sound_options(coding: Coding) -> Options:
    codec = coding.audio_codec or _SOUNDS[coding.container][0]
    options: Options = {"c:a": _SOUND_CODECS[codec], "ar": SAMPLE_RATE, "ac": 2}
    return {**options, "b:a": f"{coding.audio_bitrate}k"} if codec in ("aac", "opus") else options


def container_options(coding: Coding) -> Options:
    options: Options = {"f": _MUXERS[coding.container]}
    return {**options, "movflags": "+faststart"} if coding.container in ("mp4", "mov") else options


def _rate(coding: Coding, codec: Codec) -> dict[str, Any]:
    if codec.crf is None:
        return {}
    options: dict[str, Any] = (
        {"b:v": f"{coding.bitrate}k"} if coding.bitrate else {"crf": codec.crf[0] if coding.crf is None else coding.crf}
    )
    if coding.codec == "vp9" and not coding.bitrate:
        options["b:v"] = f"{coding.max_bitrate}k" if coding.max_bitrate else 0
    if coding.max_bitrate:
        options |= {"maxrate": f"{coding.max_bitrate}k", "bufsize": f"{coding.max_bitrate * _BUFFER_SECONDS}k"}
    return options
