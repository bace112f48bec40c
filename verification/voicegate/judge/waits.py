"""T4: the agent waits while the caller pauses inside a sentence or a spelled number, and answers it once, whole."""

from dataclasses import dataclass
from functools import partial

from pydantic import Field

from voicegate.judge.barge_in import UNANSWERED
from voicegate.judge.criterion import Conclusion, Criterion, RulesFor
from voicegate.judge.finding import Bound, Measurement, Side
from voicegate.judge.undisturbed import measure_undisturbed
from voicegate.limits import TurnLimits
from voicegate.measure.assessment import assess_turn
from voicegate.measure.played_steps import PlayedStep, StepResult, played_steps
from voicegate.measure.stalls import without_stalled_steps
from voicegate.quantity import format_quantity
from voicegate.record.events import Recording

_SHOWN = 20
_WAITED, _ONCE = "pauses in which it waited", "sentences that were answered once, whole"


class Limits(TurnLimits):
    """How often it must wait."""

    waits_fraction: float = Field(
        default=0.95,
        gt=0,
        le=1,
        description="share of the pauses in which no reply may begin, and of the answers that must be right",
    )


@dataclass(frozen=True, slots=True)
class _Outcome:
    """Whether the agent waited, and whether it answered the whole sentence, once."""

    waited: bool
    flaws: tuple[str, ...]


def measure(recording: Recording, rules: RulesFor[Limits]) -> Conclusion:
    """Count the pauses in which no reply began, and the sentences that were answered once, whole."""
    limits = rules.limits
    steps, caveats = played_steps(recording, "pause", limits)
    outcomes = {step: _outcome(step, limits) for step in steps}
    waited = sum(one.waited for one in outcomes.values())
    once = sum(not one.flaws for one in outcomes.values())
    return Conclusion(
        measurements=(
            _fraction(_WAITED, waited, len(steps), limits),
            _fraction(_ONCE, once, len(steps), limits),
        ),
        evidence=tuple(_described(step, limits) for step in steps[:_SHOWN]),
        stability=f"{len(steps)} sentences with a pause, counted",
        caveats=caveats,
        met=f"waited in {waited} of {len(steps)} pauses, and answered {once} once, whole",
    )


judge = Criterion(
    id="T4-waits",
    title="it lets the caller finish",
    question="Does it let me finish?",
    passes="in 95 % of pauses of half a second inside a spoken code no reply begins, and the code is answered once, whole",
    how=(
        "In a scripted call the caller pauses inside a spoken code, between two digits. No reply may "
        "begin from then until the caller has finished. Then the whole code must be understood and "
        "answered as expected, and nothing more may be heard within a second after the answer. A reply "
        "during the pause is wrong even if the code comes back."
    ),
    formula="pauses without a reply / pauses",
    when_it_fails="see how the agent decides that a turn has ended: by silence alone, or by what was said as well",
    limits=Limits,
    measure=partial(measure_undisturbed, measure, without=without_stalled_steps),
    owes=(_WAITED, _ONCE),
)


def _fraction(what: str, value: int, count: int, limits: Limits) -> Measurement:
    return Measurement(
        what, value / count, "fraction", "pauses", Bound(Side.AT_LEAST, limits.waits_fraction), samples=count
    )


def _outcome(step: PlayedStep, limits: Limits) -> _Outcome:
    if step.turn is None or step.step.pause is None:
        return _Outcome(waited=False, flaws=("no turn was recorded",))
    early = [one for one in step.heard if step.step.pause[0] <= one.begin_t < step.spoke_until_t]
    answers = len(step.answers(limits.sentence_pause_s))
    found = [flaw.text for flaw in assess_turn(step.turn, limits).of(*UNANSWERED)]
    return _Outcome(not early, (*found, *((f"{answers} answers",) if answers != 1 else ())))


def result(step: PlayedStep, limits: Limits) -> StepResult:
    """Say whether the agent waited, and what is wrong with its answer."""
    outcome = _outcome(step, limits)
    cut = "waited" if outcome.waited else "replied before the caller had finished"
    came = f"{cut}; {'; '.join(outcome.flaws) or 'answered once, whole'}"
    return StepResult(came, outcome.waited and not outcome.flaws)


def _described(step: PlayedStep, limits: Limits) -> str:
    pause = step.step.pause
    length = "" if pause is None else f" of {format_quantity(pause[1] - pause[0], 's')}"
    return f"{step.name}, a pause{length}: {result(step, limits).came}"
