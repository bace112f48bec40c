"""A criterion that fails only on turns in a stall of the machine could not be measured."""

from dataclasses import replace

from voicegate.judge.criterion import Conclusion, Doubt, Measure, NotMeasured, Rules
from voicegate.judge.finding import Status
from voicegate.measure.stalls import stalls, without_stalled
from voicegate.record.events import Recording


def measure_undisturbed(
    measure: Measure, recording: Recording, rules: Rules, *, never_excused: str = ""
) -> Conclusion:
    """Measure all turns; where that fails, and the turns outside stalls do not, conclude from those, with a doubt.

    `never_excused` names a measurement whose failure no stall explains.
    """
    whole = measure(recording, rules)
    failed = [one.what for one in whole.measurements if one.status is Status.FAIL]
    found = stalls(recording, rules.limits)
    if not failed or never_excused in failed or not found:
        return whole
    try:
        conclusion = measure(without_stalled(recording, found), rules)
    except NotMeasured:
        conclusion = replace(whole, measurements=())
    if any(one.status is Status.FAIL for one in conclusion.measurements):
        return whole
    late_s = max(one.late_s for one in found)
    reason = f"only turns during stalls of the machine failed: the gate's own sampling was up to {late_s:.1f} s late"
    doubt = Doubt(reason, "run again with less other work on the machine, or on more cores")
    return replace(conclusion, evidence=whole.evidence, doubts=(doubt, *conclusion.doubts))
