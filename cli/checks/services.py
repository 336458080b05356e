"""Postgres and Redis: reachable, new enough, set up as the engine needs them."""

from __future__ import annotations

from collections.abc import Iterator

import redis
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from cli.checks.findings import Finding, fault, ok, warning
from cli.migrate import ROOT
from core.errors import NotConfigured
from core.settings import get_settings
from models.session import APP_ROLE, ENGINE_ROLE, database_away, engine

OLDEST_POSTGRES = 150000


def check() -> Iterator[Finding]:
    try:
        get_settings()
    except NotConfigured:
        yield fault("services", "not looked at: the settings are faulty", "Correct the settings first.")
        return
    yield from _postgres()
    yield from _redis()


def _postgres() -> Iterator[Finding]:
    try:
        with engine().connect() as connection:
            yield _version(connection)
            yield _schema(connection)
            roles = _roles(connection)
            yield roles
            if roles.state == "ok":
                yield _temporary(connection)
    except SQLAlchemyError as error:
        yield fault(
            "postgres", database_away(error).detail, "Start PostgreSQL, or correct DATABASE_URL (./drumbeat up brings one of its own)."
        )


def _version(connection: Connection) -> Finding:
    number = int(connection.execute(text("SHOW server_version_num")).scalar_one())
    shown = f"PostgreSQL {number // 10000}.{number % 10000}"
    if number < OLDEST_POSTGRES:
        return fault("postgres", f"{shown} is too old", "Use PostgreSQL 15 or newer.")
    return ok("postgres", shown)


def _schema(connection: Connection) -> Finding:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    newest = ScriptDirectory.from_config(config).get_current_head()
    exists = connection.execute(text("SELECT to_regclass('alembic_version') IS NOT NULL")).scalar_one()
    present = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if exists else None
    if present != newest:
        return fault("schema", f"at {present or 'nothing'}, newest is {newest}", "Run: alembic upgrade head")
    return ok("schema", f"at {newest}, the newest")


def _roles(connection: Connection) -> Finding:
    rows = connection.execute(
        text("SELECT rolname, rolsuper OR rolbypassrls AS free FROM pg_roles WHERE rolname IN (:app, :engine)"),
        {"app": APP_ROLE, "engine": ENGINE_ROLE},
    ).all()
    if len(rows) < 2:
        return fault("tenancy", "the database roles are missing", "Run: alembic upgrade head")
    if free := [row.rolname for row in rows if row.free]:
        return fault("tenancy", f"{', '.join(free)} can bypass row-level security", "ALTER ROLE … NOSUPERUSER NOBYPASSRLS")
    return ok("tenancy", "the runtime roles cannot bypass row-level security")


def _temporary(connection: Connection) -> Finding:
    found = connection.execute(
        text("SELECT current_database() AS name, has_database_privilege(:app, current_database(), 'TEMPORARY') AS may"), {"app": APP_ROLE}
    ).one()
    if not found.may:
        return fault(
            "temporary tables",
            f"{APP_ROLE} may not make any, so no events can be taken in",
            f'As the owner of the database: GRANT TEMPORARY ON DATABASE "{found.name}" TO {APP_ROLE}',
        )
    return ok("temporary tables", f"{APP_ROLE} may make them")


def _redis() -> Iterator[Finding]:
    try:
        with redis.Redis.from_url(get_settings().redis_url, socket_timeout=3, socket_connect_timeout=3) as client:
            yield ok("redis", f"version {client.info('server')['redis_version']}")
            yield _eviction(client)
    except redis.RedisError as error:
        yield fault("redis", f"away: {error}", "Start Redis or Valkey, or correct REDIS_URL (./drumbeat up brings one of its own).")


def _eviction(client: redis.Redis) -> Finding:
    try:
        policy = client.config_get("maxmemory-policy").get("maxmemory-policy", "unknown")
    except redis.ResponseError:
        return warning(
            "redis eviction", "cannot be read: CONFIG is forbidden here", "See in your provider's console that it is noeviction."
        )
    if policy != "noeviction":
        return warning("redis eviction", f"maxmemory-policy is {policy}: wake-ups may be dropped", "Set maxmemory-policy noeviction.")
    return ok("redis eviction", "noeviction")
