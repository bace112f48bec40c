"""T8: the steps of a team's own script go as the script expects."""

from functools import partial

from voicegate.judge.criterion import Conclusion, Criterion, RulesFor
from voicegate.judge.finding import counted
from voicegate.judge.keeps_talking import Limits
from voicegate.judge.undisturbed import measure_undisturbed
from voicegate.measure.expectations import unmet, wording
from voicegate.measure.played_steps import PlayedStep, StepResult, played_steps
from voicegate.measure.stalls import without_stalled_steps
from voicegate.quantity import number_of
from voicegate.record.events import Recording

_AS_EXPECTED = "steps that went as expected"


def measure(recording: Recording, rules: RulesFor[Limits]) -> Conclusion:
    """Count the steps that went as their script expects."""
    steps, caveats = played_steps(recording, "expected", rules.limits)
    came = {step: result(step, rules.limits) for step in steps}
    bad = sum(not one.well for one in came.values())
    return Conclusion(
        measurements=(
            counted(_AS_EXPECTED, len(steps) - bad, len(steps), "steps of scripted calls", len(steps)),
        ),
        evidence=tuple(
            _describe(step, one.came) for step, one in sorted(came.items(), key=lambda one: bool(one[1].well))
        ),
        stability=f"{number_of(len(steps), 'step')}, counted",
        caveats=caveats,
        met=f"all {len(steps)} steps went as expected",
    )


judge = Criterion(
    id="T8-as-scripted",
    title="every step goes as scripted",
    question="Does it do what our own script expects?",
    passes="every step of a scenario file goes as its `expect` says",
    formula="steps that went as expected = steps with an expectation",
    how=(
        "Steps of a scenario file may say what they expect: an answer, how soon, only once, no answer, "
        "that the reply goes on, or that it stops. All of that must happen. Such a step is judged by this "
        "criterion alone. The evidence names each step, what was expected and what was heard."
    ),
    when_it_fails="listen to audio/ beside the report, at the step's time",
    limits=Limits,
    measure=partial(measure_undisturbed, measure, without=without_stalled_steps),
    owes=(_AS_EXPECTED,),
)


def result(step: PlayedStep, limits: Limits) -> StepResult:
    """Say what came in place of what was expected."""
    expects = step.step.expects
    came = () if expects is None else unmet(step, expects, limits, limits.resume_s)
    return StepResult("; ".join(came) or "that came", not came)


def _describe(step: PlayedStep, came: str) -> str:
    expected = "" if step.step.expects is None else wording(step.step.expects)
    return f"{step.name}: expected {expected}; {came}"
