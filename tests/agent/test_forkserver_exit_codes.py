"""How a process of Python's fork server ended, asked by several threads at once."""

import multiprocessing
import os
import threading
import time
from collections.abc import Iterator
from multiprocessing import popen_forkserver

import pytest
from voicegate_agent.forkserver_exit_codes import read_exit_codes_once

CHILDREN = 20
THREADS = 6


@pytest.fixture
def reading_once() -> Iterator[None]:
    """Put things back afterwards, as the patch is for the whole program."""
    original = popen_forkserver.Popen.poll
    read_exit_codes_once()
    yield
    popen_forkserver.Popen.poll = original  # type: ignore[method-assign]


def exit_codes_seen(children: int) -> set[int | None]:
    """Start children one by one; several threads wait for each at once. Return every exit code that any of them saw."""
    context = multiprocessing.get_context("forkserver")
    seen: set[int | None] = set()
    for _ in range(children):
        child = context.Process(target=os._exit, args=(7,))
        child.start()
        popen = child._popen  # type: ignore[attr-defined]

        def ask(popen: popen_forkserver.Popen = popen) -> None:
            seen.add(popen.poll(0))

        threads = [threading.Thread(target=ask) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        seen.add(popen.poll())
        child.join(20)
    return seen


@pytest.mark.slow
def test_several_threads_see_the_same_exit_code(reading_once: None) -> None:
    """Whoever asks second must not take the silence for an exit code of its own."""
    assert exit_codes_seen(CHILDREN) == {7}


def test_a_child_that_runs_has_no_exit_code(reading_once: None) -> None:
    """Asking does not wait unless told to."""
    child = multiprocessing.get_context("forkserver").Process(target=time.sleep, args=(60,))
    child.start()
    try:
        assert child.exitcode is None
    finally:
        child.kill()
        child.join(20)
    assert child.exitcode == -9
