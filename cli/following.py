"""A job's progress on the terminal, from its event stream."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.progress import Progress, ProgressColumn, Task, TaskID, TextColumn, TimeElapsedColumn
from rich.progress_bar import ProgressBar
from rich.table import Column

from cli import output
from cli.client import Client

ENDS = {"step.done": "[green]✓[/]", "step.failed": "[red]✗[/]", "step.dead": "[red]✗[/]", "step.cancelled": "[yellow]–[/]"}
STILL = {"step.waiting": "[yellow]…[/]", "step.snoozed": "[yellow]…[/]", "step.retrying": "[yellow]↻[/]"}
RUNNING = "[cyan]▸[/]"
LATER = "[dim]·[/]"


class StepBar(ProgressColumn):
    """A bar that stands still until its step moves."""

    def render(self, task: Task) -> ProgressBar:
        return ProgressBar(total=1.0, completed=task.completed, width=20)


class Board:
    """A line a step, kept up to date; on something that is no terminal, a new line for each change."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.live = output.notes.is_terminal
        fixed = Column(no_wrap=True)
        rest = Column(no_wrap=True, overflow="ellipsis", ratio=1)
        self.progress = Progress(
            TextColumn("{task.fields[mark]} {task.description}", table_column=fixed),
            StepBar(table_column=fixed),
            TextColumn("{task.percentage:>3.0f} %", table_column=fixed),
            TimeElapsedColumn(table_column=fixed),
            TextColumn("{task.fields[message]}", table_column=rest, markup=False),
            console=output.notes,
            disable=not self.live,
            expand=True,
        )
        add = self.progress.add_task
        self._bars: dict[str, TaskID] = {s["name"]: add(s["name"], total=1.0, start=False, mark=LATER, message="") for s in job["steps"]}

    def show(self, event: dict[str, Any]) -> None:
        """Take one event in."""
        message = message_of(event)
        if self.live:
            self._move(event, message)
        elif event["type"] != "step.progress":
            output.say(f"{event['type']:<16} {event.get('step') or ''} {message}".rstrip())

    def _move(self, event: dict[str, Any], message: str) -> None:
        bar, kind = self._bars.get(event.get("step") or ""), event["type"]
        if bar is None:
            return
        if kind == "step.started":
            self.progress.start_task(bar)
        completed = 1.0 if kind == "step.done" else (event.get("data") or {}).get("progress")
        self.progress.update(bar, completed=completed, message=message, mark=ENDS.get(kind) or STILL.get(kind, RUNNING))
        if kind in ENDS:
            self.progress.stop_task(bar)


def message_of(event: dict[str, Any]) -> str:
    """The first line of what an event says."""
    data = event.get("data") or {}
    text = data.get("message") or data.get("reason") or (data.get("error") or {}).get("detail") or ""
    return str(text).partition("\n")[0]


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
