"""The early end of a run: what it is asked for, told to the recording; and its end where nobody records it."""

import logging
import os
import time
from argparse import Namespace
from dataclasses import asdict
from math import inf

import gevent
from locust.env import Environment
from voicegate.criteria_choice import rules_of
from voicegate.judge.registry import Rules
from voicegate.load.early_stop import EarlyStop, Plan
from voicegate.load.messages import EVENTS_SOCKET
from voicegate.loadtests._recording import Line, RecordingLink
from voicegate.loadtests._statistics import count
from voicegate.record.recording import event_from
from voicegate.settings import GateSettings

_LOOK_S = 1.0
_LATE_S = 2.0  # that much later than asked for Locust may end a run, as it looks once a second

_log = logging.getLogger(__name__)


def plan_of(environment: Environment, options: Namespace, t: float) -> Plan | None:
    """Say what a run that begins at `t` is asked for; None where nothing bounds it, as people may change it on a page."""
    shape = environment.shape_class
    callers = getattr(shape, "users", options.num_users or 1)
    run_s = getattr(shape, "run_s", options.run_time or inf)
    if environment.web_ui is not None or run_s == inf:
        return None
    return Plan(callers, t + run_s + (environment.stop_timeout or 0.0) + _LATE_S, options.arrivals)


def announce_plans(environment: Environment, options: Namespace, link: RecordingLink) -> None:
    """Let the recording know what is asked for, whenever a test starts."""

    def announce(**_: object) -> None:
        plan = plan_of(environment, options, time.monotonic())
        link.plan = asdict(plan) if plan else None

    environment.events.test_start.add_listener(announce)


class EarlyStopper:
    """Ends a run that nobody records when a criterion of the gate file can no longer be met, with exit code 1."""

    def __init__(self, environment: Environment, link: RecordingLink, rules: Rules) -> None:
        self._environment = environment
        self._link = link
        self._stop = EarlyStop(rules)
        link.listeners.append(self._take)
        gevent.spawn(self._look)

    def _take(self, line: Line) -> None:
        self._stop.take(event_from(line))

    def _look(self) -> None:
        reason = None
        while reason is None:
            gevent.sleep(_LOOK_S)
            plan = Plan(**self._link.plan) if self._link.plan else None
            reason = self._stop.broken(plan, time.monotonic())
        _log.error("stopped early: %s", reason)
        count(self._environment, "run", None, f"stopped early: {reason}")
        self._environment.process_exit_code = 1
        assert self._environment.runner is not None
        self._environment.runner.quit()


def stop_early(
    environment: Environment, options: Namespace, link: RecordingLink, settings: GateSettings
) -> None:
    """Say what the run is asked for; where nobody else looks whether it can be met, do so here."""
    announce_plans(environment, options, link)
    if EVENTS_SOCKET not in os.environ and not options.no_early_stop:
        EarlyStopper(environment, link, rules_of(settings))
