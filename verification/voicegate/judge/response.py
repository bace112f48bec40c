"""T1: the answer comes soon after the caller has finished, in calls with nobody else on the line."""

from collections.abc import Sequence
from functools import partial

from pydantic import Field

from voicegate.judge.criterion import Conclusion, Criterion, RulesFor
from voicegate.judge.load.percentiles import Target, held_against
from voicegate.judge.undisturbed import measure_undisturbed
from voicegate.limits import SpeechLimits, StallLimits
from voicegate.measure.calls import Call, by_turn, calls_in_order, nobody_spoke, untold
from voicegate.measure.phases import missing_part
from voicegate.measure.waits import wait_of
from voicegate.quantity import format_quantity, number_of
from voicegate.record.events import Recording, Turn

_SHOWN = 4
_WAIT = "wait for an answer"


class Limits(SpeechLimits, StallLimits):
    """How soon the answer must come."""

    response_p50_s: float = Field(
        default=1.0, gt=0, description="half of the answers must come within this time"
    )
    response_p95_s: float = Field(
        default=2.5, gt=0, description="95 % of the answers must come within this time"
    )


def measure(recording: Recording, rules: RulesFor[Limits]) -> Conclusion:
    """Take percentiles of the wait for an answer over all turns of callers who were alone with the agent."""
    turns = turns_alone(recording)
    targets = Target(50, rules.limits.response_p50_s), Target(95, rules.limits.response_p95_s)
    waits, few = held_against(_WAIT, [wait_of(turn) for _, turn in turns], targets)
    slowest = sorted(turns, key=lambda pair: wait_of(pair[1]), reverse=True)[:_SHOWN]
    return Conclusion(
        measurements=waits,
        evidence=tuple(_describe(call, turn) for call, turn in slowest),
        stability="; ".join(
            (
                f"{number_of(len(turns), 'turn')} with nobody else in a call, by nearest rank",
                *(one.reason for one in few),
            )
        ),
        caveats=untold(calls_in_order(recording)),
        met=f"half of {len(turns)} turns answered within {waits[0].value_text}",
    )


judge = Criterion(
    id="T1-response",
    title="the answer comes soon",
    question="Does the answer come soon?",
    passes="half of the answers come within 1.0 s, 95 % within 2.5 s",
    how=(
        "The wait from the end of the caller's speech to the first sound of the answer, over all turns in "
        "which nobody else was in a call; percentiles by nearest rank. A turn without an answer counts as "
        'an infinite wait. A filler ("one moment, please") counts as an answer, unless `[agent] fillers` '
        "names it."
    ),
    formula="p50, p95 of (first sound of the answer - end of the caller's speech)",
    when_it_fails="see in the agent's log what takes long: the end of the turn, the models, or the language model",
    limits=Limits,
    measure=partial(measure_undisturbed, measure),
    owes=(f"{_WAIT}, p50", f"{_WAIT}, p95"),
)


def turns_alone(recording: Recording) -> Sequence[tuple[Call, Turn]]:
    """List the turns of callers who were alone with the agent, at least one. Raises NotRun or NotMeasured when there is none."""
    calls = calls_in_order(recording)
    if not any(call.turns for call in calls):
        raise nobody_spoke(calls)
    turns = [(call, turn) for call, turn in by_turn(calls) if _is_alone(call, turn, calls)]
    if not turns:
        raise missing_part(recording, "turn of a caller who is alone with the agent")
    return turns


def _is_alone(call: Call, turn: Turn, calls: Sequence[Call]) -> bool:
    """Whether nobody else had dialed and was not gone yet when the caller had finished."""
    return not any(
        other.dialed_t <= turn.speech_end_t < (other.left_t or float("inf"))
        for other in calls
        if other is not call
    )


def _describe(call: Call, turn: Turn) -> str:
    answer = (
        "no answer" if turn.latency_s is None else f"answered after {format_quantity(turn.latency_s, 's')}"
    )
    return f"{call.name} turn {turn.index + 1}: {answer}"
