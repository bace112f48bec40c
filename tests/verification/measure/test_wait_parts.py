"""What a wait was spent on."""

from dataclasses import replace

import pytest
from voicegate.measure.wait_parts import PARTS, WaitPart, median_parts, wait_parts
from voicegate.record.events import ReportedWait, Turn
from voicegate.testing import MadeUpRun

TURN = replace(MadeUpRun().recording().turns[0], latency_s=1.0)
TOLD = ReportedWait(0.8, transcription_s=0.1, end_of_turn_s=0.4, llm_s=0.2, tts_s=0.1)


def seconds(turn: Turn) -> list[float]:
    """List the parts, rounded."""
    return [round(part.seconds, 3) for part in wait_parts(turn)]


@pytest.mark.parametrize(
    ("told", "parts"),
    [
        (TOLD, [0.1, 0.3, 0.2, 0.1, 0.1, 0.2]),
        (replace(TOLD, whole_s=0.45), [0.1, 0.3, 0.05, 0.0, 0.0, 0.55]),
        (ReportedWait(0.8), [0.0, 0.0, 0.0, 0.0, 0.8, 0.2]),
        (replace(TOLD, end_of_turn_s=None), [0.1, 0.0, 0.2, 0.1, 0.4, 0.2]),
        (replace(TOLD, whole_s=1.5), [0.1, 0.3, 0.2, 0.1, 0.3, 0.0]),
    ],
    ids=[
        "one after the other",
        "prepared while waiting",
        "little told",
        "no end of turn",
        "more than was waited",
    ],
)
def test_the_parts_add_up_to_the_wait(told: ReportedWait, parts: list[float]) -> None:
    """Whatever the agent says: none is negative, and what it does not explain is the way."""
    assert seconds(replace(TURN, reported=told)) == parts
    assert sum(parts) == pytest.approx(1.0)


@pytest.mark.parametrize(
    "turn", [TURN, replace(TURN, reported=TOLD, latency_s=None)], ids=["not told", "no answer"]
)
def test_a_wait_that_nobody_explains_has_no_parts(turn: Turn) -> None:
    """As of agents that say nothing."""
    assert wait_parts(turn) == ()


def test_the_median_is_taken_part_by_part() -> None:
    """Over those turns that have parts."""
    turns = [replace(TURN, reported=replace(TOLD, transcription_s=seconds)) for seconds in (0.1, 0.2, 0.4)]
    parts = median_parts([TURN, *turns])
    assert [part.name for part in parts] == list(PARTS)
    assert parts[0] == WaitPart("transcription", 0.2)
    assert median_parts([TURN]) == ()
