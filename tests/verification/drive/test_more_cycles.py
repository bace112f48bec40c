"""Going on with cycles while nothing is decided."""

from collections.abc import Callable

import pytest
from voicegate.drive.more_cycles import going_on, in_time
from voicegate.drive.scenario import SCENARIOS, Rest, Step, cycles

PLANNED: tuple[Step, ...] = (Rest("baseline", 5), *cycles(2), Rest("quiet", 5))


def played(more: int, undecided: Callable[[], bool]) -> list[str]:
    """List the phases after the planned cycles."""
    phases = [step.phase for step in going_on(PLANNED, PLANNED, more, undecided)]
    assert phases[:5] == ["baseline", "cycle-01", "after-cycle-01", "cycle-02", "after-cycle-02"]
    return phases[5:]


@pytest.mark.parametrize(("until", "added"), [(0, 0), (1, 1), (2, 2), (9, 3)])
def test_cycles_are_added_while_nothing_is_decided(until: int, added: int) -> None:
    """It is asked after each, and no more are added than may be."""
    asked: list[bool] = []

    def undecided() -> bool:
        asked.append(len(asked) < until)
        return asked[-1]

    expected = [f"{what}-{number:02}" for number in range(3, 3 + added) for what in ("cycle", "after-cycle")]
    assert played(3, undecided) == [*expected, "quiet"]
    assert len(asked) == min(until + 1, 3)


def test_a_scenario_without_more_cycles_asks_nobody() -> None:
    """Reading a recording takes time."""

    def undecided() -> bool:
        raise AssertionError

    assert played(0, undecided) == ["quiet"]
    assert [name for name, scenario in SCENARIOS.items() if scenario.more_cycles] == ["full"]


@pytest.mark.parametrize(("t", "goes_on"), [(0.0, True), (484.0, True), (484.1, False)])
def test_a_run_is_not_made_longer_than_ten_minutes(t: float, goes_on: bool) -> None:
    """What is to come, 100 s here, and the cycle itself must fit."""
    assert in_time(lambda: True, lambda: t, 100.0)() is goes_on
    assert not in_time(lambda: False, lambda: t, 100.0)()
