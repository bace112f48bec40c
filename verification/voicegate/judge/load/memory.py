"""L4 and L5: what a further call costs in memory, and what all of them cost together."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from voicegate.judge.criterion import Conclusion, NotMeasured, Rules, criterion
from voicegate.judge.extra_connection import cost_per_call
from voicegate.judge.finding import Bound, Measurement, Side
from voicegate.limits import Limits
from voicegate.measure.calls import Call, calls_in_order
from voicegate.measure.memory_levels import METRIC, Level, level_between, steadiness, tree_pss
from voicegate.measure.phases import Span, cut_off
from voicegate.record.events import MemorySample, Recording

_NO_MEMORY = "see that the gate may read the agent's memory, and run again"
_SETTLING_S = 1.0
_MOST_LEVELS = 400


@criterion("L4-memory-per-call", "a further call costs little memory")
def per_call(recording: Recording, rules: Rules) -> Conclusion:
    """Fit the tree's memory over the number of calls that are up, wherever that number stayed the same for a while."""
    levels = steady_levels(recording, rules.limits)
    trend = cost_per_call(levels, rules.limits)
    if trend is None:
        reason = f"memory settled at {len(levels)} times, never with two different numbers of calls"
        raise NotMeasured(reason, "let callers come in steps and stay: --shape steps")
    counts = [level.concurrent_calls for level in levels]
    slope = Measurement(
        f"slope over {min(counts)} to {max(counts)} calls",
        trend.slope,
        "bytes/call",
        METRIC,
        Bound(Side.BELOW, rules.limits.load_call_bytes),
        samples=trend.points,
        low=trend.low,
        high=trend.high,
    )
    return Conclusion(
        (slope,),
        evidence=tuple(level.describe() for level in levels[:: max(1, len(levels) // 6)]),
        stability=steadiness(levels),
        doubts=cut_off(recording),
        advice="look for what each call allocates for itself: nox -s verify judges that in quiet phases (C5)",
    )


@criterion("L5-total-memory", "bounded total memory under load")
def total(recording: Recording, rules: Rules) -> Conclusion:
    """Take the highest sample of all."""
    samples = [sample for sample in recording.memory if sample.complete and sample.processes]
    if not samples:
        raise NotMeasured("there is no complete memory sample", _NO_MEMORY)
    highest = max(samples, key=tree_pss)
    calls = sum(call.up_at(highest.t) for call in calls_in_order(recording))
    peak = Measurement(
        f"peak, with {calls} calls",
        tree_pss(highest),
        "bytes",
        METRIC,
        Bound(Side.BELOW, rules.limits.load_total_bytes),
        samples=len(samples),
    )
    return Conclusion(
        (peak,),
        evidence=(f"highest at {highest.t:.1f} s",),
        stability=f"{len(samples)} samples; a peak between two is not seen",
        doubts=cut_off(recording),
        advice="see in the timeline which processes hold the memory",
    )


def steady_levels(recording: Recording, limits: Limits) -> Sequence[Level]:
    """List the settled memory at the end of every stretch in which the number of calls stayed the same for long enough.

    What comes before the first reply is left out: models may still be loaded then.
    """
    calls = calls_in_order(recording)
    replies = [turn.reply_end_t for turn in recording.turns if turn.reply_end_t is not None]
    if not replies:
        return []
    samples = [sample for sample in recording.memory if sample.t >= min(replies)]
    levels = [
        level
        for span, end_t in _steady(samples, calls)
        if end_t - span.begin_t >= limits.settled_window_s + _SETTLING_S
        and (level := level_between(recording, span, end_t - limits.settled_window_s, end_t, limits))
    ]
    return levels[:: -(-len(levels) // _MOST_LEVELS)] if levels else []


def _steady(samples: Sequence[MemorySample], calls: Sequence[Call]) -> Iterator[tuple[Span, float]]:
    """Walk over the stretches between changes, by the samples in them, and when they end."""
    counted = ((sum(call.up_at(sample.t) for call in calls), sample) for sample in samples)
    for count, group in groupby(counted, key=lambda pair: pair[0]):
        stretch = [sample for _, sample in group]
        end_t = stretch[-1].t + stretch[-1].duration_s
        yield Span(f"from {stretch[0].t:.0f} s", stretch[0].t, end_t, count), end_t
