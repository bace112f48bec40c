"""C1: the first connection initializes both models, once each, in order, and nothing did before."""

from collections.abc import Sequence

from verification.judge.calls import calls_in_order, unanswered
from verification.judge.criterion import Conclusion, Rules, criterion
from verification.judge.finding import Bound, Measurement, Side
from verification.judge.model_lines import ModelLine, model_lines
from verification.judge.spans import cut_off
from verification.record.events import Recording

_EXPECTED = (
    ("ASR", "initializing"),
    ("ASR", "initialized"),
    ("TTS", "initializing"),
    ("TTS", "initialized"),
)


@criterion("C1-first-initialises", "the first connection initialises both models")
def judge(recording: Recording, rules: Rules) -> Conclusion:
    """Read the loads between the first caller's dialing and the second's."""
    lines = model_lines(recording, rules.log)
    calls = calls_in_order(recording)
    start_t, end_t = calls[0].dialed_t, calls[1].dialed_t if len(calls) > 1 else float("inf")
    loads = [line for line in lines if line.step != "reusing"]
    before = [line for line in loads if line.t < start_t]
    inside = [line for line in loads if start_t <= line.t < end_t]
    doubts = unanswered(calls[:1]) + (cut_off(recording) if len(calls) < 2 else ())
    return Conclusion(
        measurements=() if calls[0].answered_t is None and not loads else _measure(before, inside),
        evidence=(
            f"{calls[0].name} dialed at {start_t:.2f} s"
            + (f", {calls[1].name} at {end_t:.2f} s" if len(calls) > 1 else ", no second call"),
            *(line.describe() for line in before + inside),
        ),
        stability="counted, not sampled",
        doubts=doubts,
        met=f"both were initialized once, in order, in {calls[0].name}",
        advice="load each model once, under a lock, in the first call",
    )


def _measure(before: Sequence[ModelLine], inside: Sequence[ModelLine]) -> tuple[Measurement, ...]:
    once = [
        _count(
            f"{engine} {step} in the first call",
            sum((line.engine, line.step) == (engine, step) for line in inside),
            1,
        )
        for engine, step in _EXPECTED
    ]
    seen = [(line.engine, line.step) for line in inside]
    misplaced = sum(a != b for a, b in zip(seen, sorted(seen, key=_EXPECTED.index), strict=True))
    return (
        *once,
        _count("lines out of order", misplaced, 0),
        _count("loads before the first call", len(before), 0),
    )


def _count(what: str, value: int, expected: int) -> Measurement:
    return Measurement(what, value, "count", "log lines", Bound(Side.EXACTLY, expected), samples=value)
