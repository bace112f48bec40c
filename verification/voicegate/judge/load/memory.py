"""L4 and L5: what a further call costs in memory, and what all of them cost together."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from pydantic import Field

from voicegate.judge.criterion import (
    Caveat,
    Conclusion,
    Criterion,
    CriterionLimits,
    Figure,
    Need,
    NotMeasured,
    RulesFor,
)
from voicegate.judge.extra_connection import by_calls, cost_per_call, typical_steps
from voicegate.judge.finding import Bound, Measurement, Side
from voicegate.limits import SettledLimits
from voicegate.measure.calls import Call, calls_in_order
from voicegate.measure.memory_levels import (
    METRIC,
    Level,
    hardly_seen,
    level_between,
    sampling_advice,
    steadiness,
    tree_pss,
)
from voicegate.measure.phases import Span, last_t
from voicegate.quantity import format_bytes, number_of
from voicegate.record.events import MemorySample, Recording

_SETTLING_S = 1.0
_MOST_LEVELS = 400


class PerCallLimits(SettledLimits):
    """What a further call may cost under load."""

    load_call_bytes: int = Field(
        default=100_000_000, gt=0, description="a further call must add less than this"
    )


class TotalLimits(CriterionLimits):
    """What all calls may cost together under load."""

    load_total_bytes: int = Field(
        default=3_000_000_000, gt=0, description="the whole tree must stay below this"
    )


def measure_per_call(recording: Recording, rules: RulesFor[PerCallLimits]) -> Conclusion:
    """Take the typical memory for each number of calls that are up, wherever that stayed the same for a while, and what each step costs."""
    levels = steady_levels(recording, rules.limits)
    trend = cost_per_call(levels)
    if trend is None:
        reason = f"memory settled {number_of(len(levels), 'time')}, never with two different numbers of calls"
        end_t = last_t(recording)
        seen = not hardly_seen(recording, "the run", 0.0, end_t)
        steps = "let callers come in steps and stay: --shape steps"
        raise NotMeasured(reason, steps if seen else sampling_advice(recording, 0.0, end_t))
    return Conclusion(
        tuple(typical_steps(levels, Bound(Side.BELOW, rules.limits.load_call_bytes))),
        evidence=(
            f"a call costs {format_bytes(trend.slope)} in the median of all pairs of levels (Theil-Sen)",
            *(level.describe() for level in by_calls(levels)),
        ),
        stability=steadiness(levels),
        caveats=_unseen(recording, calls_in_order(recording)),
    )


per_call = Criterion(
    id="L4-memory-per-call",
    title="a further call costs little memory",
    question="What does a further call cost in memory under load?",
    passes="a further call adds less than 100 MB",
    how=(
        "Memory is taken in all stretches of 4 s and more in which the number of calls stayed the same, "
        "after the first reply. For each number of calls the median counts, and each step from one number "
        "to the next, divided by the calls added, must be below the limit; so many stretches with few "
        "calls do not hide an expensive crowd. `--shape steps` makes good stretches; a short run with "
        "callers who come and go may have too few (ERROR)."
    ),
    formula="cost of a step = (median settled with more calls - median settled with fewer) / calls added",
    when_it_fails=(
        "look for what each call allocates for itself: `voicegate verify` judges that in quiet phases (C5)"
    ),
    limits=PerCallLimits,
    measure=measure_per_call,
    owes=("from ",),
    needs=(Need.PROCESSES,),
    figure=Figure("a further call", "adds"),
)


def measure_total(recording: Recording, rules: RulesFor[TotalLimits]) -> Conclusion:
    """Take the highest sample of all."""
    samples = [sample for sample in recording.memory if sample.complete and sample.processes]
    if not samples:
        advice = sampling_advice(recording, 0.0, last_t(recording))
        raise NotMeasured("there is no complete memory sample", advice)
    highest = max(samples, key=tree_pss)
    calls = calls_in_order(recording)
    up = sum(call.up_at(highest.t) for call in calls)
    what, bound = f"peak, with {up} calls", Bound(Side.BELOW, rules.limits.load_total_bytes)
    return Conclusion(
        (Measurement(what, tree_pss(highest), "bytes", METRIC, bound, len(samples)),),
        evidence=(f"highest at {highest.t:.1f} s",),
        stability=f"{len(samples)} samples; a peak between two is not seen",
        caveats=_unseen(recording, calls),
    )


total = Criterion(
    id="L5-total-memory",
    title="bounded total memory under load",
    question="Does the agent stay within its memory under load?",
    passes="the highest sample of all is below 3.0 GB",
    how=(
        "The highest sample of the tree's PSS over the whole run counts; a peak between two samples is "
        "not seen. The samples must cover 80 % of the time from the first answered call to the end of the "
        "last one (two samples may be up to 2 s apart)."
    ),
    formula="peak = highest sample of the tree's PSS",
    when_it_fails="see in the timeline which processes hold the memory",
    limits=TotalLimits,
    measure=measure_total,
    owes=("peak",),
    needs=(Need.PROCESSES,),
    figure=Figure("peak", "all processes"),
)


def _unseen(recording: Recording, calls: Sequence[Call]) -> tuple[Caveat, ...]:
    answered = [call for call in calls if call.answered_t is not None]
    if not answered:
        return ()
    begin_t = min(call.answered_t or 0.0 for call in answered)
    end_t = min(max(call.until_t for call in answered), last_t(recording))
    return hardly_seen(recording, "the time in which calls were up", begin_t, end_t)


def steady_levels(recording: Recording, limits: SettledLimits) -> Sequence[Level]:
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
        and (level := level_between(recording, span, end_t - limits.settled_window_s, end_t))
    ]
    return levels[:: -(-len(levels) // _MOST_LEVELS)] if levels else []


def _steady(samples: Sequence[MemorySample], calls: Sequence[Call]) -> Iterator[tuple[Span, float]]:
    """Walk over the stretches between changes, by the samples in them, and when they end."""
    counted = ((sum(call.up_at(sample.t) for call in calls), sample) for sample in samples)
    for count, group in groupby(counted, key=lambda pair: pair[0]):
        stretch = [sample for _, sample in group]
        end_t = stretch[-1].t + stretch[-1].duration_s
        yield Span(f"from {stretch[0].t:.0f} s", stretch[0].t, end_t, count), end_t
