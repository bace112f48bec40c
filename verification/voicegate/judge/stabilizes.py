"""C6: memory does not keep growing over connect/disconnect cycles, and comes back when everybody has left.

Growth that goes on shows both as a slope over the cycles and as a typical step from one cycle to the next. One jump
of the heap tilts the slope only, noise blurs the step only: memory is stable if either of the two says so.
"""

from collections.abc import Sequence

from voicegate.judge.calls import calls_in_order, check_first_call, unanswered
from voicegate.judge.criterion import Conclusion, NotMeasured, Rules, criterion
from voicegate.judge.finding import Bound, Measurement, Side, Status, describe
from voicegate.judge.memory_levels import METRIC, Level, level_of, settled_level, steadiness
from voicegate.judge.spans import AFTER_CYCLE, AFTER_FIRST, CYCLE, Span, absent, cut_off, spans
from voicegate.judge.trend import Trend, theil_sen, typical_step
from voicegate.limits import Limits
from voicegate.record.events import Recording


@criterion("C6-stabilises", "memory does not keep growing")
def judge(recording: Recording, rules: Rules) -> Conclusion:
    """Follow the settled level after each cycle, and compare the last level without calls with the first."""
    limits = rules.limits
    rests = _rests(spans(recording))
    if not rests:
        raise absent(recording, "connect/disconnect cycles")
    check_first_call(recording)
    numbered = _levels(recording, rests, limits)
    first = settled_level(recording, AFTER_FIRST, limits)
    last = settled_level(recording, _last_quiet(recording).name, limits)
    growth, beside = _growth(numbered, limits)
    return Conclusion(
        measurements=(growth, _return(first, last, limits)),
        evidence=(
            beside,
            *(level.describe() for level in (first, numbered[0][1], numbered[-1][1], last)),
        ),
        stability=steadiness([level for _, level in numbered]),
        doubts=unanswered(call for call in calls_in_order(recording) if call.phase.startswith(CYCLE))
        + cut_off(recording),
        advice="look for what a call leaves behind: processes, audio, tasks, caches without a bound",
    )


def _rests(found: Sequence[Span]) -> Sequence[Span]:
    """List the phases without calls that the cycles begin and end with; empty without cycles."""
    first = next((place for place, span in enumerate(found) if span.name.startswith(CYCLE)), None)
    if first is None:
        return ()
    before = [span for span in found[:first] if span.concurrent_calls == 0]
    return (*before[-1:], *(span for span in found[first:] if span.name.startswith(AFTER_CYCLE)))


def _levels(recording: Recording, rests: Sequence[Span], limits: Limits) -> Sequence[tuple[int, Level]]:
    """List the settled levels after warm-up by number; raises NotMeasured when there are too few."""
    numbered = list(enumerate(rests))[limits.cycles_warm_up :]
    levels = [(number, level) for number, span in numbered if (level := level_of(recording, span, limits))]
    if len(levels) <= limits.cycles_needed:
        reason = (
            f"{len(levels)} settled levels between {len(rests) - 1} cycles after warm-up,"
            f" needed are {limits.cycles_needed + 1}"
        )
        raise NotMeasured(reason, "run the full scenario to its end")
    return levels


def _last_quiet(recording: Recording) -> Span:
    """Find the last phase without calls that ended."""
    quiet = [span for span in spans(recording) if span.concurrent_calls == 0 and span.end_t is not None]
    return quiet[-1]


def _growth(numbered: Sequence[tuple[int, Level]], limits: Limits) -> tuple[Measurement, str]:
    """Measure growth by the view that decides, and put the other into words."""
    x, y = [number for number, _ in numbered], [level.pss_bytes for _, level in numbered]
    slope = ("growth per cycle, slope", theil_sen(x, y, limits.confidence))
    step = ("growth per cycle, typical step", typical_step(x, y, limits.confidence))
    if _is_stable(slope[1], limits) or not _is_stable(step[1], limits):
        decisive, other = slope, step
    else:
        decisive, other = step, slope
    return _measurement(*decisive, limits), describe(_measurement(*other, limits))


def _is_growing(trend: Trend, limits: Limits) -> bool:
    """Whether the growth is certainly as large as the limit."""
    return trend.low >= limits.cycle_growth_bytes


def _is_stable(trend: Trend, limits: Limits) -> bool:
    """Whether there is no growth worth naming, known well enough to have revealed a leak of the size that matters."""
    small = trend.low <= 0 or trend.slope < limits.cycle_growth_bytes
    return small and trend.high < limits.cycle_resolution_bytes


def _measurement(what: str, trend: Trend, limits: Limits) -> Measurement:
    if _is_stable(trend, limits):
        status = Status.PASS
    else:
        status = Status.FAIL if _is_growing(trend, limits) else Status.ERROR
    return Measurement(
        what,
        trend.slope,
        "bytes/cycle",
        METRIC,
        Bound(Side.BELOW, limits.cycle_growth_bytes),
        samples=trend.points,
        low=trend.low,
        high=trend.high,
        decided=status,
    )


def _return(first: Level, last: Level, limits: Limits) -> Measurement:
    return Measurement(
        f"level of {last.phase} above {first.phase}",
        last.pss_bytes - first.pss_bytes,
        "bytes",
        METRIC,
        Bound(Side.AT_MOST, limits.return_bytes),
        samples=first.samples + last.samples,
        window_s=last.window_s,
        low=last.low_bytes - first.high_bytes,
        high=last.high_bytes - first.low_bytes,
    )
