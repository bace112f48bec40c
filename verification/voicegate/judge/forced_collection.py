"""G6: above its high threshold the monitor forces a collection and says so, and memory falls."""

from collections.abc import Sequence
from statistics import median

from pydantic import Field

from voicegate.judge.criterion import Conclusion, Criterion, CriterionLimits, Need, NotMeasured, RulesFor
from voicegate.judge.finding import Bound, Measurement, Side, Status
from voicegate.judge.monitor import NO_REPORTS, Report, memory_reports
from voicegate.measure.calls import Call, calls_in_order
from voicegate.measure.memory_levels import (
    METRIC,
    SETTLED_SAMPLES,
    samples_between,
    sampling_advice,
    tree_pss,
)
from voicegate.quantity import format_bytes
from voicegate.record.events import MemorySample, Recording, VariantName

VARIANT: VariantName = "forced-gc"
_BEFORE_S, _SETTLE_S, _AFTER_S = 3.0, 2.5, 6.0


class Limits(CriterionLimits):
    """What a collection must give back."""

    forced_gc_bytes: int = Field(
        default=5_000_000, gt=0, description="a forced collection must lower memory by at least this much"
    )


def measure(recording: Recording, rules: RulesFor[Limits]) -> Conclusion:
    """Find a report that forces a collection while nobody calls, and weigh the tree before and after it."""
    variant = recording.variants[VARIANT]
    reports = memory_reports(variant, rules.log)
    forcing = [report for report in reports if report.stated == "high"]
    what, one = "reports that force a collection", Bound(Side.AT_LEAST, 1)
    said = Measurement(what, len(forcing), "count", "log lines", one, len(reports))
    evidence = [f"{report.t:.1f} s: {report.stated}" for report in reports]
    if not forcing:
        stability = f"{len(reports)} reports in the whole variant, counted"
        return Conclusion((said,), tuple(evidence), stability, advice="" if reports else NO_REPORTS)
    t, earlier = _quiet_report(variant, forcing)
    before = _samples(variant, t - _BEFORE_S, t)
    after = _samples(variant, t + _SETTLE_S, t + _AFTER_S)
    fall = _fall(before, after, t, rules.limits)
    if earlier and fall.status is Status.FAIL:
        reason = "an earlier collection, while callers talked, had already freed the memory"
        raise NotMeasured(
            reason, "give the agent of this variant a report interval that ends after its calls"
        )
    return Conclusion(
        measurements=(said, fall),
        evidence=(*evidence, _describe("before", before), _describe("after", after)),
        stability=_steadiness(before, after),
    )


judge = Criterion(
    id="G6-forced-gc",
    title="high memory forces a collection",
    question="Does the agent give memory back when it has too much of it?",
    passes="above its high threshold the agent collects garbage, says so, and memory falls",
    how=(
        "Judged in the variant `forced-gc`, in which the agent's thresholds are so low that every report "
        "must collect. The gate takes the first report that forces a collection and has no call from 3 s "
        "before it to 6 s after it. The line of memory through the 3 s before is carried on (a rising one "
        "as a level), and memory from 2.5 s to 6 s after the report must be below that line, so that "
        "memory which was falling anyway does not count. The interval is that of all samples after the "
        "report, widened by the scatter of those before it."
    ),
    formula="fall = median over 2.5 s to 6 s after the report of (line of the 3 s before - memory)",
    when_it_fails="collect garbage and give memory back to the system when the monitor finds too much of it",
    limits=Limits,
    measure=measure,
    owes=("reports that force a collection", "memory given back by the collection"),
    needs=(Need.MEMORY_REPORTS, Need.PROCESSES, Need.START),
    variant=VARIANT,
    whole_run=False,
)


def _quiet_report(variant: Recording, forcing: Sequence[Report]) -> tuple[float, bool]:
    """Find when the first report came that no call disturbs, and whether there was one before it among the calls."""
    calls = calls_in_order(variant)
    quiet = [report for report in forcing if _is_quiet(report.t, calls)]
    if not quiet:
        reason = (
            f"none of the {len(forcing)} forced collections came between 3 s and 6 s away from every call"
        )
        raise NotMeasured(
            reason, "give the agent of this variant a report interval that ends after its calls"
        )
    t = quiet[0].t
    return t, any(calls[0].dialed_t < report.t < t for report in forcing)


def _samples(variant: Recording, begin_t: float, end_t: float) -> Sequence[MemorySample]:
    """Take the samples beside a collection."""
    found = samples_between(variant, begin_t, end_t)
    if len(found) < SETTLED_SAMPLES:
        reason = f"fewer than {SETTLED_SAMPLES} complete memory samples from {begin_t:.1f} to {end_t:.1f} s, beside the collection"
        raise NotMeasured(reason, sampling_advice(variant, begin_t, end_t))
    return found


def _is_quiet(t: float, calls: Sequence[Call]) -> bool:
    """Whether somebody called before, and nobody does from 3 s before to 6 s after this time."""
    over = [call.left_t is not None and call.left_t <= t - _BEFORE_S for call in calls]
    return any(over) and all(
        done or call.dialed_t > t + _AFTER_S for done, call in zip(over, calls, strict=True)
    )


def _fall(
    before: Sequence[MemorySample], after: Sequence[MemorySample], t: float, limits: Limits
) -> Measurement:
    """Measure how far memory fell below the line that it was on in the quiet before; how far it was off that line widens the interval."""
    from voicegate.judge.fitting import theil_sen  # noqa: PLC0415 - numpy, which every command would wait for

    since_s, pss = [one.t - t for one in before], [tree_pss(one) for one in before]
    slope = min(0.0, theil_sen(since_s, pss).slope)  # a rising line is carried on as a level
    levels = [size - slope * at for size, at in zip(pss, since_s, strict=True)]
    course = median(levels)
    falls = [course + slope * (one.t - t) - tree_pss(one) for one in after]
    return Measurement(
        "memory given back by the collection",
        median(falls),
        "bytes",
        METRIC,
        Bound(Side.AT_LEAST, limits.forced_gc_bytes),
        samples=len(before) + len(after),
        window_s=_AFTER_S - _SETTLE_S,
        low=min(falls) + min(levels) - course,
        high=max(falls) + max(levels) - course,
    )


def _describe(name: str, samples: Sequence[MemorySample]) -> str:
    pss = [tree_pss(one) for one in samples]
    first, last = samples[0].t, samples[-1].t
    return (
        f"{name} the collection, {first:.1f} to {last:.1f} s: PSS {format_bytes(median(pss))},"
        f" from {format_bytes(pss[0])} to {format_bytes(pss[-1])}"
    )


def _steadiness(*windows: Sequence[MemorySample]) -> str:
    ranges = [max(map(tree_pss, window)) - min(map(tree_pss, window)) for window in windows]
    return f"PSS moved by {' and '.join(map(format_bytes, ranges))} inside the windows before and after"
