"""Brings the database of DATABASE_URL to the newest schema."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.exc import InterfaceError, OperationalError

from models.session import database_away

ROOT = Path(__file__).resolve().parent.parent


def migrate(revision: str = "head") -> None:
    """`alembic upgrade` in this process. May run twice, and in several processes at once. Raises Unavailable."""
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("path_separator", "os")
    try:
        command.upgrade(config, revision)
    except (OperationalError, InterfaceError) as error:
        raise database_away(error) from None
