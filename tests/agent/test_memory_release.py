"""Telling the processes of a tree to give memory back."""

import os
import signal
import subprocess
import sys

from voicegate_agent.memory_release import (
    RELEASE_SIGNAL,
    release_everywhere,
    release_memory,
    release_on_signal,
)

LISTENER = """
import gc, sys
from voicegate_agent.memory_release import release_on_signal
class Garbage:
    def __del__(self):
        print("collected", flush=True)
gc.disable()
loop = Garbage()
loop.myself = loop
del loop
release_on_signal()
print("ready", flush=True)
sys.stdin.read()
"""
BYSTANDER = "import sys; print('ready', flush=True); sys.stdin.read()"


def child(program: str) -> subprocess.Popen[str]:
    """Start a Python program that says when it is ready and ends with its standard input."""
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_listening_process_collects_its_garbage() -> None:
    """A cycle that only the collector can free goes when the process is told."""
    with child(LISTENER) as process:
        assert release_everywhere(os.getpid()) == 1
        assert process.stdout is not None
        assert process.stdout.readline() == "collected\n"
        process.communicate()
    assert process.returncode == 0


def test_process_without_handler_is_left_alone() -> None:
    """The signal would end a process that does not expect it."""
    with child(BYSTANDER) as process:
        assert release_everywhere(os.getpid()) == 0
        process.communicate()
    assert process.returncode == 0


def test_release_on_signal_handles_the_signal_here() -> None:
    """The handler runs in this process and returns."""
    before = signal.getsignal(RELEASE_SIGNAL)
    try:
        release_on_signal()
        os.kill(os.getpid(), RELEASE_SIGNAL)
    finally:
        signal.signal(RELEASE_SIGNAL, before)


def test_release_memory_can_be_called_at_any_time() -> None:
    """Collecting and trimming twice is fine."""
    release_memory()
    release_memory()
