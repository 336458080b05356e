"""The API over its real application, real Postgres and Redis."""
