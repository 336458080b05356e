"""What is wrong with an input, collected, so that all of it is told at once."""

from __future__ import annotations

from core.errors import InvalidInput

MOST = 100  # told in full; a table of a thousand wrong rows is wrong in one way


class Faults:
    """Faults with their JSON pointers."""

    def __init__(self, at: str) -> None:
        self.at = at
        self.found: list[dict[str, str]] = []

    def add(self, pointer: str, detail: str) -> None:
        """pointer: relative to `at`."""
        self.found.append({"pointer": f"{self.at}{pointer}", "detail": detail})

    def raise_if_any(self) -> None:
        """Raises InvalidInput with every fault."""
        if not self.found:
            return
        told, more = "; ".join(fault["detail"] for fault in self.found[:5]), len(self.found) - 5
        rest = f"; and {more} more" if more > 0 else ""
        raise InvalidInput(
            f"The sales history has {len(self.found)} fault(s): {told}{rest}",
            hint="Correct the history and submit again: a row a week (or day) without gaps, one currency, spend that varies.",
            errors=self.found[:MOST],
        )
