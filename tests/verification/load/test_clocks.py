"""What is known of another machine's clock, by answers that took their time."""

import pytest
from voicegate.load.clocks import MachineClocks

AHEAD_S = 900.0


def answered(*ways_s: tuple[float, float]) -> MachineClocks:
    """Ask once for each pair: how long the question was on its way, and how long the answer."""
    clocks = MachineClocks()
    for number, (there_s, back_s) in enumerate(ways_s):
        asked_t = 1000.0 + number
        clocks.note("other", asked_t, asked_t + there_s - AHEAD_S, asked_t + there_s + back_s)
    return clocks


def test_the_quickest_answer_counts() -> None:
    """A worker that was busy says less about its clock."""
    known = answered((0.3, 0.5), (0.002, 0.004), (0.0, 0.9)).of("other")
    assert known == {"ahead_s": pytest.approx(AHEAD_S + 0.001), "within_s": pytest.approx(0.003)}


@pytest.mark.parametrize("way_s", [(0.4, 0.0), (0.0, 0.4), (0.2, 0.2)])
def test_the_truth_is_as_near_as_it_says(way_s: tuple[float, float]) -> None:
    """However unequal the two ways are."""
    known = answered(way_s).of("other")
    assert abs(known["ahead_s"] - AHEAD_S) <= known["within_s"] + 1e-9


def test_clocks_drift() -> None:
    """What was known long ago counts no more."""
    known = answered((0.0, 0.0), *[(0.1, 0.1)] * 1_000).of("other")
    assert known["within_s"] == pytest.approx(0.1)


def test_a_machine_that_never_answered_is_not_known() -> None:
    """Nothing is made up."""
    assert answered((0.1, 0.1)).of("another") == {}
