"""C5: each further concurrent connection is cheap.

The first further call and the crowds are measured apart, so that many phases with one call cannot hide what the fifth one costs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain, pairwise
from statistics import median

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
from voicegate.judge.finding import Bound, Measurement, Side
from voicegate.judge.trend import Trend
from voicegate.limits import SettledLimits
from voicegate.measure.calls import Call, calls_in_order, every_call, failed_by_others
from voicegate.measure.memory_levels import (
    METRIC,
    Level,
    advice_for,
    level_between,
    levels_of,
    sampling_advice,
    steadiness,
)
from voicegate.measure.phases import (
    BEFORE_TABS,
    MORE_CALLS,
    Span,
    after_first_call,
    cut_off,
    does_rise,
    every_span,
    last_t,
    spans,
)
from voicegate.quantity import format_bytes, number_of
from voicegate.record.events import Recording

FROM_PAGE = "three tabs of the web page"
_MAY_LACK = 0.1
"""So large a part of the phases may have no settled level: a dear call among the others would be seen in the rest."""


class Limits(SettledLimits):
    """What a further call may cost."""

    extra_connection_bytes: int = Field(
        default=100_000_000, gt=0, description="a further concurrent call must add less than this"
    )


def measure(recording: Recording, rules: RulesFor[Limits]) -> Conclusion:
    """Weigh every phase after the first call against its number of concurrent calls."""
    later = _without_leavers(recording, after_first_call(spans(recording)), rules.limits)
    levels = levels_after_first(recording, rules.limits)
    short = short_of_calls(recording, levels_of(recording, later, rules.limits))
    steps = rises(levels)
    if not steps:
        reason = "no two phases with enough memory samples in which the number of calls rises"
        caveat = (*short, Caveat(reason, sampling_advice(recording, later[0].begin_t, last_t(recording))))[0]
        raise NotMeasured(caveat.reason, caveat.advice)
    bound = Bound(Side.BELOW, rules.limits.extra_connection_bytes)
    widest_first = sorted(levels, key=lambda level: level.spread_bytes, reverse=True)
    return Conclusion(
        measurements=(
            *typical_steps(levels, bound),
            _worst_step(steps, bound),
            *_from_page(recording, rules.limits, bound),
        ),
        evidence=(_table(levels), *(_describe(a, b) for a, b in _dearest_first(steps)[:3])),
        stability=steadiness(levels),
        caveats=short or _gaps(recording, later, levels),
        restless=tuple(chain.from_iterable(level.restless for level in widest_first)),
    )


judge = Criterion(
    id="C5-extra-connection",
    title="each further connection is cheap",
    question="What does each further call cost in memory?",
    passes="each further concurrent call costs less than 100 MB",
    how=(
        "For each number of concurrent calls, the median of all settled levels after the first call is "
        "taken. Each step from one number to the next, divided by the calls added, must be below the "
        "limit. So must the largest single step between two consecutive phases, because it also shows "
        "memory that a call takes and never gives back. A phase counts only if all its planned calls were "
        "up while its level was taken. Where three tabs of a web page called at once, what each of them "
        "added to the rest before must be below the limit too."
    ),
    formula="cost of a step = (settled with more calls - settled with fewer) / calls added",
    when_it_fails="look for what each call allocates for itself: models, sessions, audio buffers",
    limits=Limits,
    measure=measure,
    owes=("from ", "worst step"),
    needs=(Need.PROCESSES, Need.FIRST_CALL),
    parts=(MORE_CALLS,),
    answered=every_call,
    figure=Figure("each further call"),
    profiled=True,
)


def _without_leavers(recording: Recording, later: Sequence[Span], limits: Limits) -> Sequence[Span]:
    """Leave out the phases whose callers left by themselves while they were measured; raises NotRun where that leaves no rise."""
    calls = calls_in_order(recording)
    left = {
        level.phase
        for level in levels_of(recording, later, limits)
        if _up(level, calls) < level.concurrent_calls and _left_themselves(level, calls)
    }
    stayed = [span for span in later if span.name not in left]
    if does_rise(later) and not does_rise(stayed) and not cut_off(recording):
        raise NotRun(
            "in each phase with more calls than the one before, callers leave by themselves",
            "play a scenario whose callers stay: voicegate verify --scenario full",
        )
    return stayed


def levels_after_first(recording: Recording, limits: SettledLimits) -> Sequence[Level]:
    """List the settled levels of all phases after the first call in which all of their calls were up."""
    return with_all_up(recording, levels_of(recording, after_first_call(spans(recording)), limits))


def with_all_up(recording: Recording, levels: Sequence[Level]) -> Sequence[Level]:
    """Leave out the levels in whose window fewer calls were up than their phase is named for."""
    calls = calls_in_order(recording) if recording.calls else ()
    return [level for level in levels if _up(level, calls) >= level.concurrent_calls]


def short_of_calls(recording: Recording, levels: Sequence[Level]) -> tuple[Caveat, ...]:
    """Return a caveat for each level that lacks calls, and say why the first of those ended. Where callers left by themselves there is no level to doubt."""
    calls = calls_in_order(recording)
    levels = [level for level in levels if not _left_themselves(level, calls)]
    return tuple(_short(level, calls) for level in levels if _up(level, calls) < level.concurrent_calls)


def _left_themselves(level: Level, calls: Sequence[Call]) -> bool:
    """Whether every call of a level's phase was made, and those that were over had been ended by their callers."""
    own = [call for call in calls if call.phase == level.phase]
    return len(own) >= level.concurrent_calls and not any(
        call.cut_short or call.answered_t is None for call in own if call.until_t < level.end_t
    )


def _up(level: Level, calls: Sequence[Call]) -> int:
    """Count the calls of its phase that were up for the whole of a level's window."""
    own = [call for call in calls if call.phase == level.phase and call.up_at(level.begin_t)]
    return sum(call.until_t >= level.end_t for call in own)


def _short(level: Level, calls: Sequence[Call]) -> Caveat:
    own = [call for call in calls if call.phase == level.phase and call.until_t < level.end_t]
    reason = f"{_up(level, calls)} of {level.concurrent_calls} calls were up while {level.phase} was measured"
    if others := failed_by_others(own):
        return Caveat(f"{reason}: {others[0].reason}", others[0].advice)
    ended = f": {own[0].name} ended at {own[0].until_t:.1f} s" if own else ""
    return Caveat(f"{reason}{ended}", "see in the agent's log why it left before its caller hung up")


def cost_per_call(levels: Sequence[Level]) -> Trend | None:
    """Fit what a concurrent call adds to settled memory; None without two different numbers of calls."""
    from voicegate.judge.fitting import theil_sen  # noqa: PLC0415 - numpy, which every command would wait for

    calls = [level.concurrent_calls for level in levels]
    if len(set(calls)) < 2:
        return None
    return theil_sen(calls, [level.pss_bytes for level in levels])


def by_calls(levels: Sequence[Level]) -> Sequence[Level]:
    """Take the median level for each number of concurrent calls, in their order; its range is that of a typical window."""
    counts = sorted({level.concurrent_calls for level in levels})
    return [_typical([level for level in levels if level.concurrent_calls == calls]) for calls in counts]


def _typical(levels: Sequence[Level]) -> Level:
    calls = levels[0].concurrent_calls
    return replace(
        levels[0],
        phase=number_of(calls, "call"),
        pss_bytes=median(level.pss_bytes for level in levels),
        low_bytes=median(level.low_bytes for level in levels),
        high_bytes=median(level.high_bytes for level in levels),
        samples=sum(level.samples for level in levels),
    )


def cost_up_to(levels: Sequence[Level], most: int) -> Trend | None:
    """Measure what a call costs from the fewest calls to so many, or the next fewer that there were; None without two numbers."""
    typical = [level for level in by_calls(levels) if level.concurrent_calls <= most]
    if len(typical) < 2:
        return None
    return step_cost(typical[0], typical[-1])


def typical_steps(levels: Sequence[Level], bound: Bound) -> Sequence[Measurement]:
    """Measure each step from one number of calls to the next, the dearest first."""
    return [
        cost_measured(f"from {before.concurrent_calls} to {after.phase}", step_cost(before, after), bound)
        for before, after in _dearest_first(pairwise(by_calls(levels)))
    ]


def cost_measured(what: str, cost: Trend, bound: Bound, window_s: float | None = None) -> Measurement:
    """Hold what a call costs, or saves, against a limit."""
    slope, low, high = cost.slope, cost.low, cost.high
    return Measurement(what, slope, "bytes/call", METRIC, bound, cost.points, window_s, low, high)


def step_cost(before: Level, after: Level) -> Trend:
    """Measure the bytes per added call, as the two windows allow."""
    added = after.concurrent_calls - before.concurrent_calls
    low, typical, high = after.above(before)
    return Trend(typical / added, low / added, high / added, before.samples + after.samples)


def rises(levels: Sequence[Level]) -> Sequence[tuple[Level, Level]]:
    """List the single steps: levels of two phases that follow each other, the later one with more calls."""
    return [(a, b) for a, b in pairwise(levels) if b.concurrent_calls > a.concurrent_calls]


def worst_of(steps: Sequence[tuple[Level, Level]], limit: float) -> tuple[Level, Level]:
    """Find the step that fails for certain, else the one that comes nearest to failing."""
    return max(steps, key=lambda step: (step_cost(*step).low >= limit, step_cost(*step).high))


def _worst_step(steps: Sequence[tuple[Level, Level]], bound: Bound) -> Measurement:
    before, after = worst_of(steps, bound.limit)
    what = f"worst step, {before.phase} to {after.phase}"
    return cost_measured(what, step_cost(before, after), bound, after.window_s)


def _from_page(recording: Recording, limits: Limits, bound: Bound) -> tuple[Measurement, ...]:
    """Measure what each tab of a web page costs while several are in a call; nothing where no rest came before, or they were not there together."""
    rests = (span for span in every_span(recording) if span.name == BEFORE_TABS)
    before = next(iter(levels_of(recording, rests, limits)), None)
    calls = [call for call in recording.page_calls if call.test == "three tabs"]
    if before is None or len(calls) < 2 or any(call.connected_s is None for call in calls):
        return ()
    begin_t = max(call.began_t + (call.connected_s or 0.0) for call in calls)
    together = Span("three tabs", begin_t, min(call.t for call in calls), len(calls))
    level = level_between(recording, together, together.begin_t, together.until_t)
    return (
        () if level is None else (cost_measured(FROM_PAGE, step_cost(before, level), bound, level.window_s),)
    )


def _dearest_first(steps: Iterable[tuple[Level, Level]]) -> Sequence[tuple[Level, Level]]:
    return sorted(steps, key=lambda step: step_cost(*step).slope, reverse=True)


def _describe(before: Level, after: Level) -> str:
    cost = format_bytes(step_cost(before, after).slope)
    return (
        f"{before.phase} to {after.phase}: {before.concurrent_calls} to {after.concurrent_calls} calls,"
        f" {format_bytes(before.pss_bytes)} to {format_bytes(after.pss_bytes)}, {cost} per call"
    )


def _table(levels: Sequence[Level]) -> str:
    by_calls: dict[int, list[float]] = {}
    for level in levels:
        by_calls.setdefault(level.concurrent_calls, []).append(level.pss_bytes)
    cells = (
        f"{number_of(calls, 'call')} {format_bytes(min(values))} to {format_bytes(max(values))} ({len(values)}x)"
        for calls, values in sorted(by_calls.items())
    )
    return f"settled tree PSS: {', '.join(cells)}"


def _gaps(recording: Recording, later: Sequence[Span], levels: Sequence[Level]) -> tuple[Caveat, ...]:
    """Return a caveat when no level tells about a number of calls that the scenario had, or about more than a tenth of its phases."""
    missing = {span.concurrent_calls: span for span in later}
    for level in levels:
        missing.pop(level.concurrent_calls, None)
    if not missing and len(levels) < (1 - _MAY_LACK) * len(later):
        seen = {level.begin_t for level in levels}
        unseen = [span for span in later if not any(span.has(t) for t in seen)]
        reason = f"no settled memory in {len(unseen)} of {len(later)} phases ({unseen[0].name})"
        return (Caveat(reason, advice_for(recording, unseen[0])),)
    return tuple(
        Caveat(f"no settled memory with {calls} concurrent calls", advice_for(recording, span))
        for calls, span in sorted(missing.items())
    )
