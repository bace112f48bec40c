"""A criterion that fails only on turns in a stall could not be measured, unless the agent made the stall."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from voicegate.judge.criterion import Conclusion, Doubt, Measure, NotMeasured, NotRun, RulesFor
from voicegate.judge.finding import Status
from voicegate.limits import StallLimits
from voicegate.measure.stalls import Stall, stalls_by_agent, stalls_for_callers, without_stalled
from voicegate.record.events import Recording

L = TypeVar("L", bound=StallLimits)


def measure_undisturbed(
    measure: Measure[L], recording: Recording, rules: RulesFor[L], *, never_excused: str = ""
) -> Conclusion:
    """Measure all turns; where that fails, and the turns outside stalls do not, conclude from those, with a doubt.

    `never_excused` names a measurement whose failure no stall explains.
    """
    whole = measure(recording, rules)
    failed = [one.what for one in whole.measurements if one.status is Status.FAIL]
    if not failed:
        return whole
    whole = replace(whole, blame=_blame(stalls_by_agent(recording, rules.limits)))
    found = stalls_for_callers(recording, rules.limits)
    if never_excused in failed or not found:
        return whole
    try:
        conclusion = measure(without_stalled(recording, found), rules)
    except (NotMeasured, NotRun):  # all that there was to see was in stalls
        conclusion = replace(whole, measurements=())
    if any(one.status is Status.FAIL for one in conclusion.measurements):
        return whole
    doubt = Doubt(_excuse(found), "run again with less other work on the machine, or on more cores")
    return replace(conclusion, evidence=whole.evidence, doubts=(doubt, *conclusion.doubts))


def _excuse(found: Sequence[Stall]) -> str:
    late_s = {one.of: max(other.late_s for other in found if other.of == one.of) for one in found}
    who = {"machine": "the gate's own sampling", "callers": "the gate's own callers"}
    late = [f"{name} was up to {late_s[of]:.1f} s late" for of, name in who.items() if of in late_s]
    return f"only turns during stalls failed: {' and '.join(late).replace('callers was', 'callers were')}{_usage(found)}"


def _blame(found: Sequence[Stall]) -> str:
    if not found:
        return ""
    count = f"{len(found)} {'stall is' if len(found) == 1 else 'stalls are'}"
    return f"{count} no excuse{_usage(found)}"


def _usage(found: Sequence[Stall]) -> str:
    """Say how much of the cores the agent used in the worst of these stalls."""
    worst = max((one for one in found if one.cores), key=lambda one: one.agent_cores or 0.0, default=None)
    if worst is None:
        return ""
    return f", in which the agent used up to {worst.agent_cores:.1f} of {worst.cores:g} cores"
