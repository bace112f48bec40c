"""The agent runs below a daemon, and its command only waits for it, as `docker run` does.

`elsewhere serve` is the daemon, which runs beside the gate; `elsewhere start` is the command: it has the daemon start the
agent, shows its output, and waits for its end.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time

import psutil

_FROM_THE_AGENT = "voicegate_agent"
_MESSAGE_BYTES = 1 << 20
_DAEMON_UP_S = 20.0


def serve() -> None:
    """Start one agent whenever a client asks, with its environment and output; end it when the client is gone."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(_address())
        server.listen()
        while True:
            client, _ = server.accept()
            with client, contextlib.suppress(OSError):
                _run_for(client)


def _run_for(client: socket.socket) -> None:
    message, (output,), _, _ = socket.recv_fds(client, _MESSAGE_BYTES, 1)
    command = [sys.executable, "-m", _FROM_THE_AGENT, "start"]
    with subprocess.Popen(command, env=json.loads(message), stdout=output, stderr=output) as agent:
        os.close(output)
        client.recv(1)  # nothing comes but the client's end
        agent.terminate()


def start() -> None:
    """Be the client: the agent's processes are not below this one."""
    with socket.socket(socket.AF_UNIX) as daemon:
        deadline = time.monotonic() + _DAEMON_UP_S
        while daemon.connect_ex(_address()) != 0:
            if time.monotonic() > deadline:
                sys.exit("there is no daemon")
            time.sleep(0.1)
        socket.send_fds(daemon, [json.dumps(dict(os.environ)).encode()], [sys.stdout.fileno()])
        daemon.recv(1)


def _address() -> str:
    """Name a socket that the daemon and its client know by what both run below: the gate, above their leashes."""
    gate = psutil.Process().parents()[1]
    return f"\0voicegate-elsewhere-{gate.pid}"


if __name__ == "__main__":
    {"serve": serve, "start": start}[sys.argv[1]]()
