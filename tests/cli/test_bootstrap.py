"""The bootstrap: lock files that agree, and what it needs told clearly."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.stack import ROOT


def pins(name: str) -> dict[str, str]:
    lines = (ROOT / "requirements" / f"{name}.lock").read_text().splitlines()
    found = (re.match(r"([A-Za-z0-9._-]+)==(\S+)", line) for line in lines)
    return {match[1]: match[2] for match in found if match}


def test_the_dev_lock_holds_all_of_core() -> None:
    """Whoever installed for `test` can run everything else without another install."""
    core, dev = pins("core"), pins("dev")
    assert core.items() <= dev.items()


def test_every_pinned_package_has_hashes() -> None:
    """Both locks can be installed with --require-hashes."""
    for name in ("core", "dev"):
        text = (ROOT / "requirements" / f"{name}.lock").read_text()
        entries = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
        assert not [entry.split()[0] for entry in entries if "==" in entry and "--hash=sha256:" not in entry]


def test_the_locks_fit_setup_cfg() -> None:
    """A version that setup.cfg pins is the one in the lock."""
    pinned = re.findall(r"^\s+([A-Za-z0-9_.-]+)==(\S+)$", (ROOT / "setup.cfg").read_text(), re.MULTILINE)
    dev = {name.lower().replace("_", "-"): version for name, version in pins("dev").items()}
    assert [f"{name}=={version}" for name, version in pinned if dev.get(name.lower().replace("_", "-")) != version] == []


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
