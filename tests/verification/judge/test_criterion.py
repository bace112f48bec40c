"""How measurements, doubts and warnings make a finding."""

import pytest
from fakes.recordings import Run
from voicegate.judge.criterion import Conclusion, Criterion, Doubt, Rules
from voicegate.judge.finding import Bound, Finding, Measurement, Side, Status
from voicegate.record.events import Recording

GOOD = Run(cycles=0, acts=()).recording()
WARNING = Doubt("nearly full", "free some space")
DOUBT = Doubt("cut off", "run again")


def concluded(conclusion: Conclusion) -> Finding:
    """Make the finding of a conclusion."""

    def measure(recording: Recording, rules: Rules) -> Conclusion:
        return conclusion

    return Criterion("X", "title", measure)(GOOD, Rules())


def size(value: float) -> Measurement:
    """Make a measurement that must be at most 100."""
    return Measurement("size", value, "count", "things", Bound(Side.AT_MOST, 100), samples=1)


def test_warning_passes_and_is_told() -> None:
    """A warning leaves a PASS, with its reason and what to do."""
    finding = concluded(Conclusion((size(1),), met="fine", warnings=(WARNING,), advice="mend it"))
    assert (finding.status, finding.reason) == (Status.PASS, "fine; warning: nearly full")
    assert finding.advice == "free some space"


@pytest.mark.parametrize(
    ("value", "doubts", "status"), [(101, (), Status.FAIL), (1, (DOUBT,), Status.ERROR), (1, (), Status.PASS)]
)
def test_warning_never_decides(value: int, doubts: tuple[Doubt, ...], status: Status) -> None:
    """What failed or is in doubt stays so beside a warning."""
    assert concluded(Conclusion((size(value),), doubts=doubts, warnings=(WARNING,))).status is status


def test_pass_without_warning_has_no_advice() -> None:
    """Advice about a failure does not show where nothing failed."""
    assert concluded(Conclusion((size(1),), met="fine", advice="mend it")).advice == ""
