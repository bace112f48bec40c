"""L3: callers hear the agent soon after they dialed."""

from math import inf

from voicegate.judge.criterion import Conclusion, Doubt, NotMeasured, Rules, criterion
from voicegate.judge.load.callers import callers_load, late_callers
from voicegate.judge.load.percentiles import Target, held_against
from voicegate.measure.calls import calls_in_order, failed_by_others, unanswered
from voicegate.measure.phases import cut_off
from voicegate.record.events import Recording


@criterion("L3-joins", "callers hear the agent soon")
def judge(recording: Recording, rules: Rules) -> Conclusion:
    """Take a percentile of the time from dialing until the agent's track is heard; infinite where the agent never was."""
    calls = calls_in_order(recording)
    heard_s = [call.audio_t - call.dialed_t for call in calls if call.audio_t is not None]
    waits_s = heard_s + [inf for call in calls if call.audio_t is None and call.fault == "agent"]
    if not heard_s:
        unheard = Doubt("the agent was heard in no call", "see in the agent's log why it took no call")
        doubt = (*failed_by_others(calls), *unanswered(calls), unheard)[0]
        raise NotMeasured(doubt.reason, doubt.advice)
    measurements, few = held_against(
        "from dialing to the agent", waits_s, (Target(95, rules.limits.load_join_s),)
    )
    return Conclusion(
        measurements=measurements,
        stability=callers_load(recording),
        doubts=cut_off(recording),
        warnings=few + late_callers(recording, rules.limits),
        met=f"{len(heard_s)} callers, the slowest after {max(heard_s):.2f} s",
        advice="see in the agent's log whether processes for calls were kept ready, and how many",
    )
