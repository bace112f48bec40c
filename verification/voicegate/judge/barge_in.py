"""T2: the agent stops when the caller speaks over its reply, and answers what was said."""

from functools import partial

from pydantic import Field

from voicegate.judge.criterion import Conclusion, Criterion, RulesFor
from voicegate.judge.finding import Bound, Measurement, Side, counted
from voicegate.judge.undisturbed import measure_undisturbed
from voicegate.limits import TurnLimits
from voicegate.measure.assessment import FlawKind, assess_turn
from voicegate.measure.played_steps import PlayedStep, StepResult, cannot_tell, played_steps
from voicegate.measure.stalls import without_stalled_steps
from voicegate.quantity import format_quantity
from voicegate.record.events import Recording

_SHOWN = 20
_STOP, _ANSWERED = "longest time until it is silent", "interruptions that were answered"

UNANSWERED: tuple[FlawKind, ...] = ("unheard", "misunderstood", "no reply", "wrong reply", "code lost")
"""What is wrong with a turn that was not understood, or not answered so that the caller heard it."""


class Limits(TurnLimits):
    """How soon it must be silent."""

    barge_in_s: float = Field(
        default=0.5,
        gt=0,
        description="the agent must be silent within this time after the caller begins to speak",
    )


def measure(recording: Recording, rules: RulesFor[Limits]) -> Conclusion:
    """Measure how long the agent is heard after a caller begins to speak over it, and whether that is answered."""
    limits = rules.limits
    steps, caveats = played_steps(recording, "interruption", limits)
    over = [step for step in steps if step.spoken_over(limits.sentence_pause_s)]
    stops = {step: step.stopped_after_s for step in over}
    short = [step for step in over if stops[step] <= limits.barge_in_s and _may_have_ended(step, limits)]
    unclear = cannot_tell(steps, over, len(short))
    unanswered = [step for step in steps if _is_unanswered(step, limits)]
    slowest_s = max(stops.values())
    return Conclusion(
        measurements=(
            Measurement(
                _STOP,
                slowest_s,
                "s",
                "sound of both sides",
                Bound(Side.AT_MOST, limits.barge_in_s),
                samples=len(over),
            ),
            counted(_ANSWERED, len(steps) - len(unanswered), len(steps), "turns", len(steps)),
        ),
        evidence=tuple(f"{step.name}: {result(step, limits).came}" for step in steps[:_SHOWN]),
        stability=f"{len(over)} interruptions",
        caveats=(*caveats, *unclear),
        met=f"silent within {format_quantity(slowest_s, 's')} of the caller's first sound, and answered",
    )


judge = Criterion(
    id="T2-barge-in",
    title="it stops when the caller speaks",
    question="Does it stop when I speak?",
    passes="every time the caller speaks over a reply, the agent is silent within 0.5 s, and answers what was said",
    how=(
        "In a scripted call the caller begins to speak 0.4 s after a reply has begun. The time from the "
        "first sound of the caller to the last sound of the reply is measured, as the caller hears it. A "
        "reply that begins again before the caller has finished did not stop. What the caller said must "
        "be understood and answered. If the agent was no longer speaking, or if its replies are so short "
        "that this one may have ended by itself, the result is an ERROR."
    ),
    formula="last sound of the reply - first sound of the caller",
    when_it_fails="see which setting of the agent keeps it from being interrupted: minimal speech, echo cancellation, words needed",
    limits=Limits,
    measure=partial(measure_undisturbed, measure, without=without_stalled_steps),
    owes=(_STOP, _ANSWERED),
)


def result(step: PlayedStep, limits: Limits) -> StepResult:
    """Say when the agent was silent, and whether it answered."""
    unanswered, stopped_s = _is_unanswered(step, limits), step.stopped_after_s
    answered = "not answered" if unanswered else "answered"
    if not step.spoken_over(limits.sentence_pause_s):
        return StepResult(f"the agent was not speaking, {answered}", False if unanswered else None)
    well = stopped_s <= limits.barge_in_s and not unanswered
    came = f"silent after {format_quantity(stopped_s, 's')}, {answered}"
    return StepResult(came, None if well and _may_have_ended(step, limits) else well)


def _may_have_ended(step: PlayedStep, limits: Limits) -> bool:
    reply = step.spoken_over(limits.sentence_pause_s)
    return reply is not None and step.is_too_short(reply, limits.barge_in_s)


def _is_unanswered(step: PlayedStep, limits: Limits) -> bool:
    return step.turn is None or bool(assess_turn(step.turn, limits).of(*UNANSWERED))
