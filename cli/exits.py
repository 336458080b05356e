"""Exit codes, the same for every command; scripts may rely on them."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    OK = 0
    FAILED = 1  # the command ran and its answer is no: a test failed, a check found a fault
    USAGE = 2  # the command line is wrong
    UNREACHABLE = 3  # the platform, or a service that it needs, does not answer
    JOB_FAILED = 4  # the job ended as failed or cancelled
    NOT_CONFIGURED = 5  # settings or programs are missing
    REFUSED = 6  # the platform answered no; the message says why
    INTERRUPTED = 130
