"""A criterion that fails only on turns in a stall could not be measured, unless the agent made the stall."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from voicegate.judge.criterion import Caveat, Conclusion, Measure, NotMeasured, NotRun, RulesFor
from voicegate.judge.finding import Status
from voicegate.limits import StallLimits
from voicegate.measure.stalls import Stall, stalls_by_agent, stalls_for_callers, without_stalled
from voicegate.quantity import number_of
from voicegate.record.events import Recording

L = TypeVar("L", bound=StallLimits)


def measure_undisturbed(
    measure: Measure[L],
    recording: Recording,
    rules: RulesFor[L],
    *,
    never_excused: str = "",
    without: Callable[[Recording, Sequence[Stall]], Recording] = without_stalled,
) -> Conclusion:
    """Measure all turns; where that fails, and the turns outside stalls do not, conclude from those, with a caveat.

    `never_excused` names a measurement whose failure no stall explains; `without` takes out what stalls explain: turns, by default.
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
        conclusion = measure(without(recording, found), rules)
    except (NotMeasured, NotRun):  # all that there was to see was in stalls
        conclusion = replace(whole, measurements=())
    if any(one.status is Status.FAIL for one in conclusion.measurements):
        return whole
    caveat = Caveat(_excuse(found), _advice(found))
    return replace(conclusion, evidence=whole.evidence, caveats=(caveat, *conclusion.caveats))


def _excuse(found: Sequence[Stall]) -> str:
    late = [one for one in found if one.busy_cores is None]
    late_s = {one.of: max(other.late_s for other in late if other.of == one.of) for one in late}
    who = {"machine": "the gate's own sampling was", "callers": "the gate's own callers were"}
    said = [f"{name} up to {late_s[of]:.1f} s late" for of, name in who.items() if of in late_s]
    busy = max((one.busy_cores for one in found if one.busy_cores is not None), default=None)
    if busy is not None:
        said.append(f"a process of callers, of which one core is all, used up to {busy:.2f}")
    return f"failed only by what stalls explain: {' and '.join(said)}{_usage(found)}"


def _advice(found: Sequence[Stall]) -> str:
    if any(one.of == "callers" for one in found):
        return "run again with less other work on the machine, on more cores, or with fewer callers in each process (--processes)"
    return "run again with less other work on the machine, or on more cores"


def _blame(found: Sequence[Stall]) -> str:
    if not found:
        return ""
    return f"{number_of(len(found), 'stall')} of the machine excused nothing{_usage(found)}"


def _usage(found: Sequence[Stall]) -> str:
    """Say how much of the cores the agent used in the worst of these stalls."""
    worst = max((one for one in found if one.cores), key=lambda one: one.agent_cores or 0.0, default=None)
    if worst is None:
        return ""
    return f", in which the agent used up to {worst.agent_cores:.1f} of {worst.cores:g} cores"
