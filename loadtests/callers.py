"""Callers for a voice agent: `locust -f loadtests --host ws://… -u 5` lets five call, talk, hang up and call again."""

import os
import random
from argparse import Namespace
from typing import ClassVar

import gevent
from locust import User, events, tag, task
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner
from voicegate.load.messages import EVENTS_SOCKET
from voicegate.loadtests._clocks import ask_for_time, tell_time
from voicegate.loadtests._early_stop import stop_early
from voicegate.loadtests._last_lines import LastLines, stop_when_asked
from voicegate.loadtests._lost_workers import LostWorkers
from voicegate.loadtests._options import add_options, check_arrivals, check_server, read_settings
from voicegate.loadtests._phases import Phases
from voicegate.loadtests._recording import RecordingLink
from voicegate.loadtests._shapes import SHAPES
from voicegate.loadtests._worker import Worker
from voicegate.settings import GateSettings


class Caller(User):
    """Calls the agent in a room of its own, talks in turns, hangs up, and calls again."""

    host = os.environ.get("LIVEKIT_URL")
    worker: ClassVar[Worker]

    def on_start(self) -> None:
        """With open arrivals the first call has to be due as well."""
        if self.worker.arrivals is not None:
            self.wait()

    def wait_time(self) -> float:
        """Rest between two calls, as long as --rest allows; with open arrivals, until a call is due."""
        if self.worker.arrivals is not None:
            self.worker.arrivals.wait()
            return 0.0
        options = self.environment.parsed_options
        assert options is not None
        return random.uniform(options.rest / 4, options.rest)

    @tag("conversation")
    @task(3)
    def converse(self) -> None:
        """Say a code, something else, and a code again."""
        self.worker.call(("code", "sentence", "code"))

    @tag("brief")
    @task(1)
    def ask_once(self) -> None:
        """Say a code, hear it back, and hang up."""
        self.worker.call(("code",))


@events.init_command_line_parser.add_listener
def _on_command_line(parser: LocustArgumentParser) -> None:
    add_options(parser)


@events.init.add_listener
def _on_init(environment: Environment, **_: object) -> None:
    """Get ready: a worker has callers, a master sees to the server, a process alone does both."""
    options = environment.parsed_options
    assert options is not None
    if isinstance(environment.runner, WorkerRunner):
        tell_time(environment)
        environment.events.test_start.add_listener(lambda **_: _follow_master(environment, options))
        return
    environment.host = environment.host or Caller.host
    settings = read_settings(options)
    check_arrivals(options)
    check_server(environment, options)
    _choose_shape(environment, options)
    if isinstance(environment.runner, MasterRunner):
        link = RecordingLink(environment)
        ask_for_time(environment, link)
        Phases(environment, link)
        LostWorkers(environment, link)
        LastLines(environment, link)
        environment.events.quit.add_listener(lambda **_: link.finish())
    else:
        link = _have_callers(environment, options, settings)
        Phases(environment, link)
    stop_early(environment, options, link, settings)
    if EVENTS_SOCKET in os.environ and environment.web_ui is not None:
        environment.events.test_stop.add_listener(lambda **_: _leave_page(environment))


def _leave_page(environment: Environment) -> None:
    """End with the test that is recorded; the page is answered first."""
    assert environment.web_ui is not None
    gevent.spawn_later(1.0, environment.web_ui.stop)


def _follow_master(environment: Environment, options: Namespace) -> None:
    """Have callers when the first are asked for: address, keys and the gate file's name have come from the master then."""
    if not hasattr(Caller, "worker"):
        stop_when_asked(environment, _have_callers(environment, options, read_settings(options)))


def _have_callers(environment: Environment, options: Namespace, settings: GateSettings) -> RecordingLink:
    Caller.worker = Worker(environment, options, settings)
    environment.events.quit.add_listener(
        lambda **_: Caller.worker.close()
    )  # the last event: users hang up before it
    return Caller.worker.link


def _choose_shape(environment: Environment, options: Namespace) -> None:
    if options.shape is not None:
        environment.shape_class = SHAPES[options.shape](options)
        environment.shape_class.runner = environment.runner
