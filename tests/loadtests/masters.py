"""What a Locust master does for a load run, with workers that are made up: a program of its own, as gevent changes the process.

`masters.py CASE` plays one of the functions below and writes what came of it as one JSON object.
"""

import json
import sys
import time
from argparse import Namespace
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import locust  # noqa: F401 - first: it lets gevent take over
import gevent
from gevent.event import Event
from locust.env import Environment
from locust.rpc import Message
from locust.runners import STATE_INIT, STATE_MISSING, STATE_RUNNING, MasterRunner

from voicegate.judge.registry import Rules
from voicegate.loadtests._arrivals import Arrivals
from voicegate.loadtests._clocks import ask_for_time
from voicegate.loadtests._early_stop import EarlyStopper, plan_of
from voicegate.loadtests._last_lines import LastLines
from voicegate.loadtests._lost_workers import LostWorkers
from voicegate.loadtests._phases import Phases
from voicegate.loadtests._recording import REPORT_KEY, Line, RecordingLink, package_of
from voicegate.loadtests._shapes import SHAPES

STEP: Line = {"kind": "call", "t": 1.0, "call": "c", "step": "joined", "room": "r", "phase": "load"}


class Master(MasterRunner):
    """A master without a network: its workers `answer` what it sends."""

    def __init__(self, **states: str) -> None:
        workers = [Namespace(id=name, state=state) for name, state in states.items()]
        missing = [one for one in workers if one.state == STATE_MISSING]
        self.clients: Any = Namespace(all=workers, missing=missing)
        self.answer: Callable[[str], None] = lambda _: None
        self.sent: list[str] = []
        self.quits = 0
        self.listeners: dict[str, Callable[..., None]] = {}

    def register_message(
        self, msg_type: str, listener: Callable[..., None], concurrent: bool = False
    ) -> None:
        """Keep who listens."""
        self.listeners[msg_type] = listener

    def send_message(self, msg_type: str, data: Any = None, client_id: str | None = None) -> None:
        """Note whom something is sent to; it answers."""
        self.sent.append(str(client_id))
        self.answer(str(client_id))

    def quit(self) -> None:
        """Count it."""
        self.quits += 1


class Link(RecordingLink):
    """A link that keeps what it is given."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.lines: list[Line] = []
        self.listeners.append(self.lines.append)
        self.send: Callable[[Line], None] = super()._send

    def _send(self, package: Line) -> None:
        self.send(package)


def made(**states: str) -> tuple[Environment, Master, Link]:
    """Make an environment with these workers."""
    environment, master = Environment(), Master(**states)
    environment.runner = master
    return environment, master, Link(environment)


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is true."""
    with gevent.Timeout(20):
        while not condition():
            gevent.sleep(0.01)


def last_lines() -> Line:
    """Two workers have callers, a third has none: who is asked to stop, and what comes of it."""
    environment, master, link = made(a=STATE_RUNNING, b=STATE_RUNNING, idle=STATE_INIT)
    LastLines(environment, link)
    package = package_of([STEP], "worker", 1)

    def answer(worker: str) -> None:
        gevent.spawn(master.listeners["voicegate.stopped"], msg=Message("voicegate.stopped", package, worker))

    master.answer = answer
    environment.events.test_stopping.fire(environment=environment)
    return {"asked": master.sent, "lines": link.lines}


def clocks() -> Line:
    """Let a worker on another machine, whose clock is 1,000 s behind, answer; one on a third machine does not."""
    environment, master, link = made(a=STATE_RUNNING, b=STATE_RUNNING)
    packages: list[Line] = []
    link.send = packages.append

    def answer(_: str) -> None:
        data = {"boot": "other", "asked_t": time.monotonic(), "t": time.monotonic() - 1000}
        master.listeners["voicegate.time"](msg=Message("voicegate.time", data, "a"))

    master.answer = answer
    ask_for_time(environment, link)
    wait_for(lambda: len(master.sent) > 0)
    for boot in ("other", "third"):
        link.pass_on(package_of([STEP], boot, 1) | {"boot": boot})
    return {"packages": packages}


def lost_workers() -> Line:
    """Lose a worker with one call going on and one over, another without any; a third is there."""
    environment, _, link = made(a=STATE_MISSING, b=STATE_MISSING, c=STATE_RUNNING)
    failures: list[str] = []
    environment.events.request.add_listener(lambda exception, **_: failures.append(str(exception)))
    LostWorkers(environment, link)
    over = [STEP | {"call": "over"}, STEP | {"call": "over", "step": "hung_up"}]
    for worker, events in (("a", [STEP, *over]), ("c", [STEP | {"call": "fine"}])):
        data = {REPORT_KEY: package_of(events, worker, len(events))}
        environment.events.worker_report.fire(client_id=worker, data=data)
    link.lines.clear()
    wait_for(lambda: len(failures) == 2)
    link.flush()
    gevent.sleep(1.5)  # it looks again, and tells nobody twice
    return {"failures": failures, "lines": link.lines}


def phases() -> Line:
    """Two levels, then the end."""
    environment, _, link = made()
    Phases(environment, link)
    for users in (1, 4):
        environment.events.spawning_complete.fire(user_count=users)
    for _ in range(2):
        environment.events.test_stopping.fire(environment=environment)
    link.flush()
    return {"lines": link.lines}


def early_stop() -> Line:
    """Have a plan for one caller, and a call in which no agent came."""
    environment, master, link = made()
    failures: list[str] = []
    environment.events.request.add_listener(lambda exception, **_: failures.append(str(exception)))
    EarlyStopper(environment, link, Rules())
    link.plan = {"callers": 1, "end_t": 0.0, "arrivals_per_s": None}
    for step in ("dialed", "failed", "hung_up"):
        link.add(STEP | {"step": step, "detail": "no agent joined"})
    wait_for(lambda: master.quits > 0)
    return {"failures": failures, "exit_code": environment.process_exit_code}


def plans() -> Line:
    """Begin tests that are asked for in several ways, one second into this machine's clock."""
    asked: dict[str, dict[str, Any]] = {
        "for a time": {"num_users": 5, "run_time": 60},
        "open": {"num_users": 5, "run_time": 60, "arrivals": 0.5},
        "steps": {"num_users": 4, "shape": "steps", "step_time": 10.0},
        "soak": {"shape": "soak"},
        "until Ctrl-C": {"num_users": 5},
    }
    found: Line = {}
    for name, options in asked.items():
        nothing = dict.fromkeys(("num_users", "run_time", "arrivals", "shape", "step_time", "spawn_rate"))
        given = Namespace(**nothing | options)
        environment, _, _ = made()
        environment.shape_class = SHAPES[given.shape](given) if given.shape else None
        plan = plan_of(environment, given, 1.0)
        found[name] = asdict(plan) if plan else None
    return found


def arrivals() -> Line:
    """Two callers whose calls do not end, and three calls more than they can take."""
    missed: list[int] = []
    taken: list[int] = []
    over = Event()
    coming = Arrivals(lambda: 0.0 if len(missed) == 3 else 200.0, lambda: missed.append(1))

    def caller(number: int) -> None:
        coming.wait()
        taken.append(number)
        over.wait()

    given_up = gevent.spawn(coming.wait)
    gevent.sleep(0)
    given_up.kill()
    for number in range(2):
        gevent.spawn(caller, number)
    wait_for(lambda: len(missed) == 3)
    return {"taken": sorted(taken)}


CASES = {
    case.__name__: case for case in (last_lines, clocks, lost_workers, phases, early_stop, plans, arrivals)
}

if __name__ == "__main__":
    print(json.dumps(CASES[sys.argv[1]]()))
