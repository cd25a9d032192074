"""Ports on loopback: the usual one where it is free, else any."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

HOST = "127.0.0.1"


@contextmanager
def bound(host: str, wanted: int) -> Iterator[socket.socket]:
    """A socket that listens on the wanted port, or on another one where somebody has it."""
    try:
        listening = socket.create_server((host, wanted))
    except OSError:
        listening = socket.create_server((host, 0))
    with listening:
        yield listening


def free(wanted: int = 0) -> int:
    """A port that nobody has at the moment: the wanted one if it can be."""
    with bound(HOST, wanted) as listening:
        found: int = listening.getsockname()[1]
    return found
