"""Ports: taken ones are avoided, and no two processes are given the same."""

from __future__ import annotations

import socket

from cli import ports


def test_a_taken_port_is_passed_over() -> None:
    """The next free port above a taken one is chosen."""
    wanted = ports.free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", wanted))
        taken.listen()
        assert not ports.is_free(wanted)
        assert ports.near(wanted) > wanted


def test_two_processes_do_not_share_a_port() -> None:
    """A port that was given away already, though nobody listens yet, is not given again."""
    first = ports.free_port()
    assert ports.near(first) == first
    assert ports.near(first, besides=[first]) != first
