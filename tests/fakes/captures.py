"""Captures that memray makes of small programs, each in a process of its own, as one process has one tracker at most."""

import subprocess
import sys
from pathlib import Path

_PROGRAM = """
import os, signal, sys, threading, time
import memray

kept = []

def keep(count):
    for _ in range(count):
        kept.append(bytearray(1_000_000))

def drop():
    kept.pop()

file_format = memray.FileFormat[{file_format!r}]
destination = memray.FileDestination(sys.argv[1], compress_on_exit=False)
marks = []

def mark():
    time.sleep(0.08)
    marks.append(time.time())
    time.sleep(0.08)

with memray.Tracker(destination=destination, memory_interval_ms=10, file_format=file_format):
{body}
print(*marks)
"""


def capture(path: Path, body: str, file_format: str = "ALL_ALLOCATIONS") -> list[float]:
    """Record a program into `path`; its body may `keep(count)` and `drop()` megabytes and `mark()` a time.

    Returns the marked times, in seconds of Unix time; none when the program was killed.
    """
    indented = "\n".join(f"    {line}" for line in body.splitlines())
    program = _PROGRAM.format(file_format=file_format, body=indented)
    command = [sys.executable, "-c", program, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, -9), done.stderr
    return [float(text) for text in done.stdout.split()]
