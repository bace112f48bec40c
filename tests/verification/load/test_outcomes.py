"""What Locust's statistics get to know about a call."""

from dataclasses import replace
from typing import Any

import pytest
from fakes.load_recordings import LoadRun
from voicegate.judge.registry import Limits
from voicegate.load.messages import LocustEntry
from voicegate.load.outcomes import CallOutcomes
from voicegate.record.events import CallEvent, Fault, Turn

TURN = LoadRun().recording().turns[0]
SENTENCE = replace(
    TURN, said_code=None, said_text="reset my password please", transcript="reset my password please"
)


def call(
    *steps: tuple[str, float], detail: str | None = None, fault: Fault | None = None
) -> list[LocustEntry]:
    """Tell of steps at these times; the last of them has the detail and is the fault of this one."""
    outcomes = CallOutcomes(lambda: (), Limits())
    events = [CallEvent(t, "call", step, "room", "load") for step, t in steps]  # type: ignore[arg-type]
    events[-1] = replace(events[-1], detail=detail, fault=fault)
    return [outcome for event in events if (outcome := outcomes.of(event)) is not None]


def problem_of(turn: Turn, *foreign: str) -> str | None:
    """Tell of a turn while others speak these codes."""
    outcome = CallOutcomes(lambda: foreign, Limits()).of(turn)
    assert outcome is not None
    return outcome.problem


def test_a_good_call_is_a_join_and_an_agent_that_joined() -> None:
    """Both from the step before."""
    steps = (
        ("dialed", 1.0),
        ("joined", 1.25),
        ("agent_joined", 1.5),
        ("agent_audio", 1.75),
        ("hung_up", 9.0),
    )
    assert call(*steps) == [LocustEntry("join", 0.25), LocustEntry("agent joined", 0.5)]


@pytest.mark.parametrize(
    ("steps", "name"),
    [
        ((("dialed", 1.0), ("failed", 2.0)), "join"),
        ((("dialed", 1.0), ("joined", 1.5), ("failed", 2.0)), "agent joined"),
        ((("dialed", 1.0), ("joined", 1.5), ("agent_audio", 1.6), ("failed", 2.0)), "turn"),
    ],
)
def test_a_failure_counts_where_it_happened(steps: tuple[tuple[str, float], ...], name: str) -> None:
    """A room that cannot be joined, an agent that does not come, one that is gone."""
    failure = call(*steps, detail="gone")[-1]
    assert (failure.name, failure.problem) == (name, "gone")


def test_a_call_that_was_broken_off_is_no_failure() -> None:
    """Locust stopped its user."""
    assert call(("dialed", 1.0), ("failed", 2.0), detail="broken off", fault="run") == []


def test_a_failure_of_others_names_them() -> None:
    """Locust's table does not accuse the agent of what its server did."""
    (failure,) = call(("dialed", 1.0), ("failed", 2.0), detail="no room", fault="server")
    assert failure.problem == "fault of the server: no room"


def test_a_turn_takes_as_long_as_its_reply() -> None:
    """From the end of the caller's speech to the first sound."""
    assert CallOutcomes(lambda: (), Limits()).of(TURN) == LocustEntry("turn: code", 0.7)


def test_an_agent_that_talks_at_once_took_no_time() -> None:
    """A negative wait would spoil averages."""
    outcome = CallOutcomes(lambda: (), Limits()).of(replace(TURN, latency_s=-0.4))
    assert outcome == LocustEntry("turn: code", 0.0)


def test_a_turn_without_a_reply_is_a_failure() -> None:
    """Nothing was heard, and no time is what it took: that would make a mute agent look quick."""
    outcome = CallOutcomes(lambda: (), Limits()).of(replace(TURN, latency_s=None, reply_start_t=None))
    assert outcome == LocustEntry("turn: code", None, "no reply was heard")


@pytest.mark.parametrize("transcript", [None, "my code is one two three", "my code is four three two one"])
def test_a_code_that_was_misheard_is_a_failure(transcript: str | None) -> None:
    """Each digit counts."""
    assert problem_of(replace(TURN, transcript=transcript)) == "transcript wrong: code-1234"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"reply_text": None}, "no reply text: code-1234"),
        ({"reply_text": "your code is one two three five"}, "reply text wrong: code-1234"),
        ({"clipped_samples": 9}, None),
    ],
)
def test_a_reply_that_is_not_the_expected_one_is_a_failure(
    changes: dict[str, Any], problem: str | None
) -> None:
    """How it sounds is not: no criterion of a load run judges that."""
    assert problem_of(replace(TURN, **changes)) == problem


@pytest.mark.parametrize(
    "turn",
    [
        replace(SENTENCE, transcript="my code is nine eight seven six"),
        replace(SENTENCE, reply_text="your code is nine eight seven six"),
    ],
)
def test_the_code_of_another_call_is_a_crossing(turn: Turn) -> None:
    """In what was understood, or in what was answered."""
    assert problem_of(turn, "9876") == "crossed: the code of another call came back"
    assert "crossed" not in (problem_of(turn, "5555") or "")
