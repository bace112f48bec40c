"""L1: calls connect and stay up."""

from collections.abc import Sequence
from functools import partial

from voicegate.judge.criterion import Caveat, Conclusion, Criterion, Figure, NotMeasured, RulesFor
from voicegate.judge.finding import Bound, Measurement, Side
from voicegate.judge.load.callers import callers_load
from voicegate.judge.undisturbed import measure_undisturbed
from voicegate.limits import LoadFailureLimits, StallLimits
from voicegate.measure.calls import Call, calls_in_order, failed_by_others, why_failed
from voicegate.measure.stalls import without_stalled_ends
from voicegate.record.events import Recording

_SHOWN = 8


class Limits(LoadFailureLimits, StallLimits):
    """How many calls may fail, and what makes a stall."""


def measure(recording: Recording, rules: RulesFor[Limits]) -> Conclusion:
    """Count the calls that failed: no room, no agent, an agent that left."""
    every = calls_in_order(recording)
    others = failed_by_others(every)
    calls = [call for call in every if call.speaks_of_agent]
    if not calls:
        still = Caveat("every call was still going on when the run ended", "run it for longer (-t)")
        caveat = (*others, still)[0]
        raise NotMeasured(caveat.reason, caveat.advice)
    failed = [call for call in calls if call.failure is not None]
    bound, part = Bound(Side.AT_MOST, rules.limits.load_failed_calls), len(failed) / len(calls)
    return Conclusion(
        measurements=(Measurement("calls that failed", part, "fraction", "calls", bound, len(calls)),),
        evidence=tuple(f"{call.name} at {call.dialed_t:.1f} s: {call.failure}" for call in failed[:_SHOWN]),
        stability=callers_load(recording),
        caveats=(*others, *_too_early(calls)),
        met=f"{len(calls) - len(failed)} of {len(calls)} calls went well",
        because=why_failed(failed),
    )


judge = Criterion(
    id="L1-calls",
    title="calls connect and stay up",
    question="Do calls connect and stay up?",
    passes="at most 1 % of the calls fail",
    how=(
        "A call fails if it gets no room or no agent, or if the agent leaves it. Calls that failed "
        "because of the LiveKit server or the gate's own callers are an ERROR that names them; calls that "
        "were still going on when the run ended do not count. If a stall of the machine, or callers who "
        "were late themselves, explain most of the time before each failure, that is an ERROR as well, "
        "unless the agent used most of the cores."
    ),
    formula="failed calls / calls",
    when_it_fails="see in agent.log and livekit-server.log beside the report what happened at these times",
    limits=Limits,
    measure=partial(measure_undisturbed, measure, without=without_stalled_ends),
    owes=("calls that failed",),
    figure=Figure("calls failed", "of all"),
)


def _too_early(calls: Sequence[Call]) -> tuple[Caveat, ...]:
    """Return a caveat if nobody spoke in the run."""
    if any(call.turns for call in calls):
        return ()
    return (Caveat("nobody came to say anything", "run it for longer (-t)"),)
