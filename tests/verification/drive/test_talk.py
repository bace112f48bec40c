"""What one caller's failures cost, without a server: that call, and no other."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest
from voicegate.drive.caller import Caller, CallerConfig, CallError, leave, talk
from voicegate.drive.clips.library import Clip
from voicegate.drive.livekit_server.server import LiveKitServer
from voicegate.record.events import CallEvent, Event


class Broken(Caller):
    """A caller whose dialing or hanging up does this instead."""

    def __init__(self, does: Callable[[], None], events: list[Event]) -> None:
        server = LiveKitServer("ws://127.0.0.1:9", "key", "secret" * 8)
        config = CallerConfig(server, "test", None, None, 1, 1, lambda: 1.0, events.append, Path())
        super().__init__("call-01", "phase", config)
        self._does = does

    async def dial(self) -> None:
        """Do it."""
        self._does()

    async def converse(self, clips: Sequence[Clip], pauses_s: Iterable[float] = ()) -> None:
        """Say nothing."""

    async def hang_up(self) -> None:
        """Do it."""
        self._does()


def failing_with(error: BaseException) -> Callable[[], None]:
    """Make what raises this."""

    def fail() -> None:
        raise error

    return fail


def failures(events: list[Event]) -> list[tuple[str | None, str | None]]:
    """List what calls failed of, and whose fault it was."""
    return [(one.detail, one.fault) for one in events if isinstance(one, CallEvent) and one.step == "failed"]


@pytest.mark.parametrize(
    ("error", "detail", "fault"),
    [
        (CallError("no agent joined within 1 s"), "no agent joined within 1 s", "agent"),
        (CallError("no room", "server"), "no room", "server"),
        (ValueError("no such microphone"), "ValueError('no such microphone')", "caller"),
    ],
)
async def test_a_call_that_fails_says_whose_fault_it_was(
    error: Exception, detail: str, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What nobody expected is the caller's own fault, and is logged with its stack; nothing is raised."""
    events: list[Event] = []
    await talk(Broken(failing_with(error), events), [])
    assert failures(events) == [(detail, fault)]
    assert ("no such microphone" in caplog.text) is (fault == "caller")


async def test_a_call_that_is_cut_off_is_the_runs() -> None:
    """Ctrl-C goes on to whoever sent it."""
    events: list[Event] = []
    with pytest.raises(asyncio.CancelledError):
        await talk(Broken(failing_with(asyncio.CancelledError()), events), [])
    assert failures(events) == [("the run was broken off during the call", "run")]


async def test_a_caller_who_cannot_hang_up_costs_that_call() -> None:
    """Its sound cannot be saved, for example."""
    events: list[Event] = []
    await leave(Broken(failing_with(OSError("disk full")), events))
    assert failures(events) == [("could not hang up: OSError('disk full')", "caller")]
