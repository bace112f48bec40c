"""L1: calls come about and last."""

from collections.abc import Sequence

from voicegate.judge.criterion import Conclusion, Doubt, NotMeasured, Rules, criterion
from voicegate.judge.finding import Bound, Measurement, Side
from voicegate.judge.load.callers import callers_load
from voicegate.measure.calls import Call, calls_in_order, failed_by_others
from voicegate.measure.phases import cut_off
from voicegate.record.events import Recording

_SHOWN = 8


@criterion("L1-calls", "calls come about and last")
def judge(recording: Recording, rules: Rules) -> Conclusion:
    """Count the calls that failed: no room, no agent, an agent that left."""
    every = calls_in_order(recording)
    others = failed_by_others(every)
    calls = [call for call in every if call.speaks_of_agent]
    if not calls:
        doubt = next(
            iter(others), Doubt("every call was still going on when the run ended", "let it run for longer")
        )
        raise NotMeasured(doubt.reason, doubt.advice)
    failed = [call for call in calls if call.failure is not None]
    return Conclusion(
        measurements=(
            Measurement(
                "calls that failed",
                len(failed) / len(calls),
                "fraction",
                "calls",
                Bound(Side.AT_MOST, rules.limits.load_failed_calls),
                samples=len(calls),
            ),
        ),
        evidence=tuple(f"{call.name} at {call.dialed_t:.1f} s: {call.failure}" for call in failed[:_SHOWN]),
        stability=callers_load(recording),
        doubts=cut_off(recording) + others + _open(recording, every) + _no_turns(calls),
        met=f"{len(calls) - len(failed)} of {len(calls)} calls went well",
        advice="see in agent.log and livekit-server.log beside the report what happened at these times",
    )


def _open(recording: Recording, every: Sequence[Call]) -> tuple[Doubt, ...]:
    """Doubt a whole run in which calls never ended: what is known of them is not all."""
    still = [call.name for call in every if not call.is_over]
    if cut_off(recording) or not still:
        return ()
    return (Doubt(f"calls of which no end was recorded: {len(still)} ({still[0]})"),)


def _no_turns(calls: Sequence[Call]) -> tuple[Doubt, ...]:
    if any(call.turns for call in calls):
        return ()
    return (Doubt("nobody came to say anything", "let it run for longer"),)
