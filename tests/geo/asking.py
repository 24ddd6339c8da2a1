"""What a test of a download holds: nothing of it stays behind in the process."""

import socket
from contextlib import contextmanager


@contextmanager
def unchanged():
    """OSMnx's settings and the machine's name look-up are as they were."""
    from osmnx import settings

    before = {name: value for name, value in vars(settings).items() if not name.startswith("_")}
    look_up = socket.getaddrinfo
    yield
    assert {name: value for name, value in vars(settings).items() if not name.startswith("_")} == before
    assert socket.getaddrinfo is look_up
