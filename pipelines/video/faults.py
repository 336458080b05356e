"""What is wrong with a request, told all at once and each with its place; names that are not known, with the nearest ones."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable

from core.errors import InvalidInput, MediaUnreadable


class Faults:
    """Collects faults; `check` raises them together."""

    def __init__(self) -> None:
        self.found: list[dict[str, str]] = []
        self._of_files = False

    def add(self, pointer: str, detail: str) -> None:
        """pointer: below the params, as `/clips/0/start`."""
        self.found.append({"pointer": f"/params{pointer}", "detail": detail})

    def add_unreadable(self, pointer: str, error: InvalidInput) -> None:
        self.add(pointer, error.detail)
        self._of_files = self._of_files or isinstance(error, MediaUnreadable)

    def check(self) -> None:
        """Raises MediaUnreadable if a file is at fault, InvalidInput for anything else, nothing if all is well."""
        if not self.found:
            return
        words = "; ".join(f"{fault['pointer'].removeprefix('/params')}: {fault['detail']}" for fault in self.found)
        kind = MediaUnreadable if self._of_files else InvalidInput
        raise kind(words, hint="Nothing was made; correct this and submit again.", errors=self.found)


def known(what: str, names: Iterable[str]) -> Callable[[str], str]:
    """A validator for names out of a list. An unknown one is answered with the nearest."""
    all_names = tuple(names)

    def check(name: str) -> str:
        if name not in all_names:
            raise ValueError(f"there is no {what} {name!r}; {nearest(name, all_names)}")
        return name

    return check


def nearest(name: str, names: tuple[str, ...]) -> str:
    wanted = name.lower().replace("-", "").replace("_", "").replace(" ", "")
    plain = {known_name.replace("_", ""): known_name for known_name in names}
    near = [plain[found] for found in difflib.get_close_matches(wanted, plain, n=3, cutoff=0.5)]
    near += [plain[found] for found in plain if (wanted in found or found in wanted) and plain[found] not in near and wanted]
    return f"the nearest are {', '.join(near[:5])}" if near else f"there are {', '.join(names)}"
