"""L3: callers hear the agent soon after they dialed."""

from functools import partial
from math import inf

from pydantic import Field

from voicegate.judge.criterion import Caveat, Conclusion, Criterion, NotMeasured, RulesFor
from voicegate.judge.load.callers import callers_load, late_callers
from voicegate.judge.load.percentiles import Target, held_against
from voicegate.judge.undisturbed import measure_undisturbed
from voicegate.limits import StallLimits
from voicegate.measure.calls import calls_in_order, failed_by_others, unanswered
from voicegate.measure.stalls import with_shorter_joins
from voicegate.record.events import Recording


class Limits(StallLimits):
    """How soon callers hear the agent."""

    load_join_s: float = Field(
        default=5.0,
        gt=0,
        description="95 % of the callers must hear the agent within this time after dialing",
    )


def measure(recording: Recording, rules: RulesFor[Limits]) -> Conclusion:
    """Take a percentile of the time from dialing until the agent's track is heard; infinite where the agent never was."""
    calls = calls_in_order(recording)
    heard_s = [call.audio_t - call.dialed_t for call in calls if call.audio_t is not None]
    waits_s = heard_s + [inf for call in calls if call.audio_t is None and call.fault == "agent"]
    if not heard_s:
        unheard = Caveat("the agent was heard in no call", "see in the agent's log why it took no call")
        caveat = (*failed_by_others(calls), *unanswered(calls), unheard)[0]
        raise NotMeasured(caveat.reason, caveat.advice)
    measurements, few = held_against(
        "from dialing to the agent", waits_s, (Target(95, rules.limits.load_join_s),)
    )
    return Conclusion(
        measurements=measurements,
        stability=callers_load(recording),
        warnings=few + late_callers(recording, rules.limits),
        met=f"{len(heard_s)} callers, the slowest after {max(heard_s):.2f} s",
    )


judge = Criterion(
    id="L3-joins",
    title="callers hear the agent soon",
    question="How soon does a caller hear the agent?",
    passes="95 % of the callers hear the agent within 5 s",
    how=(
        "The time from dialing to the agent's track; percentiles by nearest rank. A call without an agent "
        "counts as infinite. Stalls and late callers make an ERROR, as in L2."
    ),
    formula="p95 of (agent's track heard - dialed)",
    when_it_fails="see in the agent's log whether processes for calls were kept ready, and how many",
    limits=Limits,
    measure=partial(measure_undisturbed, measure, without=with_shorter_joins),
    owes=("from dialing to the agent",),
)
