"""Makes `.venv` from lock files when it is missing or old, then runs `cli.main` in it. Standard library only.

Every command needs requirements/core.lock. Those that start workers need what the cpu and gpu pools compute with too,
`mmm.lock`, `vision.lock` and `torch.txt`; `test` needs dev.lock, which holds all of core.lock, in place of it. Runs that
start at the same moment wait for one another. Progress goes to stderr: stdout belongs to the command.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn, TextIO

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "drumbeat-locks.json"
NOT_INSTALLED = 5


def say(line: str) -> None:
    print(f"drumbeat: {line}", file=sys.stderr, flush=True)


def give_up(line: str, hint: str) -> NoReturn:
    say(line)
    print(f"hint: {hint}", file=sys.stderr)
    sys.exit(NOT_INSTALLED)


def needed(command: str) -> tuple[str, ...]:
    """The files of requirements/ that a command wants installed, in order."""
    pools = ("mmm.lock", "vision.lock", "torch.txt")
    if command == "test":
        return ("dev.lock", *pools)
    return ("core.lock", *pools) if command in ("demo", "up", "bench", "models") else ("core.lock",)


def file_hash(name: str) -> str:
    return hashlib.sha256((ROOT / "requirements" / name).read_bytes()).hexdigest()


def installed() -> dict[str, str]:
    """The hashes of the files that `.venv` was filled from; empty when it is not whole."""
    try:
        found: dict[str, str] = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return found if os.access(PYTHON, os.X_OK) else {}


def is_current(name: str) -> bool:
    return installed().get(name) == file_hash(name)


def make_venv() -> None:
    if os.access(PYTHON, os.X_OK) and subprocess.run([PYTHON, "-c", ""], check=False).returncode == 0:
        return
    say(f"making .venv with Python {sys.version.split()[0]}")
    options = [] if has_module("ensurepip") else ["--without-pip"]
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", *options, VENV], text=True, capture_output=True, check=False)
    if made.returncode != 0:
        give_up(f".venv could not be made:\n{made.stderr or made.stdout}", "On Debian and Ubuntu: apt install python3-venv")


def has_module(name: str) -> bool:
    return subprocess.run([sys.executable, "-c", f"import {name}"], capture_output=True, check=False).returncode == 0


def pip() -> list[str]:
    """The venv's own pip, or the machine's working on the venv where Python came without ensurepip."""
    if subprocess.run([PYTHON, "-c", "import pip"], capture_output=True, check=False).returncode == 0:
        return [str(PYTHON), "-m", "pip"]
    if has_module("pip"):
        return [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    give_up("this Python has neither ensurepip nor pip", "On Debian and Ubuntu: apt install python3-venv")


def install(name: str) -> None:
    wanted = ROOT / "requirements" / name
    total = sum("==" in line and not line.startswith((" ", "#")) for line in wanted.read_text().splitlines())
    say(f"installing {total} packages from requirements/{name} (the first time this takes a minute or two)")
    # torch brings what its build needs by itself (nothing on a CPU, NVIDIA's libraries with CUDA), so it has no lock.
    strict = ["--no-deps", "--require-hashes"] if name.endswith(".lock") else []
    words = ["install", *strict, "--no-input", "--disable-pip-version-check", "--progress-bar=off", "-r", str(wanted)]
    run = subprocess.Popen([*pip(), *words], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    lines: list[str] = []
    for line in run.stdout or ():
        lines.append(line.rstrip())
        show_progress(line, sum(seen.startswith(("Collecting ", "Requirement already")) for seen in lines), total)
    if run.wait() != 0:
        give_up(
            "the packages could not be installed:\n" + "\n".join(lines[-15:]), "Check the network and the disk, then run the command again."
        )


def show_progress(line: str, seen: int, total: int) -> None:
    if line.startswith("Collecting ") and seen % 20 == 0:
        say(f"  fetched {seen} of {total}")
    elif line.startswith("Installing collected"):
        say("  unpacking")


def take_turn(lock: TextIO) -> None:
    """Wait until no other run installs; the lock goes with the file's closing, or with the process."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("another run is installing; waiting for it")
        fcntl.flock(lock, fcntl.LOCK_EX)


def prepare(names: tuple[str, ...]) -> None:
    """Bring `.venv` to the state of these files, unless another run did so while we waited."""
    VENV.mkdir(exist_ok=True)
    with (ROOT / "requirements" / "core.lock").open() as lock:
        take_turn(lock)
        for name in [name for name in names if not is_current(name)]:
            make_venv()
            install(name)
            covered = ("core.lock", "dev.lock") if name == "dev.lock" else (name,)  # dev.lock holds all of core.lock
            STAMP.write_text(json.dumps(installed() | {each: file_hash(each) for each in covered}))
        say("ready")


def main() -> NoReturn:
    arguments = sys.argv[1:]
    names = needed(arguments[0] if arguments else "")
    if not all(is_current(name) for name in names):
        try:
            prepare(names)
        except PermissionError as error:
            give_up(f"{error.filename} cannot be written", "Run in a clone of your own, or as the user it belongs to.")
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), "-m", "cli.main", *arguments])


if __name__ == "__main__":
    main()
