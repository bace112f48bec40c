"""Which sockets of this machine may carry calls: UDP sockets, and TCP connections to the LiveKit server's port.

Whoever takes part in a call has one: media goes over UDP, signaling and media over TCP to the server. A program that only
waits for an agent elsewhere (`docker run`, `ssh`) has none.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from voicegate.record.recording import Clock

_REMOTE, _INODE = 2, 9  # columns of /proc/PID/net/udp and tcp
_FRESH_S = 2.0
_DEFAULT_PORTS = {"ws": 80, "http": 80, "wss": 443, "https": 443}


def port_of(url: str) -> int | None:
    """Return the port of a LiveKit server's address; None where it says none."""
    parts = urlsplit(url)
    return parts.port or _DEFAULT_PORTS.get(parts.scheme)


class CallSockets:
    """The sockets that may carry calls, by network namespace.

    Each namespace is read when it is asked for, and again after two seconds: the kernel takes 10 ms for it.
    """

    def __init__(self, server_port: int | None, clock: Clock) -> None:
        self._server_port = server_port
        self._clock = clock
        self._read_t = 0.0
        self._by_namespace: dict[str, frozenset[str] | None] = {}

    def seen_by(self, pid: int) -> frozenset[str] | None:
        """Return the inodes of those in the network namespace of a process; None if they cannot be read."""
        try:
            namespace = os.readlink(f"/proc/{pid}/ns/net")  # noqa: PTH115 - every half second for each process
        except OSError:
            return None
        if self._clock() - self._read_t > _FRESH_S:
            self._by_namespace, self._read_t = {}, self._clock()
        if namespace not in self._by_namespace:
            self._by_namespace[namespace] = read_tables(Path(f"/proc/{pid}/net"), self._server_port)
        return self._by_namespace[namespace]


def read_tables(folder: Path, server_port: int | None) -> frozenset[str] | None:
    """Return the inodes of the UDP sockets in a folder such as /proc/net, and of the TCP ones that lead to the port.

    None if its tables cannot be read.
    """
    try:
        udp = [row[_INODE] for name in ("udp", "udp6") for row in _rows(folder / name)]
        tcp = [row for name in ("tcp", "tcp6") for row in _rows(folder / name)]
        to_server = [row[_INODE] for row in tcp if int(row[_REMOTE].rpartition(":")[2], 16) == server_port]
    except (OSError, IndexError, ValueError):
        return None
    return frozenset([*udp, *to_server])


def _rows(table: Path) -> Iterator[list[str]]:
    """Read a table of sockets without its heading; a kernel without IPv6 has none for it. Raises OSError."""
    try:
        lines = table.read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        if not table.name.endswith("6"):
            raise
        return
    yield from (line.split() for line in lines[1:])
