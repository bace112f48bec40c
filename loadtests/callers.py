"""Callers for a voice agent: `locust -f loadtests --host ws://… -u 5` lets five call, talk, hang up and call again."""

import os
from argparse import Namespace
from typing import ClassVar

from locust import User, between, events, tag, task
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner

from loadtests._lost_workers import LostWorkers
from loadtests._options import add_options, check_server, read_settings
from loadtests._phases import Phases
from loadtests._recording import RecordingLink
from loadtests._shapes import SHAPES
from loadtests._worker import Worker


class Caller(User):
    """Calls the agent in a room of its own, talks in turns, hangs up, and calls again."""

    host = os.environ.get("LIVEKIT_URL")
    wait_time = between(1, 4)
    worker: ClassVar[Worker]

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
    """Get ready: every process but a master has callers of its own; every process but a worker sees to the server."""
    options = environment.parsed_options
    assert options is not None
    settings = read_settings(options)
    environment.host = environment.host or Caller.host
    if not isinstance(environment.runner, WorkerRunner):
        check_server(environment, options)
        _choose_shape(environment, options)
    if isinstance(environment.runner, MasterRunner):
        link = RecordingLink(environment)
        Phases(environment, link)
        LostWorkers(environment, link)
        environment.events.quit.add_listener(lambda **_: link.flush())
        return
    Caller.worker = Worker(environment, options, settings)
    if not isinstance(environment.runner, WorkerRunner):
        Phases(environment, Caller.worker.link)
    environment.events.quit.add_listener(
        lambda **_: Caller.worker.close()
    )  # the last event: users hang up before it


def _choose_shape(environment: Environment, options: Namespace) -> None:
    if options.shape is not None:
        environment.shape_class = SHAPES[options.shape](options)
        environment.shape_class.runner = environment.runner
