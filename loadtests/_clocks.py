"""The clocks of workers on other machines: the master asks for them every second, as long as it runs."""

import time

import gevent
from locust.env import Environment
from locust.rpc import Message
from locust.runners import MasterRunner, WorkerRunner
from voicegate.load.clocks import MachineClocks, boot_id
from voicegate.loadtests._recording import RecordingLink

_ASK, _ANSWER = "voicegate.clock", "voicegate.time"
_EVERY_S = 1.0


def tell_time(environment: Environment) -> None:
    """Let a worker say what its clock shows, whenever the master asks."""
    runner = environment.runner
    assert isinstance(runner, WorkerRunner)

    def answer(msg: Message, **_: object) -> None:
        runner.send_message(
            _ANSWER, {"boot": boot_id(), "asked_t": msg.data["asked_t"], "t": time.monotonic()}
        )

    runner.register_message(_ASK, answer)


def ask_for_time(environment: Environment, link: RecordingLink) -> None:
    """Let a master ask its workers for their time, and say with their events how far its own clock is ahead."""
    runner = environment.runner
    assert isinstance(runner, MasterRunner)
    clocks = MachineClocks()

    def take(msg: Message, **_: object) -> None:
        clocks.note(msg.data["boot"], msg.data["asked_t"], msg.data["t"], time.monotonic())

    def ask() -> None:
        while True:
            runner.send_message(_ASK, {"asked_t": time.monotonic()})
            gevent.sleep(_EVERY_S)

    runner.register_message(_ANSWER, take)
    link.clock_of = clocks.of
    gevent.spawn(ask)
