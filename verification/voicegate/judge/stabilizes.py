"""C6: memory does not keep growing over connect/disconnect cycles, and comes back when everybody has left.

Growth is the slope over all cycles. Its interval takes into account that levels follow one another, and what the slope would be
without the largest single step (see `trend.py`). There is no way around it: a leak at every fourth call is growth like any other. The
last third of the cycles is judged by itself too, where it has enough levels: a leak that began late is little over all of them.
"""

from collections.abc import Sequence
from itertools import chain

from pydantic import Field

from voicegate.judge.criterion import (
    Caveat,
    Conclusion,
    Criterion,
    Figure,
    Need,
    NotMeasured,
    NotRun,
    RulesFor,
)
from voicegate.judge.finding import Bound, Measurement, Side, Status
from voicegate.judge.trend import Growth, Trend
from voicegate.limits import CycleLimits, SettledLimits
from voicegate.measure.memory_levels import (
    METRIC,
    Level,
    level_of,
    sampling_advice,
    settled_level,
    steadiness,
)
from voicegate.measure.phases import AFTER_CYCLE, AFTER_FIRST, CYCLE, CYCLES, Span, last_t, phase, spans
from voicegate.quantity import format_quantity
from voicegate.record.events import Recording

RESOLUTION_BYTES = 5_000_000
"""A leak per cycle that the measurement must be able to see, or it decides nothing."""

_FEWEST_LATE = 7  # levels of a third; fewer say nothing certain by themselves, so it takes 20 cycles


class Limits(SettledLimits, CycleLimits):
    """How much memory may grow."""

    cycle_growth_bytes: int = Field(
        default=1_000_000, gt=0, description="growth per cycle from which memory counts as growing"
    )
    cycles_warm_up: int = Field(
        default=0, ge=0, description="cycles left out at the start, if no calls came before them"
    )
    return_bytes: int = Field(
        default=100_000_000,
        gt=0,
        description="how far above its level after the first call memory may be at the end",
    )


def measure(recording: Recording, rules: RulesFor[Limits]) -> Conclusion:
    """Follow the settled level after each cycle, and compare the last level without calls with the first."""
    from voicegate.judge.fitting import lasting_growth  # noqa: PLC0415 - numpy, which every command would wait for

    limits = rules.limits
    numbered = judged_levels(recording, limits)
    first = settled_level(recording, AFTER_FIRST, limits)
    last = settled_level(recording, _last_quiet(recording).name, limits)
    growth = lasting_growth(*_x_and_y(numbered))
    third, known = _late_rests(recording, numbered, limits)
    back = _return(first, last, limits)
    unsure = (first, last) if back.status is not Status.PASS else tuple(level for _, level in numbered)
    return Conclusion(
        measurements=(
            _measurement(growth, limits),
            *(_late(numbered, known, limits) if third >= _FEWEST_LATE else ()),
            back,
        ),
        evidence=(
            _both_views(growth),
            *(level.describe() for level in (first, numbered[0][1], numbered[-1][1], last)),
        ),
        stability=steadiness([level for _, level in numbered]),
        restless=tuple(chain.from_iterable(level.restless for level in unsure)),
        caveats=_unknown(recording, third, known),
    )


def undecided(recording: Recording, rules: RulesFor[Limits]) -> bool:
    """Whether growth is neither certain nor ruled out by this recording, which may still go on: more cycles may tell."""
    if judge.id in rules.disabled:
        return False
    try:
        measured = measure(recording, rules).measurements
    except (NotMeasured, NotRun):
        return False
    found = {one.status for one in measured if one.unit == "bytes/cycle"}
    return Status.ERROR in found and Status.FAIL not in found


judge = Criterion(
    id="C6-stabilises",
    title="memory does not keep growing",
    question="Does memory keep growing?",
    passes="memory does not grow over connect/disconnect cycles, and comes back when everybody has left",
    how=(
        "Growth is the slope over the settled levels of the rests between the cycles. Its interval is "
        "widened by the autocorrelation of the levels, and contains the slope without the largest single "
        "step. It passes if the slope is below 1 MB per cycle and the interval ends below 5 MB. A larger "
        "slope passes only if it comes from a single jump: the interval contains 0, and without the "
        "largest rise less than 1 MB is left. It fails if growth is certainly 1 MB or more, with and "
        "without the largest rise; otherwise it is an ERROR. From 20 cycles on, the last third is also "
        "judged by itself: it fails if growth there is certainly 1 MB or more, also without one or two "
        "jumps, and nothing passes if more than one of its levels is unknown. At the end memory must be "
        "back at its level after the first call."
    ),
    formula="growth = median of all pairwise slopes of settled(after-cycle-N) (Theil-Sen)",
    when_it_fails="look for what a call leaves behind: processes, audio, tasks, caches without a limit",
    limits=Limits,
    measure=measure,
    owes=("growth per cycle", "level of "),
    needs=(Need.PROCESSES, Need.FIRST_CALL),
    parts=(CYCLES, phase(AFTER_FIRST)),
    answered=lambda calls: [call for call in calls if call.phase.startswith(CYCLE)],
    figure=Figure("each cycle leaves"),
    profiled=True,
)


def _rests(found: Sequence[Span]) -> Sequence[Span]:
    """List the phases without calls that the cycles begin and end with; empty without cycles."""
    first = next((place for place, span in enumerate(found) if span.name.startswith(CYCLE)), None)
    if first is None:
        return ()
    before = [span for span in found[:first] if span.concurrent_calls == 0]
    return (*before[-1:], *(span for span in found[first:] if span.name.startswith(AFTER_CYCLE)))


def judged_levels(recording: Recording, limits: Limits) -> Sequence[tuple[int, Level]]:
    """List the settled levels after warm-up, by the number of cycles before; raises NotMeasured when there are too few."""
    rests = _rests(spans(recording))
    numbered = list(enumerate(rests))[limits.cycles_warm_up :]
    levels = [(number, level) for number, span in numbered if (level := level_of(recording, span, limits))]
    if len(levels) <= limits.cycles_needed:
        reason = (
            f"{len(levels)} settled levels between {len(rests) - 1} cycles after warm-up,"
            f" needed: {limits.cycles_needed + 1}"
        )
        raise NotMeasured(reason, _level_advice(recording, [span for _, span in numbered], limits))
    return levels


def _level_advice(recording: Recording, rests: Sequence[Span], limits: Limits) -> str:
    """Say what to do about too few levels: there were too few rests, or their memory is not known."""
    if len(rests) <= limits.cycles_needed:
        return "run the full scenario to its end"
    return sampling_advice(recording, rests[0].begin_t, last_t(recording))


def _x_and_y(numbered: Sequence[tuple[int, Level]]) -> tuple[Sequence[float], Sequence[float]]:
    return [number for number, _ in numbered], [level.pss_bytes for _, level in numbered]


def _last_quiet(recording: Recording) -> Span:
    """Find the last phase without calls that ended."""
    quiet = [span for span in spans(recording) if span.concurrent_calls == 0 and span.end_t is not None]
    return quiet[-1]


def _both_views(growth: Growth) -> str:
    every, without = growth.trend.slope, growth.without_largest_rise.slope
    return (
        f"growth: {format_quantity(every, 'bytes/cycle')}, "
        f"without its largest single rise: {format_quantity(without, 'bytes/cycle')}"
    )


def _is_one_jump(growth: Growth, limits: Limits) -> bool:
    """Whether a slope that is too large may be one jump of a heap: growth may be none, and is small without the jump."""
    limit = limits.cycle_growth_bytes
    return growth.trend.slope >= limit > growth.without_largest_rise.slope and growth.trend.low <= 0


def _measurement(growth: Growth, limits: Limits) -> Measurement:
    """Decide on the growth; it passes only if it is known well enough to have revealed a leak of the size that matters."""
    what, trend, low, limit = "growth per cycle", growth.trend, growth.trend.low, limits.cycle_growth_bytes
    one_jump = _is_one_jump(growth, limits)
    highest = min(trend.high, growth.without_largest_rise.high)  # a jump alone makes the interval wide
    if (trend.slope < limit or one_jump) and highest < RESOLUTION_BYTES:
        status = Status.PASS
    elif growth.least >= limit:
        status, low = Status.FAIL, growth.least
    else:
        status = Status.ERROR
    if one_jump and status is Status.PASS:
        what, trend = f"{what}, without its largest single rise", growth.without_largest_rise
        low = trend.low
    return _growing(what, trend, low, limits, status)


def _late_rests(
    recording: Recording, numbered: Sequence[tuple[int, Level]], limits: Limits
) -> tuple[int, int]:
    """Count the rests of the last third of the cycles, and those of them whose level is known."""
    rests = len(_rests(spans(recording)))
    third = (rests - limits.cycles_warm_up) // 3
    return third, sum(number >= rests - third for number, _ in numbered)


def _unknown(recording: Recording, third: int, known: int) -> tuple[Caveat, ...]:
    """Return a caveat if more than one level of the last third is unknown: a late leak would not show."""
    if third < _FEWEST_LATE or known >= third - 1:
        return ()
    reason = f"{known} of the {third} rests of the last third of the cycles have a settled level"
    begin_t = _rests(spans(recording))[-third].begin_t
    advice = sampling_advice(recording, begin_t, last_t(recording))
    return (Caveat(f"{reason}; needed: {third - 1}", advice),)


def _late(numbered: Sequence[tuple[int, Level]], late: int, limits: Limits) -> tuple[Measurement, ...]:
    """Decide on the growth in the last third of the cycles, if that has levels; one jump is no growth here either."""
    from voicegate.judge.fitting import late_growth  # noqa: PLC0415 - numpy, which every command would wait for

    if late < _FEWEST_LATE - 1:
        return ()
    growth = late_growth(*_x_and_y(numbered), late)
    status = Status.FAIL if growth.least >= limits.cycle_growth_bytes else Status.PASS
    return (_growing("growth per cycle in the last third", growth.trend, growth.least, limits, status),)


def _growing(what: str, trend: Trend, low: float, limits: Limits, status: Status) -> Measurement:
    bound, points, high = Bound(Side.BELOW, limits.cycle_growth_bytes), trend.points, trend.high
    return Measurement(what, trend.slope, "bytes/cycle", METRIC, bound, points, None, low, high, status)


def _return(first: Level, last: Level, limits: Limits) -> Measurement:
    what, bound = f"level of {last.phase} above {first.phase}", Bound(Side.AT_MOST, limits.return_bytes)
    low, above, high = last.above(first)
    samples = first.samples + last.samples
    return Measurement(what, above, "bytes", METRIC, bound, samples, last.window_s, low, high)
