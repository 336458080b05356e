"""The `drumbeat` command. Each sub-command lives in `cli/<name>.py` as `command` and is imported when it is called."""

from __future__ import annotations

import importlib
import importlib.util
import sys

import click

from cli.exits import Exit
from core.errors import DrumbeatError, NotConfigured, Unavailable

COMMANDS = {
    "demo": "Run a whole campaign on a sample brand, without any key",
    "up": "Start the platform and keep it running",
    "down": "Stop a platform that runs in the background",
    "reset": "Stop it and delete all that it stored here",
    "doctor": "Check the deployment; each finding comes with its fix",
    "login": "Log in, so that `jobs` can speak for you",
    "jobs": "Submit, list, watch, cancel and replay jobs",
    "models": "List, pull and verify the weights that detectors use",
    "test": "Lint, types, import contracts and the whole suite",
    "storm": "Kill processes under load and count what was lost",
    "bench": "Measure against the best known peer",
    "version": "Print the version",
}


class LazyGroup(click.Group):
    """Knows the names and one line about each; `--help` imports none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in COMMANDS if importlib.util.find_spec(f"cli.{name}")]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.list_commands(ctx):
            return None
        found: click.Command = importlib.import_module(f"cli.{name}").command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(ctx)])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def drumbeat() -> None:
    """Drumbeat: a marketing platform whose every piece of work is a job.

    Data goes to stdout, everything else to stderr. Exit codes: 0 fine, 1 the answer is no, 2 wrong command line,
    3 not reachable, 4 the job failed, 5 not configured, 6 refused.
    """


def exit_code(error: DrumbeatError) -> Exit:
    if isinstance(error, NotConfigured):
        return Exit.NOT_CONFIGURED
    if isinstance(error, Unavailable):
        return Exit.UNREACHABLE
    return Exit.REFUSED


def complain(error: DrumbeatError) -> None:
    """An error as a person reads it: what, where exactly, what to do."""
    click.echo(f"error: {error.detail}", err=True)
    for fault in error.errors:
        if fault.get("detail", "") not in error.detail:
            click.echo(f"  {fault.get('pointer', '')}: {fault.get('detail', '')}", err=True)
    if error.hint:
        click.echo(f"hint: {error.hint}", err=True)


def main() -> None:
    try:
        code = drumbeat.main(prog_name="drumbeat", standalone_mode=False)
    except click.exceptions.Abort:
        code = Exit.INTERRUPTED
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except DrumbeatError as error:
        complain(error)
        code = exit_code(error)
    sys.exit(code if isinstance(code, int) else Exit.OK)


if __name__ == "__main__":
    main()
