"""The socket that a service listens on, and how one server hands it to the next. Standard library only.

A keeper and the servers that it starts may come from bundles of different ages. They rely on this and nothing else:

- ``--listen-fd N``: an open descriptor of a listening socket; the server takes from it and never binds one itself;
- ``--kept``: the server reads words from its standard input, a line each. ``serve``: the clients are yours, outlive
  the keeper from now on; without it the end of the input means stop, so that nobody is left behind half started.
  ``retire``: take no new connection, answer what comes on the open ones and tell each to close, end when the last is
  gone. ``stop``: as SIGTERM;
- one line of JSON on standard output once it is ready, with ``url``, ``pid``, ``bundle`` and ``log_dir``;
- exit codes 2 and 3: another try would end the same way.

A server that does not know an option ends with 2: the switch fails and the old server stays.
"""

from __future__ import annotations

import errno
import os
import socket

HANDS_OVER = os.name == "posix"
"""Whether a listening socket can be given to another process as it is. A duplicated socket of Windows could be, but
its completion port belongs to one process (CreateIoCompletionPort: the association is the file object's)."""

SERVE, RETIRE, STOP = b"serve", b"retire", b"stop"

_PORTS_TRIED = 100
_TAKEN = {errno.EADDRINUSE, errno.EACCES} if os.name == "nt" else {errno.EADDRINUSE}
"""Windows says EACCES where another service holds a port; elsewhere that means a port below 1024."""


def bind(host: str, port: int) -> socket.socket:
    """A socket on ``port``, or on the next free one. Raises OSError."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    for tried in range(port, min(port + _PORTS_TRIED, 65536)):
        sock = socket.socket(family, socket.SOCK_STREAM)
        if os.name != "nt":  # on Windows the option would let two services share a port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((address[0], tried, *address[2:]))
            sock.listen(1)
            return sock
        except OSError as error:
            sock.close()
            if error.errno not in _TAKEN:
                raise
    raise OSError(errno.EADDRINUSE, f"Port {port} and the {_PORTS_TRIED} after it are taken")


def inherited(descriptor: int) -> socket.socket:
    """The listening socket that the keeper left open for us. Raises OSError if it is none."""
    sock = socket.socket(fileno=descriptor)
    if not sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        raise OSError(errno.EINVAL, f"Descriptor {descriptor} is no listening socket")
    os.set_inheritable(descriptor, False)
    return sock
