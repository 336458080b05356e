"""The bootstrap: lock files that agree, and what it needs told clearly."""

from __future__ import annotations

import itertools
import re
import subprocess
from pathlib import Path

from cli.bootstrap import needed
from tests.stack import ROOT

LOCKS = ("core", "dev", "mmm", "vision")


def pins(name: str) -> dict[str, str]:
    lines = (ROOT / "requirements" / f"{name}.lock").read_text().splitlines()
    found = (re.match(r"([A-Za-z0-9._-]+)==(\S+)", line) for line in lines)
    return {match[1]: match[2] for match in found if match}


def exact(name: str) -> dict[str, set[str]]:
    """Every version of each package; some have one for older Pythons and one for newer."""
    found: dict[str, set[str]] = {}
    for package, version in re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", (ROOT / "requirements" / f"{name}.lock").read_text(), re.MULTILINE):
        found.setdefault(package, set()).add(version)
    return found


def test_the_dev_lock_holds_all_of_core() -> None:
    """Whoever installed for `test` can run everything else without another install."""
    core, dev = pins("core"), pins("dev")
    assert core.items() <= dev.items()


def test_every_pinned_package_has_hashes() -> None:
    """Every lock can be installed with --require-hashes."""
    for name in LOCKS:
        text = (ROOT / "requirements" / f"{name}.lock").read_text()
        entries = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
        assert not [entry.split()[0] for entry in entries if "==" in entry and "--hash=sha256:" not in entry]


def test_the_locks_fit_setup_cfg() -> None:
    """A version that setup.cfg pins is the one in the locks."""
    pinned = re.findall(r"^\s+([A-Za-z0-9_.-]+)==(\S+)$", (ROOT / "setup.cfg").read_text(), re.MULTILINE)
    locked = {name.lower().replace("_", "-"): version for lock in LOCKS for name, version in pins(lock).items()}
    assert [f"{name}=={version}" for name, version in pinned if locked.get(name.lower().replace("_", "-")) != version] == []


def test_the_locks_agree() -> None:
    """A package in several locks has one version in all of them: they are installed into one place."""
    for one, other in itertools.combinations(LOCKS, 2):
        both = exact(one).keys() & exact(other).keys()
        assert {name: exact(one)[name] for name in both} == {name: exact(other)[name] for name in both}


def test_workers_get_what_they_compute_with() -> None:
    """Commands that start workers want every pool's packages, the others the core alone; the tests want all of it."""
    assert needed("version") == ("core.lock",)
    assert set(needed("demo")) == {"core.lock", "mmm.lock", "vision.lock", "torch.txt"}
    assert set(needed("test")) == {"dev.lock", "mmm.lock", "vision.lock", "torch.txt"}


def test_a_machine_without_python_is_told_so(tmp_path: Path) -> None:
    """Without a Python that fits, the script says which are needed and exits with 5."""
    script = (ROOT / "drumbeat").read_text().replace("/usr/bin/python", "/nowhere/python")
    (tmp_path / "drumbeat").write_text(script)
    for program in ("sh", "dirname", "readlink"):
        (tmp_path / program).symlink_to(Path(f"/usr/bin/{program}") if Path(f"/usr/bin/{program}").exists() else Path(f"/bin/{program}"))
    done = subprocess.run(["/bin/sh", tmp_path / "drumbeat"], env={"PATH": str(tmp_path)}, text=True, capture_output=True, check=False)
    assert done.returncode == 5
    assert "Python 3.11, 3.12 or 3.13" in done.stderr
    assert "hint:" in done.stderr
