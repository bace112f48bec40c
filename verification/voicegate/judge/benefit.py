"""G10: the claim itself: what a call costs without sharing, less what it costs with it, is about the weights."""

import itertools
from collections.abc import Sequence

from pydantic import Field

from voicegate.judge.criterion import Conclusion, Criterion, Doubt, Figure, Need, NotMeasured, RulesFor
from voicegate.judge.extra_connection import (
    cost_measured,
    cost_per_call,
    cost_up_to,
    levels_after_first,
    rises,
    short_of_calls,
    step_cost,
    with_all_up,
)
from voicegate.judge.finding import Bound, Measurement, Side
from voicegate.judge.trend import Trend
from voicegate.limits import SettledLimits
from voicegate.measure.memory_levels import Level, advice_for, levels_of, sampling_advice, steadiness
from voicegate.measure.phases import Span, last_t, spans
from voicegate.quantity import format_bytes
from voicegate.record.events import ActName, Recording

ACT: ActName = "unshared"


class Limits(SettledLimits):
    """What sharing must save."""

    benefit_of_weights: float = Field(
        default=0.8, gt=0, description="sharing must save this fraction of the weights with every call"
    )


def measure(recording: Recording, rules: RulesFor[Limits]) -> Conclusion:
    """Compare the cost of a call in the act without sharing with that in the run proper."""
    act = recording.acts[ACT]
    weights = recording.header.weights_bytes
    if weights is None:
        reason = "the size of the weights is not known"
        raise NotMeasured(reason, "give it as [agent] weights_bytes in the gate file")
    alone, shared = unshared_levels(act, rules.limits), levels_after_first(recording, rules.limits)
    short = short_of_calls(act, levels_of(act, _loaded_or_fresh(act), rules.limits))
    most = max((level.concurrent_calls for level in alone), default=0)
    without = _known(cost_per_call(alone), act, "act unshared", short)
    sharing = _known(cost_up_to(shared, most), recording, "the run proper")
    least_bytes = rules.limits.benefit_of_weights * weights
    return Conclusion(
        measurements=(
            _saving("saving with every call", without, sharing, least_bytes),
            *_least_step(alone, sharing, least_bytes / 2),
        ),
        evidence=(
            *side_by_side(alone, shared),
            f"a call costs {format_bytes(without.slope)} without sharing, {format_bytes(sharing.slope)} with",
            f"weights: {format_bytes(weights)}",
            *(level.describe() for level in alone),
        ),
        stability=f"without sharing: {steadiness(alone)}; with: {steadiness(shared)}",
        doubts=short or _gaps(act, alone),
        met=f"every further call saves {format_bytes(without.slope - sharing.slope)}",
        restless=tuple(itertools.chain.from_iterable(level.restless for level in alone)),
        advice="see in C5 what a call still costs, and in the act whether the agent really loads for every call",
    )


judge = Criterion(
    id="G10-benefit",
    title="sharing saves the weights with every call",
    question="What does sharing save?",
    passes="the same calls without sharing cost at least 80 % of the weights more, each",
    how="In the act `unshared` the agent loads models of its own for every call. What a call costs there is the slope over concurrent calls; "
    "with sharing it is what lies between the median levels without calls and with as many calls as the act had, per call. The "
    "interval is the widest that both allow. The step without sharing that saves least must save half of that, so that a line "
    "through all levels cannot hide that only the first call loaded anything. Of the act only the levels before its first call "
    "and with callers count: models that are given up take seconds to be gone.",
    formula="saving = cost of a call without sharing - cost of a call with sharing",
    limits=Limits,
    measure=measure,
    owes=("saving with every call", "saving of the least step"),
    needs=(Need.PROCESSES, Need.START, Need.FIRST_CALL),
    act=ACT,
    figure=Figure("sharing saves", "per call"),
)


def unshared_levels(act: Recording, limits: SettledLimits) -> Sequence[Level]:
    """List the settled levels of the act without sharing: before its first call, and while somebody calls.

    What follows a call is left out: models that are given up take seconds to be gone.
    """
    return with_all_up(act, levels_of(act, _loaded_or_fresh(act), limits))


def _loaded_or_fresh(act: Recording) -> Sequence[Span]:
    found = spans(act)
    fresh = itertools.takewhile(lambda span: span.concurrent_calls == 0, found)
    return [*fresh, *(span for span in found if span.concurrent_calls > 0)]


def side_by_side(alone: Sequence[Level], shared: Sequence[Level]) -> Sequence[str]:
    """Write both levels for each number of concurrent calls that both have, the most calls first."""
    both = {level.concurrent_calls for level in alone} & {level.concurrent_calls for level in shared}
    return [
        f"{calls} calls: {_highest(alone, calls)} without sharing, {_highest(shared, calls)} with"
        for calls in sorted(both - {0}, reverse=True)
    ]


def _highest(levels: Sequence[Level], calls: int) -> str:
    return format_bytes(max(level.pss_bytes for level in levels if level.concurrent_calls == calls))


def _known(trend: Trend | None, part: Recording, where: str, short: tuple[Doubt, ...] = ()) -> Trend:
    if trend is None:
        reason = f"no settled memory with two different numbers of calls in {where}"
        doubt = (*short, Doubt(reason, sampling_advice(part, 0.0, last_t(part))))[0]
        raise NotMeasured(doubt.reason, doubt.advice)
    return trend


def _saving(what: str, cost: Trend, sharing: Trend, least_bytes: float) -> Measurement:
    saved, low, high = cost.slope - sharing.slope, cost.low - sharing.high, cost.high - sharing.low
    return cost_measured(
        what, Trend(saved, low, high, cost.points + sharing.points), Bound(Side.AT_LEAST, least_bytes)
    )


def _least_step(alone: Sequence[Level], sharing: Trend, least_bytes: float) -> Sequence[Measurement]:
    """Measure the step without sharing that saves least: a line through all levels may hide that only the first call loaded anything."""
    steps = rises(alone)
    if not steps:
        return ()
    before, after = min(steps, key=lambda step: step_cost(*step).slope)
    what = f"saving of the least step, {before.phase} to {after.phase}"
    return (_saving(what, step_cost(before, after), sharing, least_bytes),)


def _gaps(act: Recording, levels: Sequence[Level]) -> tuple[Doubt, ...]:
    missing = {span.concurrent_calls: span for span in _loaded_or_fresh(act)}
    for level in levels:
        missing.pop(level.concurrent_calls, None)
    return tuple(
        Doubt(f"no settled memory with {calls} calls without sharing", advice_for(act, span))
        for calls, span in sorted(missing.items())
    )
