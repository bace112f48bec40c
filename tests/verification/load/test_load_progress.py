"""How a load run goes, in one line."""

from dataclasses import replace

from fakes.load_recordings import LoadRun
from voicegate.load.load_progress import LoadProgress
from voicegate.record.events import CallEvent, Event, Fault


def step(call: str, step: str, fault: Fault | None = None) -> CallEvent:
    """Make a step of a call."""
    return CallEvent(1.0, call, step, "room", "load", fault=fault)  # type: ignore[arg-type]


def test_everything_is_counted() -> None:
    """Calls that are up, calls so far, waits, failures."""
    turn = LoadRun().recording().turns[0]
    so_far = LoadProgress()
    events: list[Event] = [
        step("a", "dialed"),
        step("a", "joined"),
        turn,
        replace(turn, latency_s=0.9),
        replace(turn, latency_s=None),
        step("b", "joined"),
        step("b", "failed", "agent"),
        step("c", "joined"),
        step("c", "failed", "run"),
    ]
    for event in events:
        so_far.take(event)
    assert str(so_far) == "1 in a call; so far 3 calls, 2 answered turns, median wait 0.80 s, 1 calls failed"


def test_without_replies_there_is_no_wait() -> None:
    """Nothing is made up."""
    assert "wait" not in str(LoadProgress())
