"""T5: silence, noise, music and somebody else's voice are answered by nothing."""

from functools import partial

from voicegate.judge.criterion import Conclusion, Criterion, RulesFor
from voicegate.judge.finding import counted
from voicegate.judge.undisturbed import measure_undisturbed
from voicegate.limits import TurnLimits
from voicegate.measure.played_steps import PlayedStep, StepResult, Stretch, joined, played_steps
from voicegate.measure.stalls import without_stalled_steps
from voicegate.quantity import format_quantity
from voicegate.record.events import Recording

_SHOWN = 20
_SPOKE = "times in which it spoke without being spoken to"


def measure(recording: Recording, rules: RulesFor[TurnLimits]) -> Conclusion:
    """Count the times of silence or background sound in which the agent spoke."""
    steps, caveats = played_steps(recording, "quiet", rules.limits)
    spoke = {step: own for step in steps if (own := _begun_in(step, rules.limits))}
    total_s = sum(step.step.end_t - step.step.t for step in steps)
    return Conclusion(
        measurements=(counted(_SPOKE, len(spoke), 0, "sound of the agent", len(steps)),),
        evidence=tuple(f"{step.name}: {result(step, rules.limits).came}" for step in steps[:_SHOWN]),
        stability=f"{total_s:.0f} s in which nobody spoke to the agent",
        caveats=caveats,
        met=f"nothing was said in {total_s:.0f} s in which nobody spoke to the agent",
    )


judge = Criterion(
    id="T5-quiet",
    title="it stays silent when nobody speaks",
    question="Does it stay silent when nobody speaks to it?",
    passes=(
        "the agent says nothing during 20 s of silence, noise, music and a second voice in the background"
    ),
    formula="sounds that the agent begins while nobody speaks to it = 0",
    how=(
        "In a scripted call the caller says nothing for 20 s: 5 s each of silence, noise, music, and "
        "somebody's speech in the background, 23 dB softer than the caller. No sound of the agent may "
        "begin in this time, or within 2 s after it."
    ),
    when_it_fails="see what the agent understood (its log, or transcripts): a recognizer that finds words in noise needs a threshold",
    limits=TurnLimits,
    measure=partial(measure_undisturbed, measure, without=without_stalled_steps),
    owes=(_SPOKE,),
)


def _begun_in(step: PlayedStep, limits: TurnLimits) -> tuple[Stretch, ...]:
    replies = joined(step.heard, limits.sentence_pause_s)
    return tuple(one for one in replies if step.step.t <= one.begin_t < step.step.over_t)


def result(step: PlayedStep, limits: TurnLimits) -> StepResult:
    """Say whether the agent spoke."""
    replies = _begun_in(step, limits)
    if not replies:
        return StepResult("nothing was said", well=True)
    first, length = replies[0].begin_t - step.step.t, replies[0].end_t - replies[0].begin_t
    came = f"spoke after {format_quantity(first, 's')}, for {format_quantity(length, 's')}"
    return StepResult(came, well=False)
