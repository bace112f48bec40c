"""Runs one command and ends its whole process tree when told to, when it is done, or when we are gone.

A program of its own, started by `processes.py`: it outlives the gate even when that is killed, sees the other
end of its control socket close, and stops what it started: ask, wait, terminate, wait, kill. As a subreaper
it inherits every orphan below it, so nothing escapes by detaching itself.

    leash.py CONTROL_FD GRACE_S MARK COMMAND...

MARK goes into the environment of the command, as GATE_LEASH: whoever started us finds by it what we left behind, should we be killed.

On the control socket it writes one JSON object per line, {"pid": n} or {"error": text}, then {"exit_code": n} as soon as the
command has ended, negative for a signal; it exits itself when nothing of the tree is left. It reads nothing: its end of file is the order to stop.
"""

import contextlib
import ctypes
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable

import psutil

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
TERMINATE_S = 3.0
KILL_S = 5.0
_LIBC = ctypes.CDLL(None, use_errno=True)


def main(arguments: list[str]) -> int:
    """Run the command until it ends or must end; return 0 when nothing of it is left."""
    control = socket.socket(fileno=int(arguments[0]))
    grace_s = float(arguments[1])
    os.environ["GATE_LEASH"] = arguments[2]
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    wakeup = _wake_on(signal.SIGCHLD, signal.SIGTERM, signal.SIGINT)
    root = _start(arguments[3:], control)
    if root is None:
        return 1
    _tell(control, {"pid": root.pid})
    tree = Tree(root.pid)
    ended = _wait_for_end(tree, control, wakeup)
    if not ended:
        stop(tree, grace_s)
    _tell(control, {"exit_code": -signal.SIGKILL if tree.root_exit_code is None else tree.root_exit_code})
    if ended:
        stop(tree, 0)
    return 0


class Tree:
    """The processes below this one: the command's and every orphan it left."""

    def __init__(self, root_pid: int) -> None:
        self.root_pid = root_pid
        self.root_exit_code: int | None = None
        self._self = psutil.Process()

    def reap(self) -> None:
        """Collect what has ended, and remember how the root did."""
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                if pid == self.root_pid:
                    self.root_exit_code = os.waitstatus_to_exitcode(status)

    def living(self) -> list[psutil.Process]:
        """List every process that still runs, children before grandchildren."""
        self.reap()
        return self._self.children(recursive=True)

    def wait_until_gone(self, seconds: float, *, root_only: bool = False) -> bool:
        """Wait until nothing (or not the root) runs any more; say whether that came true in time."""
        deadline = time.monotonic() + seconds
        while True:
            living = self.living()
            if not living or (root_only and self.root_exit_code is not None):
                return True
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)


def stop(tree: Tree, grace_s: float) -> None:
    """Ask the root to end and wait; terminate whatever still runs and wait; kill the rest and wait."""
    if tree.root_exit_code is None:
        _signal((p for p in tree.living() if p.pid == tree.root_pid), signal.SIGTERM)
        tree.wait_until_gone(grace_s, root_only=True)
    _signal(tree.living(), signal.SIGTERM)
    if tree.wait_until_gone(TERMINATE_S):
        return
    deadline = time.monotonic() + KILL_S
    while (living := tree.living()) and time.monotonic() < deadline:
        _signal(living, signal.SIGKILL)
        tree.wait_until_gone(0.2)


def _signal(processes: Iterable[psutil.Process], number: int) -> None:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.send_signal(number)


def end_with_parent(parent_pid: int) -> None:
    """Have this process killed as soon as the thread that started it ends; end it at once where its parent is gone already."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        os._exit(1)


def _start(command: list[str], control: socket.socket) -> subprocess.Popen[bytes] | None:
    def die_with_the_leash() -> None:
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=die_with_the_leash,  # noqa: PLW1509 - this process has a single thread
        )
    except OSError as error:
        _tell(control, {"error": f"cannot start {command[0]}: {error.strerror}"})
        return None


def _wait_for_end(tree: Tree, control: socket.socket, wakeup: socket.socket) -> bool:
    """Wait for the root's end or the order to stop; say whether it was the root's end."""
    poll = select.poll()
    poll.register(control, select.POLLIN | select.POLLHUP)
    poll.register(wakeup, select.POLLIN)
    while True:
        tree.reap()
        if tree.root_exit_code is not None:
            return True
        ready = {descriptor for descriptor, _ in poll.poll()}
        if control.fileno() in ready:
            return False
        if set(wakeup.recv(4096)) & {signal.SIGTERM, signal.SIGINT}:
            return False


def _wake_on(*numbers: signal.Signals) -> socket.socket:
    """Return a socket on which the numbers of these signals arrive as bytes."""
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    signal.set_wakeup_fd(theirs.detach(), warn_on_full_buffer=False)
    for number in numbers:
        signal.signal(number, lambda _number, _frame: None)
    return ours


def _tell(control: socket.socket, what: dict[str, int | str]) -> None:
    with contextlib.suppress(OSError):
        control.sendall(json.dumps(what).encode() + b"\n")


def _prctl(option: int, value: int) -> None:
    if _LIBC.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
