"""What the wait for an answer was spent on, where the agent tells: the caller's own time, divided by what the agent says of itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from voicegate.record.events import Turn

PartName = Literal["transcription", "end of turn", "language model", "speech", "rest of the agent", "way"]
PARTS: tuple[PartName, ...] = (
    "transcription",
    "end of turn",
    "language model",
    "speech",
    "rest of the agent",
    "way",
)
"""In the order in which they come."""


@dataclass(frozen=True, slots=True)
class WaitPart:
    """A part of a wait."""

    name: PartName
    seconds: float


def wait_parts(turn: Turn) -> tuple[WaitPart, ...]:
    """Divide the wait of a turn, as its caller had it; empty where the agent does not tell, or there was no answer.

    The parts add up to the wait. What the agent did while it still waited for the end of the turn costs nobody any time and is left out: of
    language model and speech only what came after. The way is what the caller waited and the agent knows nothing of: network, codecs and jitter
    buffers in both directions, and when each side takes speech to be over.
    """
    told, wait_s = turn.reported, turn.latency_s
    if told is None or wait_s is None or wait_s <= 0:
        return ()
    left_s = min(told.whole_s, wait_s)
    parts = []
    heard_s = told.transcription_s or 0.0
    lengths_s = (
        heard_s,
        (told.end_of_turn_s or heard_s) - heard_s,
        told.llm_s or 0.0,
        told.tts_s or 0.0,
        left_s,
    )
    for name, length_s in zip(PARTS, lengths_s, strict=False):
        part_s = min(max(0.0, length_s), left_s)
        left_s -= part_s
        parts.append(WaitPart(name, part_s))
    return (*parts, WaitPart("way", wait_s - sum(part.seconds for part in parts)))


def median_parts(turns: Sequence[Turn]) -> tuple[WaitPart, ...]:
    """Give the median of each part over all turns that have parts; empty where none has."""
    divided = [parts for turn in turns if (parts := wait_parts(turn))]
    if not divided:
        return ()
    return tuple(
        WaitPart(parts[0].name, median(part.seconds for part in parts))
        for parts in zip(*divided, strict=True)
    )
