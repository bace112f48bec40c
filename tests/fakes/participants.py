"""A process of callers that makes no calls: it answers as one would, by the name of the call it is asked for.

Run as a program: `participants.py SOCKET`. Calls: `good` has a turn and ends, `long` goes on until it is hung up, `dies` takes
the process with it, `torn` ends in the middle of a line.
"""

import json
import os
import socket
import sys
import threading
from typing import Any, BinaryIO

TURN = {"kind": "outcome", "name": "turn: code", "response_s": 0.5, "problem": None}
OVER = {"kind": "over"}


def step(name: str) -> dict[str, Any]:
    """Make an event of a call."""
    return {"kind": "call", "step": name}


def serve_one(connection: socket.socket) -> None:
    """Answer one connection."""
    with connection, connection.makefile("rb") as lines:
        request = json.loads(lines.readline())
        if request["kind"] == "watch":
            _send(connection, {"kind": "callers", "calls": 0})
            lines.read()
            return
        _send(connection, step("dialed"))
        _call(connection, lines, request["name"])


def _call(connection: socket.socket, lines: BinaryIO, name: str) -> None:
    match name:
        case "dies":
            os._exit(9)
        case "torn":
            connection.sendall(b'{"kind": "cal')
        case "long":
            lines.read()  # until the other side hangs up
            _send(connection, step("failed"), TURN, step("hung_up"), OVER)
        case _:
            _send(connection, TURN, step("hung_up"), OVER)


def _send(connection: socket.socket, *lines: dict[str, Any]) -> None:
    connection.sendall(b"".join(json.dumps(line).encode() + b"\n" for line in lines))


def _main(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        print("ready", flush=True)
        threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
        while True:
            connection, _ = listening.accept()
            threading.Thread(target=serve_one, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    _main(sys.argv[-1])
