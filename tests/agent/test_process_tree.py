"""Memory of a whole process tree."""

import os
import subprocess
import sys

import psutil
import pytest
from voicegate_agent.process_tree import descendants, tree_memory_bytes

HOG = "import sys; block = bytearray(64_000_000); print('ready', flush=True); sys.stdin.read()"


def test_counts_what_children_hold() -> None:
    """A child's 64 MB are in the sum while it lives."""
    before = tree_memory_bytes(os.getpid())
    with subprocess.Popen(
        [sys.executable, "-c", HOG], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        during = tree_memory_bytes(os.getpid())
        assert child.pid in {process.pid for process in descendants(os.getpid())}
        child.communicate()
    assert 60_000_000 < during - before < 100_000_000


def test_root_that_is_gone_is_an_error() -> None:
    """No tree is not an empty tree."""
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    with pytest.raises(psutil.NoSuchProcess):
        tree_memory_bytes(child.pid)
