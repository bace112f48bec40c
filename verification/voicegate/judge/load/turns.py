"""L2: reply latency, over all turns; a turn without a reply counts as one with an infinite wait."""

from math import inf

from voicegate.judge.calls import by_turn, calls_in_order
from voicegate.judge.criterion import Conclusion, NotMeasured, Rules, criterion
from voicegate.judge.finding import Bound, Measurement, Side
from voicegate.judge.load.callers import callers_load, late_callers
from voicegate.judge.load.percentiles import Target, held_against
from voicegate.judge.spans import cut_off
from voicegate.limits import Limits
from voicegate.record.events import Recording, Turn


@criterion("L2-turns", "replies come soon")
def judge(recording: Recording, rules: Rules) -> Conclusion:
    """Take percentiles of the time from the end of the caller's speech to the first sound of the reply."""
    turns = [turn for _, turn in by_turn(calls_in_order(recording))]
    if not turns:
        raise NotMeasured(
            "nobody said anything in any call", "see in the agent's log why no call came to a turn"
        )
    waits_s = [wait_of(turn) for turn in turns]
    answered = sum(turn.latency_s is not None for turn in turns)
    waits, few = held_against("wait for a reply", waits_s, targets(rules.limits))
    late = late_callers(recording, rules.limits)
    return Conclusion(
        measurements=(*waits, _unanswered(len(turns), len(turns) - answered, rules)),
        stability=callers_load(recording),
        doubts=cut_off(recording),
        warnings=few + late,
        met=f"{answered} replies, half of all turns answered within {waits[0].value_text}",
        advice="; ".join(
            (
                *(doubt.advice for doubt in late),
                "see in the report when it was slow, and how many called then",
            )
        ),
    )


def wait_of(turn: Turn) -> float:
    """Return how many seconds the caller waited: infinitely without a reply, not at all for one that came too early."""
    return inf if turn.latency_s is None else max(0.0, turn.latency_s)


def targets(limits: Limits) -> tuple[Target, ...]:
    """List the percentiles of the waits, and what each must stay below."""
    return (
        Target(50, limits.load_turn_p50_s),
        Target(95, limits.load_turn_p95_s),
        Target(99, limits.load_turn_p99_s),
    )


def _unanswered(turns: int, unanswered: int, rules: Rules) -> Measurement:
    return Measurement(
        "turns without a reply",
        unanswered / turns,
        "fraction",
        "turns",
        Bound(Side.AT_MOST, rules.limits.load_failed_calls),
        samples=turns,
    )
