"""G6: above its high threshold the monitor forces a collection and says so, and memory falls.

Judged in an act of its own, in which the agent's thresholds are so low that every report must collect. Memory is
weighed around a report that nobody's call disturbs.
"""

from collections.abc import Sequence

from pydantic import Field

from voicegate.judge.criterion import Conclusion, Criterion, CriterionLimits, Need, NotMeasured, RulesFor
from voicegate.judge.finding import Bound, Measurement, Side, Status
from voicegate.judge.monitor import Report, memory_reports
from voicegate.measure.calls import Call, calls_in_order
from voicegate.measure.memory_levels import METRIC, SETTLED_SAMPLES, Level, level_between, steadiness
from voicegate.measure.phases import Span
from voicegate.record.events import ActName, Recording

ACT: ActName = "forced-gc"
_BEFORE_S, _SETTLE_S, _AFTER_S = 3.0, 2.5, 6.0


class Limits(CriterionLimits):
    """What a collection must give back."""

    forced_gc_bytes: int = Field(
        default=5_000_000, gt=0, description="how far memory must fall after a forced collection"
    )


def measure(recording: Recording, rules: RulesFor[Limits]) -> Conclusion:
    """Find a report that forces a collection while nobody calls, and weigh the tree before and after it."""
    act = recording.acts[ACT]
    reports = memory_reports(act, rules.log)
    forcing = [report for report in reports if report.stated == "high"]
    said = Measurement(
        "reports that force a collection",
        len(forcing),
        "count",
        "log lines",
        Bound(Side.AT_LEAST, 1),
        samples=len(reports),
    )
    evidence = [f"{report.t:.1f} s: {report.stated}" for report in reports]
    advice = "collect garbage and give memory back to the system when the monitor finds too much of it"
    if not forcing:
        stability = f"{len(reports)} reports in the whole act, counted"
        return Conclusion((said,), tuple(evidence), stability, advice=advice)
    t, earlier = _quiet_report(act, forcing)
    before, after = _levels(act, t)
    fall = _fall(before, after, rules.limits)
    if earlier and fall.status is Status.FAIL:
        reason = "an earlier collection, while callers talked, had taken what there was to give back"
        raise NotMeasured(reason, "give the agent of this act a report interval that ends after its calls")
    return Conclusion(
        measurements=(said, fall),
        evidence=(*evidence, before.describe(), after.describe()),
        stability=steadiness([before, after]),
        advice=advice,
    )


judge = Criterion(
    id="G6-forced-gc",
    title="high memory forces a collection",
    question="Does the agent give memory back when it has too much of it?",
    passes="above its high threshold the agent collects garbage, says so, and memory falls",
    how="Judged in the act `forced-gc`, in which the agent's thresholds are so low that every report must collect. Around the first report "
    "that forces a collection and has no call from 3 s before to 6 s after it, the median of the tree falls from the 3 s before "
    "to the stretch from 2.5 s to 6 s after; the ranges of both windows are its interval.",
    formula="fall = median(3 s before the report) - median(2.5 s to 6 s after it)",
    limits=Limits,
    measure=measure,
    owes=("reports that force a collection", "memory given back by the collection"),
    needs=(Need.MEMORY_REPORTS, Need.PROCESSES, Need.START),
    act=ACT,
    whole_run=False,
)


def _quiet_report(act: Recording, forcing: Sequence[Report]) -> tuple[float, bool]:
    """Find when the first report came that no call disturbs, and whether there was one before it among the calls."""
    calls = calls_in_order(act)
    quiet = [report for report in forcing if _is_quiet(report.t, calls)]
    if not quiet:
        reason = (
            f"none of the {len(forcing)} forced collections came between 3 s and 6 s away from every call"
        )
        raise NotMeasured(reason, "give the agent of this act a report interval that ends after its calls")
    t = quiet[0].t
    return t, any(calls[0].dialed_t < report.t < t for report in forcing)


def _levels(act: Recording, t: float) -> tuple[Level, Level]:
    """Take the levels around a report at this time."""
    before = level_between(act, Span("before", t - _BEFORE_S, t, 0), t - _BEFORE_S, t)
    after = level_between(act, Span("after", t, t + _AFTER_S, 0), t + _SETTLE_S, t + _AFTER_S)
    if before is None or after is None:
        reason = f"fewer than {SETTLED_SAMPLES} complete memory samples beside the collection at {t:.1f} s"
        raise NotMeasured(reason, "see that the gate may read the agent's memory, and run again")
    return before, after


def _is_quiet(t: float, calls: Sequence[Call]) -> bool:
    """Whether somebody called before, and nobody does from 3 s before to 6 s after this time."""
    over = [call.left_t is not None and call.left_t <= t - _BEFORE_S for call in calls]
    return any(over) and all(
        done or call.dialed_t > t + _AFTER_S for done, call in zip(over, calls, strict=True)
    )


def _fall(before: Level, after: Level, limits: Limits) -> Measurement:
    return Measurement(
        "memory given back by the collection",
        before.pss_bytes - after.pss_bytes,
        "bytes",
        METRIC,
        Bound(Side.AT_LEAST, limits.forced_gc_bytes),
        samples=before.samples + after.samples,
        window_s=after.window_s,
        low=before.low_bytes - after.high_bytes,
        high=before.high_bytes - after.low_bytes,
    )
