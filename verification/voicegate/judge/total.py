"""C7: the whole tree stays below its limit while several callers talk at once."""

from collections.abc import Sequence

from pydantic import Field

from voicegate.judge.criterion import (
    Conclusion,
    Criterion,
    CriterionLimits,
    Doubt,
    Figure,
    Need,
    NotMeasured,
    RulesFor,
)
from voicegate.judge.finding import Bound, Measurement, Side
from voicegate.measure.calls import Call, calls_in_order, most_at_once
from voicegate.measure.memory_levels import (
    METRIC,
    SETTLED_SAMPLES,
    samples_between,
    sampling_advice,
    tree_pss,
    tree_rss,
    tree_uss,
)
from voicegate.measure.phases import Span, missing_part, spans
from voicegate.quantity import format_bytes
from voicegate.record.events import MemorySample, Recording


class Limits(CriterionLimits):
    """How much all calls may take together."""

    total_bytes: int = Field(default=3_000_000_000, gt=0, description="the whole tree must stay below this")
    total_calls: int = Field(default=3, ge=1, description="concurrent calls from which the total counts")


def _crowded(recording: Recording, limits: Limits) -> Sequence[Span]:
    return [span for span in spans(recording) if span.concurrent_calls >= limits.total_calls]


def measure(recording: Recording, rules: RulesFor[Limits]) -> Conclusion:
    """Take the highest sample of each phase with enough concurrent calls, and check that they talked."""
    crowded = _crowded(recording, rules.limits)
    if not crowded:
        what = f"phase with {rules.limits.total_calls} or more concurrent calls"
        raise missing_part(recording, what, lambda planned: bool(_crowded(planned, rules.limits)))
    calls = calls_in_order(recording)
    measured = [_peak(recording, span, rules.limits) for span in crowded]
    return Conclusion(
        measurements=tuple(measurement for measurement, _ in measured),
        evidence=tuple(evidence for _, evidence in measured),
        stability=_sampling(recording, crowded),
        doubts=tuple(doubt for span in crowded for doubt in _silent(span, calls)),
        advice="see in the timeline which processes hold the memory",
    )


judge = Criterion(
    id="C7-total",
    title="bounded total memory",
    question="Does the agent stay within its memory when several callers talk at once?",
    passes="below 3.0 GB at the peak, with three and with five callers talking at once",
    how="In each phase with enough concurrent calls the highest sample of all counts. The phase does not count unless as many callers as "
    "it is named for talked with the agent at once.",
    formula="peak = highest sample of the tree's PSS",
    limits=Limits,
    measure=measure,
    owes=("peak in ",),
    needs=(Need.PROCESSES,),
    figure=Figure("peak", "of the tree", last=True),
    profiled=True,
)


def _peak(recording: Recording, span: Span, limits: Limits) -> tuple[Measurement, str]:
    if span.end_t is None:
        raise NotMeasured(f"the recording stops inside phase {span.name}", "record a whole run again")
    samples = samples_between(recording, span.begin_t, span.end_t)
    if len(samples) < SETTLED_SAMPLES:
        reason = f"{len(samples)} complete memory samples in phase {span.name}"
        raise NotMeasured(reason, sampling_advice(recording, span.begin_t, span.end_t))
    highest = max(samples, key=tree_pss)
    measurement = Measurement(
        f"peak in {span.name} ({span.concurrent_calls} calls)",
        tree_pss(highest),
        "bytes",
        METRIC,
        Bound(Side.BELOW, limits.total_bytes),
        samples=len(samples),
        window_s=span.end_t - span.begin_t,
    )
    return measurement, _describe(span, highest)


def _describe(span: Span, highest: MemorySample) -> str:
    by_role: dict[str, int] = {}
    for process in highest.processes:
        by_role[process.role] = by_role.get(process.role, 0) + process.pss_bytes
    roles = ", ".join(f"{role} {format_bytes(pss)}" for role, pss in sorted(by_role.items()))
    return (
        f"{span.name}: highest at {highest.t:.1f} s, PSS {format_bytes(tree_pss(highest))} ({roles}),"
        f" USS {format_bytes(tree_uss(highest))}, RSS {format_bytes(tree_rss(highest))}"
    )


def _silent(span: Span, calls: Sequence[Call]) -> tuple[Doubt, ...]:
    """Doubt a phase in which fewer calls talked at once than it is named for."""
    own = [call for call in calls if call.answered_t is not None and _talks_in(call, span)]
    if len(own) < span.concurrent_calls:
        return (Doubt(f"{len(own)} of {span.concurrent_calls} calls talked with the agent in {span.name}"),)
    if (together := most_at_once(own)) < span.concurrent_calls:
        return (Doubt(f"at most {together} of {span.concurrent_calls} calls were up at once in {span.name}"),)
    return ()


def _talks_in(call: Call, span: Span) -> bool:
    end_t = float("inf") if span.end_t is None else span.end_t
    return any(
        span.begin_t <= turn.speech_start_t < end_t and turn.reply_start_t is not None for turn in call.turns
    )


def _sampling(recording: Recording, crowded: Sequence[Span]) -> str:
    """Say how densely the phases were sampled: a peak between two samples is not seen."""
    taken = [
        sample
        for span in crowded
        if span.end_t is not None
        for sample in samples_between(recording, span.begin_t, span.end_t)
    ]
    seconds = sum(span.end_t - span.begin_t for span in crowded if span.end_t is not None)
    return f"one sample every {seconds / max(1, len(taken)):.2f} s; a shorter peak is not seen"
