"""L1: calls come about and last."""

from verification.judge.calls import calls_in_order
from verification.judge.criterion import Conclusion, Doubt, NotMeasured, Rules, criterion
from verification.judge.finding import Bound, Measurement, Side
from verification.judge.load.callers import callers_load
from verification.judge.spans import cut_off
from verification.record.events import Recording

_SHOWN = 8


@criterion("L1-calls", "calls come about and last")
def judge(recording: Recording, rules: Rules) -> Conclusion:
    """Count the calls that failed: no room, no agent, an agent that left, a caller whose own process died."""
    calls = [call for call in calls_in_order(recording) if not call.broken_off]
    if not calls:
        raise NotMeasured("every call was still going on when the run ended", "let it run for longer")
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
        doubts=cut_off(recording) + _no_turns(calls_with_turns=sum(bool(call.turns) for call in calls)),
        met=f"{len(calls) - len(failed)} of {len(calls)} calls went well",
        advice="see in agent.log and livekit-server.log beside the report what happened at these times",
    )


def _no_turns(calls_with_turns: int) -> tuple[Doubt, ...]:
    return () if calls_with_turns else (Doubt("nobody came to say anything", "let it run for longer"),)
