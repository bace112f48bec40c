"""C7: the whole tree stays below its limit while several callers talk at once."""

from collections.abc import Mapping, Sequence

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
from voicegate.judge.finding import Bound, Measurement, Side
from voicegate.measure.calls import Call, by_turn, calls_in_order, most_at_once
from voicegate.measure.memory_levels import (
    METRIC,
    SETTLED_SAMPLES,
    hardly_seen,
    pss_by_role,
    samples_between,
    sampling_advice,
    tree_pss,
    tree_rss,
    tree_uss,
)
from voicegate.measure.phases import Span, missing_part, spans
from voicegate.quantity import format_bytes
from voicegate.record.events import MemorySample, Recording

_ADVICE = "see in the agent's log why the other calls did not connect, or ended early, and run again"


class Limits(CriterionLimits):
    """How much all calls may take together."""

    total_bytes: int = Field(default=3_000_000_000, gt=0, description="the whole tree must stay below this")
    total_calls: int = Field(
        default=3, ge=1, description="phases with at least this many concurrent calls count"
    )


def _crowded(recording: Recording, limits: Limits) -> Sequence[Span]:
    return [span for span in spans(recording) if span.concurrent_calls >= limits.total_calls]


def measure(recording: Recording, rules: RulesFor[Limits]) -> Conclusion:
    """Take the highest sample of each phase with enough concurrent calls, and check that they talked."""
    crowded = _crowded(recording, rules.limits)
    if not crowded:
        what = f"phase with {rules.limits.total_calls} or more concurrent calls"
        raise missing_part(recording, what, lambda planned: bool(_crowded(planned, rules.limits)))
    calls = calls_in_order(recording)
    samples = {span: _samples(recording, span) for span in crowded}
    highest = {span: max(samples[span], key=tree_pss) for span in crowded}
    return Conclusion(
        measurements=tuple(_peak(span, highest[span], len(samples[span]), rules.limits) for span in crowded),
        evidence=tuple(_describe(span, highest[span]) for span in crowded),
        stability=_sampling(samples),
        caveats=tuple(
            caveat
            for span in crowded
            for caveat in (
                *_silent(span, calls),
                *hardly_seen(recording, span.name, span.begin_t, span.until_t),
            )
        ),
    )


judge = Criterion(
    id="C7-total",
    title="bounded total memory",
    question="Does the agent stay within its memory when several callers talk at once?",
    passes="below 3.0 GB at the peak, with three and with five callers talking at once",
    how=(
        "In each phase with enough concurrent calls, the highest sample counts. The phase counts only if "
        "all its planned callers talked with the agent at the same time, and if the samples cover 80 % of "
        "it (two samples may be up to 2 s apart)."
    ),
    formula="peak = highest sample of the tree's PSS",
    when_it_fails="see in the timeline which processes hold the memory",
    limits=Limits,
    measure=measure,
    owes=("peak in ",),
    needs=(Need.PROCESSES,),
    figure=Figure("peak", "all processes", last=True),
    profiled=True,
)


def _samples(recording: Recording, span: Span) -> Sequence[MemorySample]:
    if span.end_t is None:
        raise NotMeasured(f"the recording stops inside phase {span.name}", "run again, to the end")
    samples = samples_between(recording, span.begin_t, span.end_t)
    if len(samples) < SETTLED_SAMPLES:
        reason = f"{len(samples)} complete memory samples in phase {span.name}"
        raise NotMeasured(reason, sampling_advice(recording, span.begin_t, span.end_t))
    return samples


def _peak(span: Span, highest: MemorySample, samples: int, limits: Limits) -> Measurement:
    what = f"peak in {span.name} ({span.concurrent_calls} calls)"
    bound = Bound(Side.BELOW, limits.total_bytes)
    return Measurement(what, tree_pss(highest), "bytes", METRIC, bound, samples, span.duration_s)


def _describe(span: Span, highest: MemorySample) -> str:
    roles = ", ".join(f"{role} {format_bytes(pss)}" for role, pss in sorted(pss_by_role(highest).items()))
    return (
        f"{span.name}: highest at {highest.t:.1f} s, PSS {format_bytes(tree_pss(highest))} ({roles}),"
        f" USS {format_bytes(tree_uss(highest))}, RSS {format_bytes(tree_rss(highest))}"
    )


def _silent(span: Span, calls: Sequence[Call]) -> tuple[Caveat, ...]:
    """Return a caveat for a phase in which fewer calls talked at once than were planned."""
    answered = [(call, turn) for call, turn in by_turn(calls) if turn.reply_start_t is not None]
    talking = {call.name for call, turn in answered if span.has(turn.speech_start_t)}
    own = [call for call in calls if call.name in talking and call.answered_t is not None]
    if len(own) < span.concurrent_calls:
        return (
            Caveat(
                f"{len(own)} of {span.concurrent_calls} calls talked with the agent in {span.name}", _ADVICE
            ),
        )
    if (together := most_at_once(own)) < span.concurrent_calls:
        return (
            Caveat(
                f"at most {together} of {span.concurrent_calls} calls were up at once in {span.name}", _ADVICE
            ),
        )
    return ()


def _sampling(samples: Mapping[Span, Sequence[MemorySample]]) -> str:
    """Say how densely the phases were sampled: a peak between two samples is not seen."""
    every_s = sum(span.duration_s for span in samples) / sum(map(len, samples.values()))
    return f"one sample every {every_s:.2f} s; a shorter peak is not seen"
