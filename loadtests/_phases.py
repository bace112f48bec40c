"""The phases of a load run: how many callers there are to be, told to the recording whenever that number is reached."""

import time

from locust.env import Environment
from voicegate.loadtests._recording import RecordingLink


class Phases:
    """Begins a phase when all users of a level are there, and ends it when the next begins or the test stops."""

    def __init__(self, environment: Environment, link: RecordingLink) -> None:
        self._link = link
        self._users = 0
        environment.events.spawning_complete.add_listener(self._on_level)
        environment.events.test_stopping.add_listener(self._on_stop)

    def _on_level(self, user_count: int, **_: object) -> None:
        self._on_stop()
        self._users = user_count
        self._tell("begin")

    def _on_stop(self, **_: object) -> None:
        if self._users:
            self._tell("end")
        self._users = 0

    def _tell(self, edge: str) -> None:
        name = f"{self._users}-{'caller' if self._users == 1 else 'callers'}"
        phase = {"kind": "phase", "name": name, "edge": edge, "concurrent_calls": self._users}
        self._link.add({"t": time.monotonic(), **phase})
