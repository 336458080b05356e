"""A job's progress on the terminal, from its event stream."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from cli import output
from cli.client import Client

ENDS = {"step.done": "done", "step.failed": "failed", "step.dead": "dead", "step.cancelled": "cancelled"}


class Board:
    """A bar a step; on something that is no terminal, a line for each change."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.live = output.notes.is_terminal
        columns = (TextColumn("{task.description:<14}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn())
        self.progress = Progress(*columns, TextColumn("{task.fields[message]}"), console=output.notes, disable=not self.live)
        self._bars: dict[str, TaskID] = {}
        for step in job["steps"]:
            self._bars[step["name"]] = self.progress.add_task(step["name"], total=1.0, start=False, message="")

    def show(self, event: dict[str, Any]) -> None:
        """Take one event in."""
        step, data = event.get("step"), event.get("data") or {}
        message = first_line(data.get("message") or data.get("reason") or (data.get("error") or {}).get("detail"))
        if not self.live:
            if event["type"] != "step.progress":
                output.say(f"{event['type']:<16} {step or ''} {message}".rstrip())
            return
        bar = self._bars.get(step or "")
        if bar is None:
            return
        if event["type"] == "step.started":
            self.progress.start_task(bar)
        completed = 1.0 if event["type"] == "step.done" else data.get("progress")
        self.progress.update(bar, completed=completed, message=message or ENDS.get(event["type"], ""))
        if event["type"] in ENDS:
            self.progress.stop_task(bar)


def first_line(text: str | None) -> str:
    return (text or "").partition("\n")[0]


@contextmanager
def board(job: dict[str, Any]) -> Iterator[Board]:
    shown = Board(job)
    with shown.progress:
        yield shown


def follow(client: Client, job: dict[str, Any]) -> dict[str, Any]:
    """Show a job's progress until it is final; the final job."""
    with board(job) as shown:
        for event in client.events(job["id"]):
            shown.show(event)
    final: dict[str, Any] = client.get(f"/v1/jobs/{job['id']}")
    return final
