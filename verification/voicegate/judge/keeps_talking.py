"""T3: a cough, a door or an "mm-hmm" does not stop the agent, and is not answered."""

from dataclasses import dataclass
from functools import partial

from pydantic import Field

from voicegate.judge.criterion import Conclusion, Criterion, NotMeasured, RulesFor
from voicegate.judge.finding import counted
from voicegate.judge.undisturbed import measure_undisturbed
from voicegate.limits import TurnLimits
from voicegate.measure.assessment import assess_turn
from voicegate.measure.expectations import GOES_ON_S
from voicegate.measure.played_steps import PlayedStep, StepResult, cannot_tell, joined, played_steps
from voicegate.measure.stalls import without_stalled_steps
from voicegate.quantity import format_quantity
from voicegate.record.events import Recording

_SHOWN = 20
_WENT_ON, _ANSWERED = "replies that went on", "noises that were answered"


class Limits(TurnLimits):
    """How long a reply may be silent because of a noise."""

    resume_s: float = Field(
        default=1.0, ge=0, description="a reply that a noise has stopped must go on within this time"
    )


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of a reply: how long it was heard after the noise began, and for how long it was silent before it went on."""

    heard_s: float
    silent_s: float
    went_on: bool
    answered: bool


def measure(recording: Recording, rules: RulesFor[Limits]) -> Conclusion:
    """Count the replies that a noise stopped, and the noises that were answered."""
    limits = rules.limits
    steps, caveats = played_steps(recording, "disturbance", limits)
    over = [step for step in steps if step.spoken_over(limits.sentence_pause_s)]
    clear = [step for step in over if not _is_short(step, limits)]
    unclear = cannot_tell(steps, over, len(over) - len(clear))
    if not clear:
        raise NotMeasured(unclear[-1].reason, unclear[-1].advice)
    outcomes = {step: _outcome(step, limits) for step in clear}
    went_on = sum(one.went_on for one in outcomes.values())
    return Conclusion(
        measurements=(
            counted(_WENT_ON, went_on, len(clear), "sound of both sides", len(clear)),
            counted(
                _ANSWERED,
                sum(one.answered for one in outcomes.values()),
                0,
                "sound of both sides",
                len(clear),
            ),
        ),
        evidence=tuple(f"{step.name}: {result(step, limits).came}" for step in steps[:_SHOWN]),
        stability=f"{len(clear)} noises",
        caveats=(*caveats, *unclear),
        met=f"{went_on} replies went on over noises",
    )


judge = Criterion(
    id="T3-keeps-talking",
    title="a cough does not stop it",
    question="Does a cough stop it?",
    passes='a cough, a door or an "mm-hmm" during a reply does not stop it, and nothing answers the noise',
    formula="longest silence of a reply during a noise",
    how=(
        "In a scripted call the caller coughs, slams a door or says mm-hmm (0.4 to 0.5 s), 0.4 s after a "
        "reply has begun. The reply must go on, or pause for no longer than the limit, and must be the "
        "expected one to its end. After it nothing may be heard until the caller speaks. If the agent was "
        "no longer speaking, or if its replies are so short that this one may have ended by itself, the "
        "result is an ERROR."
    ),
    when_it_fails="see which setting of the agent says what an interruption is: how long speech must last, and how many words it must have",
    limits=Limits,
    measure=partial(measure_undisturbed, measure, without=without_stalled_steps),
    owes=(_WENT_ON, _ANSWERED),
)


def _outcome(step: PlayedStep, limits: Limits) -> _Outcome:
    after = [one for one in step.heard if one.end_t > step.t and one.begin_t < step.step.over_t]
    reply, *later = joined(after, limits.resume_s)
    as_expected = step.turn is None or not assess_turn(step.turn, limits).of("no reply", "wrong reply")
    answered = bool(later) and not (as_expected and step.turn is not None and step.turn.expected_reply)
    silent_s = later[0].begin_t - reply.end_t if later and not answered else 0.0
    heard_s = reply.end_t - step.t
    went_on = heard_s >= GOES_ON_S and not silent_s and (answered or as_expected)
    return _Outcome(heard_s, silent_s, went_on, answered)


def _is_short(step: PlayedStep, limits: Limits) -> bool:
    reply = step.spoken_over(limits.sentence_pause_s)
    return reply is not None and step.is_too_short(reply, GOES_ON_S)


def result(step: PlayedStep, limits: Limits) -> StepResult:
    """Say how long the reply was heard from the noise on, and whether that was answered."""
    if step.spoken_over(limits.sentence_pause_s) is None or _is_short(step, limits):
        return StepResult("the agent was not speaking, or its replies are too short", None)
    outcome = _outcome(step, limits)
    heard = f"the reply was heard for {format_quantity(outcome.heard_s, 's')} more"
    if outcome.silent_s:
        heard += f", silent for {format_quantity(outcome.silent_s, 's')}, and went on then"
    said = "" if step.turn is None else f": {step.turn.reply_text!r}"
    answered = ", and the noise was answered" if outcome.answered else ""
    return StepResult(
        f"{heard}{answered}{'' if outcome.went_on else said}", outcome.went_on and not outcome.answered
    )
