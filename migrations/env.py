"""Alembic's entry: online migrations with DATABASE_URL, as the owner role."""

from __future__ import annotations

from alembic import context

from core.settings import get_settings
from models import Base
from models.session import connect


def migrate() -> None:
    engine = connect(get_settings().database_url)
    with engine.connect() as connection:
        # What takes long between two statements here is no process cut off: it may hold its locks.
        connection.exec_driver_sql("SET idle_in_transaction_session_timeout = 0")
        # Two migrating processes at once: the second waits and then finds nothing to do.
        connection.exec_driver_sql("SELECT pg_advisory_lock(727274)")
        connection.commit()
        context.configure(connection=connection, target_metadata=Base.metadata, compare_server_default=False)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


migrate()
