"""Locust workers that are lost: the master says so, counts a failure, and ends their calls in the recording."""

import logging

import gevent
from locust.env import Environment
from locust.runners import MasterRunner
from voicegate.loadtests._recording import REPORT_KEY, Line, RecordingLink, lost_call
from voicegate.loadtests._statistics import count
from voicegate.loadtests._worker import PHASE

_LOOK_S = 1.0
_ENDS = ("hung_up", "failed")

_log = logging.getLogger(__name__)


class LostWorkers:
    """Follows the open calls of every worker, and looks for workers that no longer answer."""

    def __init__(self, environment: Environment, link: RecordingLink) -> None:
        self._environment = environment
        self._link = link
        self._open: dict[str, dict[str, Line]] = {}
        self._told: set[str] = set()
        environment.events.worker_report.add_listener(self._follow)
        gevent.spawn(self._look)

    def _follow(self, client_id: str, data: Line) -> None:
        calls = self._open.setdefault(client_id, {})
        for event in data.get(REPORT_KEY, {}).get("events", ()):
            if event["kind"] != "call":
                continue
            if event["step"] in _ENDS:
                calls.pop(event["call"], None)
            else:
                calls[event["call"]] = event

    def _look(self) -> None:
        while True:
            gevent.sleep(_LOOK_S)
            runner = self._environment.runner
            assert isinstance(runner, MasterRunner)
            for worker in runner.clients.missing:
                if worker.id not in self._told:
                    self._told.add(worker.id)
                    self._tell(worker.id)

    def _tell(self, worker: str) -> None:
        calls = self._open.pop(worker, {})
        reason = f"worker {worker} is lost, and {len(calls)} calls with it"
        _log.error(reason)
        count(self._environment, "worker", None, reason)
        for event in calls.values():
            self._link.add(lost_call(event["call"], event["room"], event["phase"]))
        if not calls:  # those that it did not report any more
            self._link.add(lost_call(f"calls of {worker}", "", PHASE))
