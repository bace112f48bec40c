"""Open arrivals: calls begin at a rate of their own, however long those before them take."""

import random
import time
from collections.abc import Callable

import gevent
from gevent.queue import Queue

_LOOK_S = 0.1


class Arrivals:
    """Hands out calls that are due to callers who wait; one that finds nobody waiting is missed, and told of.

    `calls_per_s` gives the rate at the moment, 0 as long as nobody may call.
    """

    def __init__(self, calls_per_s: Callable[[], float], on_missed: Callable[[], None]) -> None:
        self._calls_per_s = calls_per_s
        self._on_missed = on_missed
        self._due: Queue[None] = Queue()
        self._waiting = 0
        gevent.spawn(self._come)

    def wait(self) -> None:
        """Wait for the next call that is due."""
        self._waiting += 1
        try:
            self._due.get()
        finally:
            self._waiting -= 1

    def _come(self) -> None:
        """Give out calls evenly, beginning somewhere within the first interval: several processes shall not call in step."""
        due_s: float | None = None
        while True:
            rate = self._calls_per_s()
            if rate <= 0:
                due_s = None
                gevent.sleep(_LOOK_S)
                continue
            due_s = time.monotonic() + random.random() / rate if due_s is None else due_s + 1 / rate
            gevent.sleep(max(0.0, due_s - time.monotonic()))
            if self._waiting > self._due.qsize():
                self._due.put(None)
            elif self._calls_per_s() > 0:
                self._on_missed()
