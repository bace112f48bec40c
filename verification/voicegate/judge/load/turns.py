"""L2: reply latency, over all turns; a turn without a reply counts as one with an infinite wait."""

from functools import partial

from pydantic import Field

from voicegate.judge.criterion import Conclusion, Criterion, RulesFor
from voicegate.judge.finding import Bound, Measurement, Side
from voicegate.judge.load.callers import callers_load, late_callers
from voicegate.judge.load.percentiles import Target, held_against
from voicegate.judge.undisturbed import measure_undisturbed
from voicegate.limits import LoadFailureLimits, SpeechLimits, StallLimits
from voicegate.measure.calls import by_turn, calls_in_order, nobody_spoke, untold
from voicegate.measure.stalls import with_shorter_waits
from voicegate.measure.waits import wait_of
from voicegate.record.events import Recording

WHEN_IT_FAILS = "see in the report when replies were slow, and how many callers there were at that time"


class Limits(LoadFailureLimits, SpeechLimits, StallLimits):
    """How soon replies come under load."""

    load_turn_p50_s: float = Field(
        default=3.0, gt=0, description="half of the replies must come within this time"
    )
    load_turn_p95_s: float = Field(
        default=6.0, gt=0, description="95 % of the replies must come within this time"
    )
    load_turn_p99_s: float = Field(
        default=10.0, gt=0, description="99 % of the replies must come within this time"
    )


def measure(recording: Recording, rules: RulesFor[Limits]) -> Conclusion:
    """Take percentiles of the time from the end of the caller's speech to the first sound of the reply."""
    calls = calls_in_order(recording)
    turns = [turn for _, turn in by_turn(calls)]
    if not turns:
        raise nobody_spoke(calls)
    waits_s = [wait_of(turn) for turn in turns]
    answered = sum(turn.latency_s is not None for turn in turns)
    waits, few = held_against("wait for a reply", waits_s, targets(rules.limits))
    late = late_callers(recording, rules.limits)
    without, bound = (len(turns) - answered) / len(turns), Bound(Side.AT_MOST, rules.limits.load_failed_calls)
    return Conclusion(
        measurements=(
            *waits,
            Measurement("turns without a reply", without, "fraction", "turns", bound, len(turns)),
        ),
        stability=callers_load(recording),
        caveats=untold([call for call in calls if not call.failed_by_others]),
        warnings=few + late,
        met=f"{answered} replies, half of all turns answered within {waits[0].value_text}",
        advice="; ".join((*(caveat.advice for caveat in late), WHEN_IT_FAILS)),
    )


judge = Criterion(
    id="L2-turns",
    title="replies come soon",
    question="How long do callers wait for a reply?",
    passes="the wait for a reply: p50 3 s, p95 6 s, p99 10 s; turns without a reply at most 1 %",
    how=(
        "The wait from the end of the caller's speech to the first sound of the reply, over all turns; "
        "percentiles by nearest rank. A turn without a reply counts as infinite. A percentile with too "
        "few values (20 are needed for p95, 100 for p99) is the largest of them; it is judged, with a "
        "warning. If a wait is too long only by the time for which the machine stalled or the callers "
        "were late, the result is an ERROR, unless the agent used most of the cores."
    ),
    formula="p50, p95, p99 of (first sound of the reply - end of the caller's speech)",
    when_it_fails=WHEN_IT_FAILS,
    limits=Limits,
    measure=partial(measure_undisturbed, measure, without=with_shorter_waits),
    owes=(*(f"wait for a reply, p{percent}" for percent in (50, 95, 99)), "turns without a reply"),
)


def targets(limits: Limits) -> tuple[Target, ...]:
    """List the percentiles of the waits, and what each must stay below."""
    return (
        Target(50, limits.load_turn_p50_s),
        Target(95, limits.load_turn_p95_s),
        Target(99, limits.load_turn_p99_s),
    )
