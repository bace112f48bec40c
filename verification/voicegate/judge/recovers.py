"""T7: after an interruption, a noise, a pause or a silence the next turn is understood, answered and heard."""

from collections.abc import Sequence
from functools import partial

from voicegate.judge.criterion import Caveat, Conclusion, Criterion, NotMeasured, RulesFor
from voicegate.judge.finding import counted
from voicegate.judge.undisturbed import measure_undisturbed
from voicegate.limits import TurnLimits
from voicegate.measure.assessment import assess_turn
from voicegate.measure.calls import Call, calls_in_order
from voicegate.measure.played_steps import PlayedStep, StepResult, played_steps
from voicegate.measure.stalls import without_stalled_steps
from voicegate.quantity import number_of
from voicegate.record.events import Recording

_SHOWN = 20
_WELL, _BROKEN = "turns that went well", "scripted calls that the agent broke off"


def measure(recording: Recording, rules: RulesFor[TurnLimits]) -> Conclusion:
    """Count the plain turns of scripted calls that went well, and the calls that the agent broke off."""
    steps, caveats = _steps_and_caveats(recording, rules.limits)
    scripted = _scripted(recording)
    broken = _broken(scripted)
    flaws = {step: _flaws(step, rules.limits) for step in steps}
    bad = [step for step in steps if flaws[step]]
    return Conclusion(
        measurements=(
            *([counted(_WELL, len(steps) - len(bad), len(steps), "turns", len(steps))] if steps else []),
            counted(_BROKEN, len(broken), 0, "calls", len(scripted)),
        ),
        evidence=(
            *(f"{step.name}: {'; '.join(flaws[step])}" for step in bad[:_SHOWN]),
            *(f"{call.name}: {call.failure}" for call in broken),
        ),
        stability=f"{number_of(len(steps), 'turn')}, counted",
        caveats=caveats,
        met=f"all {len(steps)} turns after something that could upset the agent went well",
    )


judge = Criterion(
    id="T7-recovers",
    title="normal turns work afterwards",
    question="Does a normal turn still work after all that?",
    passes="the turn after interruptions, noises, pauses and silence is understood, answered and heard",
    formula="plain turns of scripted calls that went well = plain turns of scripted calls",
    how=(
        "In a scripted call a plain turn follows the noises, the interruption, the pauses and the "
        "silence. Each plain turn must be understood, answered as expected, and heard without gaps or "
        "clipping. A call that the agent broke off fails too, also before its first step."
    ),
    when_it_fails="listen to audio/ beside the report: did the agent still answer an earlier step, or hear its sound?",
    limits=TurnLimits,
    measure=partial(measure_undisturbed, measure, without=without_stalled_steps),
    owes=(_WELL, _BROKEN),
)


def result(step: PlayedStep, limits: TurnLimits) -> StepResult:
    """Say what is wrong with the turn, else what was answered."""
    flaws = _flaws(step, limits)
    answer = None if step.turn is None else step.turn.reply_text
    return StepResult("; ".join(flaws) or f"answered {answer!r}", not flaws)


def _steps_and_caveats(
    recording: Recording, limits: TurnLimits
) -> tuple[Sequence[PlayedStep], tuple[Caveat, ...]]:
    """Return the plain turns; none, and why, where the agent broke a call off before the first of them."""
    try:
        return played_steps(recording, "turn", limits)
    except NotMeasured as answer:
        if not _broken(_scripted(recording)):
            raise
        return (), (Caveat(answer.reason, answer.advice),)


def _scripted(recording: Recording) -> Sequence[Call]:
    """List the calls that have steps, or were to have some."""
    names = {step.call for step in recording.steps}
    phases = {phase.name for phase in recording.header.planned or () if phase.steps}
    return [call for call in calls_in_order(recording) if call.name in names or call.phase in phases]


def _broken(scripted: Sequence[Call]) -> Sequence[Call]:
    return [call for call in scripted if call.audio_t is not None and call.fault == "agent"]


def _flaws(step: PlayedStep, limits: TurnLimits) -> tuple[str, ...]:
    if step.turn is None:
        return ("no turn was recorded",)
    return tuple(flaw.text for flaw in assess_turn(step.turn, limits).flaws)
