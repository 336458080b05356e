"""The engine: jobs, steps, leases, effects. Knows no marketing word.

Postgres decides and Celery carries: a Celery message is only a wake-up, and every claim, finish, retry and
cancel is one statement on rows. Lock order, everywhere: the job's row, then its steps' rows; never two jobs.
"""
