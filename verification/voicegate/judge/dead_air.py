"""T6: a caller who is owed an answer is not left in silence, in calls with nobody else on the line."""

from functools import partial

from pydantic import Field

from voicegate.judge.criterion import Conclusion, Criterion, RulesFor
from voicegate.judge.finding import Bound, Measurement, Side
from voicegate.judge.response import turns_alone
from voicegate.judge.undisturbed import measure_undisturbed
from voicegate.limits import SpeechLimits, StallLimits
from voicegate.measure.calls import calls_in_order, untold
from voicegate.measure.dead_air import silence_s
from voicegate.quantity import format_quantity, number_of
from voicegate.record.events import Recording

_SHOWN = 4
_SILENCE = "longest silence while an answer is owed"


class Limits(SpeechLimits, StallLimits):
    """How long the silence may be."""

    dead_air_s: float = Field(
        default=4.0,
        gt=0,
        description="longest silence while the caller waits for an answer; a filler ends it",
    )


def measure(recording: Recording, rules: RulesFor[Limits]) -> Conclusion:
    """Find the longest silence between a caller's speech and the answer, over all turns of callers who were alone with the agent."""
    turns = turns_alone(recording)
    silences = [(silence_s(turn, rules.limits), call, turn) for call, turn in turns]
    silences.sort(key=lambda one: one[0], reverse=True)
    longest_s = silences[0][0]
    return Conclusion(
        measurements=(
            Measurement(
                _SILENCE,
                longest_s,
                "s",
                "sound of the agent",
                Bound(Side.AT_MOST, rules.limits.dead_air_s),
                samples=len(turns),
            ),
        ),
        evidence=tuple(
            f"{call.name} turn {turn.index + 1}: silent for {format_quantity(seconds, 's')}"
            for seconds, call, turn in silences[:_SHOWN]
        ),
        stability=f"{number_of(len(turns), 'turn')} with nobody else in a call",
        caveats=untold(calls_in_order(recording)),
        met=f"silent for {format_quantity(longest_s, 's')} at most",
    )


judge = Criterion(
    id="T6-no-dead-air",
    title="the caller is not left in silence",
    question="Does a caller who waits always hear something?",
    passes="no caller who waits for an answer hears silence for more than 4 s",
    how=(
        "The longest time without a sound of the agent between the end of the caller's speech and the "
        'beginning of the answer, over all turns in which nobody else was in a call. A filler ("one '
        'moment, please") ends the silence. A turn without an answer counts as infinite.'
    ),
    formula="longest silence between the end of the caller's speech and the answer",
    when_it_fails="have the agent say something when its answer takes longer, or see in its log what it waits for",
    limits=Limits,
    measure=partial(measure_undisturbed, measure),
    owes=(_SILENCE,),
)
