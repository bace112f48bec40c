"""Steps in series of plain numbers."""

import random

import pytest
from voicegate.history.steps import LEAST_RUNS, chance_of_difference, levels_of, two_sided

CHANCE = 0.01 / 20


def noise(seed: int, count: int, deviation: float = 1.0) -> list[float]:
    """Draw values around 100."""
    draw = random.Random(seed)
    return [draw.gauss(100, deviation) for _ in range(count)]


@pytest.mark.parametrize(
    ("degrees", "t", "chance"),
    [
        (1, 12.706, 0.05),
        (2, 9.925, 0.01),
        (4, 2.776, 0.05),
        (8, 5.041, 0.001),
        (9, 4.781, 0.001),
        (30, 3.646, 0.001),
    ],
)
def test_students_t_is_that_of_the_tables(degrees: int, t: float, chance: float) -> None:
    """Odd and even degrees of freedom, on both sides of zero."""
    assert two_sided(t, degrees) == pytest.approx(chance, rel=2e-3)
    assert two_sided(-t, degrees) == two_sided(t, degrees)
    assert two_sided(0, degrees) == 1


def test_a_step_is_found_where_it_is() -> None:
    """With the level on each side."""
    before, after = levels_of([*noise(1, 10), *(value + 8 for value in noise(2, 5))], CHANCE, 2.0)
    assert (before.begin, before.end, after.begin, after.end) == (0, 10, 10, 15)
    assert before.value == pytest.approx(100, abs=1.5)
    assert after.value == pytest.approx(108, abs=1.5)


def test_one_run_or_two_are_no_step() -> None:
    """However far they lie away; three are."""
    for runs in range(1, LEAST_RUNS + 1):
        values = [*noise(3, 12), *(value + 50 for value in noise(4, runs))]
        assert (len(levels_of(values, CHANCE, 2.0)) > 1) is (runs == LEAST_RUNS)


def test_steps_up_and_down_are_both_found() -> None:
    """Each part is looked at again."""
    values = [*noise(5, 8), *(value + 9 for value in noise(6, 8)), *(value + 25 for value in noise(7, 8))]
    assert [level.begin for level in levels_of(values, CHANCE, 2.0)] == [0, 8, 16]


def test_a_change_that_does_not_matter_is_none() -> None:
    """However surely it is there; and equal values say nothing of their noise."""
    assert len(levels_of([100.0] * 6 + [101.0] * 6, CHANCE, 2.0)) == 1
    assert len(levels_of([100.0] * 6 + [104.0] * 6, CHANCE, 2.0)) == 2


@pytest.mark.parametrize("count", [0, 1, LEAST_RUNS, 2 * LEAST_RUNS - 1])
def test_few_runs_have_one_level(count: int) -> None:
    """Nothing can be told of them."""
    assert len(levels_of([1.0] * (count - 1) + [900.0], CHANCE, 0.1)) == 1 if count else True


@pytest.mark.parametrize("count", [10, 30])
def test_noise_makes_as_few_steps_as_is_said(count: int) -> None:
    """Asked for a false alarm in 20 series of noise, it gives about that many."""
    found = sum(len(levels_of(noise(seed, count), 0.05, 0.0)) > 1 for seed in range(400))
    assert found / 400 < 0.09


def test_single_values_are_told_apart_by_the_noise_of_others() -> None:
    """Without them nobody knows."""
    assert chance_of_difference([100], [110], (), 2.0) is None
    known = chance_of_difference([100], [110], [noise(8, 10)], 2.0)
    assert known is not None
    assert known < 0.001
    near = chance_of_difference([100], [101], [noise(8, 10)], 2.0)
    assert near is not None
    assert near > 0.1
