"""`python -m cli.embedded --state-dir DIR`: both servers in the foreground, their addresses on stdout."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import click

from cli.embedded import PostgresServer, RedisServer
from cli.migrate import migrate


@click.command()
@click.option("--state-dir", type=click.Path(path_type=Path), required=True, help="Where data and logs live.")
@click.option("--migrate", "migrated", is_flag=True, help="Bring the database to the newest schema first.")
def main(state_dir: Path, migrated: bool) -> None:
    """Start Postgres and Redis, print their addresses, and stay until Ctrl-C or SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with PostgresServer(state_dir) as postgres, RedisServer(state_dir) as redis:
        if migrated:
            os.environ["DATABASE_URL"] = postgres.url
            migrate()
        click.echo(f"DATABASE_URL={postgres.url}\nREDIS_URL={redis.url}")
        sys.stdout.flush()
        try:
            signal.pause()
        except KeyboardInterrupt:
            click.echo("stopping", err=True)


if __name__ == "__main__":
    main()
