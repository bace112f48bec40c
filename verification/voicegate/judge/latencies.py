"""Whether the waits that were measured during the run are those that the sound files show."""

from collections.abc import Sequence

from voicegate.judge.calls import Call
from voicegate.judge.conclusion import Doubt
from voicegate.record.events import Turn

_Turns = Sequence[tuple[Call, Turn]]
_SHOWN = 4

AGREEMENT_S = 0.02
"""One packet of sound: the two ways of measuring a wait find the same sound, but not always the same packet."""


def disagreements(turns: _Turns) -> tuple[Doubt, ...]:
    """Doubt the latencies if any is not confirmed offline; nothing where none was measured again."""
    if not _was_measured_again(turns):
        return ()
    wrong = [f"{call.name} {_pair(turn)}" for call, turn in turns if not _agrees(turn)]
    if not wrong:
        return ()
    more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
    reason = (
        f"{len(wrong)} waits for a reply are not those of the sound files (live, offline):"
        f" {', '.join(wrong[:_SHOWN])}{more}"
    )
    return (Doubt(reason, "compare with audio/ beside the recording; report it as a bug of the gate"),)


def agreement(turns: _Turns) -> str:
    """Say how closely the two measurements of the waits agree."""
    if not _was_measured_again(turns):
        return "waits were not measured again from the sound files"
    apart_s = [
        abs(turn.latency_s - turn.offline_latency_s)
        for _, turn in turns
        if turn.latency_s is not None and turn.offline_latency_s is not None
    ]
    return f"waits agree with the sound files within {1000 * max(apart_s, default=0.0):.1f} ms"


def _was_measured_again(turns: _Turns) -> bool:
    return any(turn.offline_latency_s is not None for _, turn in turns)


def _agrees(turn: Turn) -> bool:
    """Whether both are silent, or say the same wait; a sum of floats may be off by its rounding."""
    live, offline = turn.latency_s, turn.offline_latency_s
    if live is None or offline is None:
        return live is offline
    return abs(live - offline) <= AGREEMENT_S + 1e-9


def _pair(turn: Turn) -> str:
    live, offline = (
        "silent" if value is None else f"{value:.3f} s" for value in (turn.latency_s, turn.offline_latency_s)
    )
    return f"({live}, {offline})"
