"""Callers who go before their call is over, without a server."""

from dataclasses import replace

import psutil
import pytest
from voicegate.drive.caller import Caller, CallerConfig
from voicegate.drive.livekit_server.server import LiveKitServer
from voicegate.drive.script import ScriptStep
from voicegate.drive.vanishing import CallOrder, talk_and_vanish
from voicegate.record.events import CallEvent, Event
from voicegate.record.recording import start_clock


def config_for(events: list[Event]) -> CallerConfig:
    """Configure callers for a server that is not there."""
    server = LiveKitServer("ws://127.0.0.1:9", "key", "secret" * 8)
    return CallerConfig(server, "test", None, None, 3, 6, start_clock(), events.append, None)


def steps(events: list[Event]) -> list[str]:
    """List the call's steps."""
    return [event.step for event in events if isinstance(event, CallEvent)]


async def test_a_caller_vanishes_after_all_was_recorded() -> None:
    """That it vanished is said before; nothing comes after."""
    events: list[Event] = []
    seen: list[list[str]] = []
    config = replace(config_for(events), vanish=lambda: seen.append(steps(events)))
    await Caller("call-01", "phase", config).leave("vanish")
    assert seen == [["vanished"]]


async def test_a_caller_hangs_up_once() -> None:
    """When the script says so; at the end of the call it is gone already."""
    events: list[Event] = []
    caller = Caller("call-01", "phase", config_for(events))
    await caller.leave("hang_up")
    await caller.hang_up()
    assert steps(events) == ["hung_up"]


async def test_a_caller_who_shares_the_process_cannot_vanish() -> None:
    """It would take the others with it."""
    with pytest.raises(RuntimeError, match="shares the process"):
        await Caller("call-01", "phase", config_for([])).leave("vanish")


@pytest.mark.slow
async def test_a_call_in_another_process_tells_how_it_went() -> None:
    """Here that the room cannot be joined, which is the server's fault; nothing is left running."""
    events: list[Event] = []
    before = set(psutil.Process().children(recursive=True))
    await talk_and_vanish(
        CallOrder("call-01", "phase", config_for(events), (), (ScriptStep(leaves="vanish"),))
    )
    assert steps(events) == ["dialed", "failed", "hung_up"]
    (failed,) = (event for event in events if isinstance(event, CallEvent) and event.step == "failed")
    assert "could not join the room" in (failed.detail or "")
    assert failed.fault == "server"
    assert 0 < failed.t < 30
    assert set(psutil.Process().children(recursive=True)) <= before


async def test_a_call_whose_process_breaks_is_not_the_agents_fault() -> None:
    """The reason has its exit code and what it said last."""
    events: list[Event] = []
    order = CallOrder("call-01", "phase", config_for(events), (), ())
    await talk_and_vanish(order, ("-c", "print('no memory'); raise SystemExit(4)"))
    assert steps(events) == ["failed", "hung_up"]
    assert isinstance(failed := events[0], CallEvent)
    assert failed.detail == "its process ended with exit code 4; no memory"
    assert failed.fault == "caller-process"


async def test_a_call_whose_process_does_not_start_is_not_the_agents_fault() -> None:
    """Here its command is longer than the kernel takes; the calls beside it go on."""
    events: list[Event] = []
    order = CallOrder("call-01", "phase", config_for(events), (), ())
    await talk_and_vanish(order, ("-c", "#" * 200_000))
    assert steps(events) == ["failed", "hung_up"]
    assert isinstance(failed := events[0], CallEvent)
    assert "its process could not be run: [Errno 7]" in (failed.detail or "")
    assert failed.fault == "caller-process"
