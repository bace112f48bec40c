"""C6: memory does not keep growing over connect/disconnect cycles, and comes back when everybody has left."""

from collections.abc import Sequence
from dataclasses import replace

from verification.judge.criterion import Conclusion, NotMeasured, Rules, criterion
from verification.judge.finding import Bound, Measurement, Side, Status
from verification.judge.memory_levels import METRIC, Level, level_of, settled_level, steadiness
from verification.judge.spans import AFTER_CYCLE, AFTER_FIRST, Span, absent, spans
from verification.judge.trend import Trend, theil_sen
from verification.limits import Limits
from verification.record.events import Recording


@criterion("C6-stabilises", "memory does not keep growing")
def judge(recording: Recording, rules: Rules) -> Conclusion:
    """Follow the settled level after each cycle, and compare the last level without calls with the first."""
    limits = rules.limits
    rests = [span for span in spans(recording) if span.name.startswith(AFTER_CYCLE)]
    if not rests:
        raise absent(recording, "connect/disconnect cycles")
    cycles = _cycle_levels(recording, rests, limits)
    first = settled_level(recording, AFTER_FIRST, limits)
    last = settled_level(recording, _last_quiet(recording).name, limits)
    trend = theil_sen(
        [number for number, _ in cycles], [level.pss_bytes for _, level in cycles], limits.confidence
    )
    levels = [level for _, level in cycles]
    return Conclusion(
        measurements=(_growth(trend, limits), _return(first, last, limits)),
        evidence=(
            f"the first {limits.cycles_warm_up} cycles are left out",
            *(f"cycle {number}: {level.describe()}" for number, level in (cycles[0], cycles[-1])),
            first.describe(),
            last.describe(),
        ),
        stability=steadiness(levels),
        advice="look for what a call leaves behind: processes, audio, tasks, caches without a bound",
    )


def _cycle_levels(recording: Recording, rests: Sequence[Span], limits: Limits) -> Sequence[tuple[int, Level]]:
    """List the number and settled level of each cycle after warm-up; raises NotMeasured when there are too few."""
    numbered = list(enumerate(rests, start=1))[limits.cycles_warm_up :]
    cycles = [(number, level) for number, span in numbered if (level := level_of(recording, span, limits))]
    if len(cycles) < limits.cycles_needed:
        reason = f"{len(cycles)} of {len(rests)} cycles have settled memory after warm-up, needed are {limits.cycles_needed}"
        raise NotMeasured(reason, "run the full scenario to its end")
    return cycles


def _last_quiet(recording: Recording) -> Span:
    """Find the last phase without calls that ended."""
    quiet = [span for span in spans(recording) if span.concurrent_calls == 0 and span.end_t is not None]
    return quiet[-1]


def _growth(trend: Trend, limits: Limits) -> Measurement:
    """Growth is shown when the whole interval is above 0 and the slope is worth naming.

    No growth is shown only when the interval is narrow enough to have revealed a leak of the size that
    matters; an interval that contains both 0 and such a leak decides nothing.
    """
    measured = Measurement(
        "growth per cycle",
        trend.slope,
        "bytes/cycle",
        METRIC,
        Bound(Side.BELOW, limits.cycle_growth_bytes),
        samples=trend.points,
        low=trend.low,
        high=trend.high,
    )
    if trend.slope >= limits.cycle_growth_bytes and trend.low > 0:
        return replace(measured, decided=Status.FAIL)
    seen = trend.high < limits.cycle_resolution_bytes
    return replace(measured, decided=Status.PASS if seen else Status.ERROR)


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
