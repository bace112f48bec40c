"""The end of a run with workers: they stop before the master says goodbye, and send what they still know.

Locust's own master tells its workers to quit and listens for half a second more; callers take seconds to hang up.
"""

import gevent
from locust.env import Environment
from locust.rpc import Message
from locust.runners import STATE_RUNNING, STATE_SPAWNING, MasterRunner, WorkerRunner
from voicegate.loadtests._recording import RecordingLink

_STOP, _STOPPED = "voicegate.stop", "voicegate.stopped"
_HANG_UP_S = 12.0  # beyond the time that callers are given to finish


def stop_when_asked(environment: Environment, link: RecordingLink) -> None:
    """Let a worker stop its callers when the master asks for it, and send the last lines whenever it has stopped."""
    runner = environment.runner
    assert isinstance(runner, WorkerRunner)
    runner.register_message(_STOP, lambda **_: runner.stop())
    environment.events.test_stop.add_listener(lambda **_: runner.send_message(_STOPPED, link.take()))


class LastLines:
    """Lets a master wait for its workers, whenever a test stops."""

    def __init__(self, environment: Environment, link: RecordingLink) -> None:
        assert isinstance(environment.runner, MasterRunner)
        self._environment = environment
        self._runner = environment.runner
        self._link = link
        self._stopped: set[str] = set()
        self._runner.register_message(_STOPPED, self._on_stopped)
        environment.events.test_start.add_listener(lambda **_: self._stopped.clear())
        environment.events.test_stopping.add_listener(self._stop_workers)

    def _on_stopped(self, msg: Message, **_: object) -> None:
        self._link.pass_on(msg.data)
        self._stopped.add(msg.node_id)

    def _stop_workers(self, **_: object) -> None:
        for worker in self._busy():
            self._runner.send_message(_STOP, client_id=worker)
        with gevent.Timeout((self._environment.stop_timeout or 0.0) + _HANG_UP_S, False):
            while self._busy() - self._stopped:
                gevent.sleep(0.1)

    def _busy(self) -> set[str]:
        """Name the workers that are there and have had callers."""
        return {one.id for one in self._runner.clients.all if one.state in (STATE_RUNNING, STATE_SPAWNING)}
