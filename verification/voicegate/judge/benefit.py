"""G10: the claim itself: what a call costs without sharing, less what it costs with it, is about the weights."""

from collections.abc import Sequence
from itertools import chain, pairwise, takewhile

from pydantic import Field

from voicegate.judge.criterion import Caveat, Conclusion, Criterion, Figure, Need, NotMeasured, RulesFor
from voicegate.judge.extra_connection import (
    by_calls,
    cost_measured,
    cost_up_to,
    levels_after_first,
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
from voicegate.record.events import Recording, VariantName

VARIANT: VariantName = "unshared"


class Limits(SettledLimits):
    """What sharing must save."""

    benefit_of_weights: float = Field(
        default=0.8,
        gt=0,
        description="sharing must save at least this fraction of the weights with every call",
    )


def measure(recording: Recording, rules: RulesFor[Limits]) -> Conclusion:
    """Compare the cost of a call in the variant without sharing with that in the main run."""
    variant = recording.variants[VARIANT]
    weights = recording.header.weights_bytes
    if weights is None:
        reason = "the size of the weights is not known"
        raise NotMeasured(reason, "give it as [agent] weights_bytes in the gate file")
    alone, shared = unshared_levels(variant, rules.limits), levels_after_first(recording, rules.limits)
    short = short_of_calls(variant, levels_of(variant, _loaded_or_fresh(variant), rules.limits))
    most = max((level.concurrent_calls for level in alone), default=0)
    without = _known(cost_up_to(alone, most), variant, "variant unshared", short)
    sharing = _known(cost_up_to(shared, most), recording, "the main run")
    savings = _savings(alone, sharing, Bound(Side.AT_LEAST, rules.limits.benefit_of_weights * weights))
    return Conclusion(
        measurements=savings,
        evidence=(
            *side_by_side(alone, shared),
            f"a call costs {format_bytes(without.slope)} without sharing, {format_bytes(sharing.slope)} with",
            f"weights: {format_bytes(weights)}",
            *(level.describe() for level in alone),
        ),
        stability=f"without sharing: {steadiness(alone)}; with: {steadiness(shared)}",
        caveats=short or _gaps(variant, alone),
        met=f"every further call saves {format_bytes(savings[0].value)} at least",
        restless=tuple(chain.from_iterable(level.restless for level in alone)),
    )


judge = Criterion(
    id="G10-benefit",
    title="sharing saves the weights with every call",
    question="What does sharing save?",
    passes="the same calls without sharing cost at least 80 % of the weights more, each",
    how=(
        "In the variant `unshared` the agent loads its own models for every call. For each number of "
        "concurrent calls the median settled level is taken. Each step from one number to the next, "
        "divided by the calls added, is compared with the cost of a call with sharing: the difference "
        "between the median levels without calls and with as many calls as the variant had, divided by "
        "these calls. Each step must save that much, so that a first call that loads models cannot hide "
        "further calls that load none. The interval is the widest that both allow. In the variant only "
        "the levels before its first call and during calls count, because models that are released take "
        "seconds to disappear."
    ),
    formula="saving of a step = (settled with more calls - settled with fewer) / calls added, without sharing - cost of a call with sharing",
    when_it_fails=(
        "see in C5 what a call still costs, and in the variant's log whether the agent really loads for "
        "every call"
    ),
    limits=Limits,
    measure=measure,
    owes=("saving from ",),
    needs=(Need.PROCESSES, Need.START, Need.FIRST_CALL),
    variant=VARIANT,
    figure=Figure("sharing saves", "per call"),
)


def unshared_levels(variant: Recording, limits: SettledLimits) -> Sequence[Level]:
    """List the settled levels of the variant without sharing: before its first call, and while somebody calls.

    What follows a call is left out: models that are given up take seconds to be gone.
    """
    return with_all_up(variant, levels_of(variant, _loaded_or_fresh(variant), limits))


def _loaded_or_fresh(variant: Recording) -> Sequence[Span]:
    found = spans(variant)
    fresh = takewhile(lambda span: span.concurrent_calls == 0, found)
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


def _known(trend: Trend | None, part: Recording, where: str, short: tuple[Caveat, ...] = ()) -> Trend:
    if trend is None:
        reason = f"no settled memory with two different numbers of calls in {where}"
        caveat = (*short, Caveat(reason, sampling_advice(part, 0.0, last_t(part))))[0]
        raise NotMeasured(caveat.reason, caveat.advice)
    return trend


def _savings(alone: Sequence[Level], sharing: Trend, bound: Bound) -> tuple[Measurement, ...]:
    """Measure what each step from one number of calls to the next saves per call, the least first."""
    steps = [(step_cost(before, after), before, after) for before, after in pairwise(by_calls(alone))]
    return tuple(
        cost_measured(f"saving from {before.concurrent_calls} to {after.phase}", _less(cost, sharing), bound)
        for cost, before, after in sorted(steps, key=lambda step: step[0].slope)
    )


def _less(cost: Trend, sharing: Trend) -> Trend:
    """Take off what a call costs with sharing."""
    return Trend(
        cost.slope - sharing.slope,
        cost.low - sharing.high,
        cost.high - sharing.low,
        cost.points + sharing.points,
    )


def _gaps(variant: Recording, levels: Sequence[Level]) -> tuple[Caveat, ...]:
    missing = {span.concurrent_calls: span for span in _loaded_or_fresh(variant)}
    for level in levels:
        missing.pop(level.concurrent_calls, None)
    return tuple(
        Caveat(f"no settled memory with {calls} calls without sharing", advice_for(variant, span))
        for calls, span in sorted(missing.items())
    )
