"""Axes."""

import pytest
from voicegate.report.axes import Scale, round_step


def test_scale_maps_ends_to_ends() -> None:
    """The ends of the values fall on the ends of the page, also upside down."""
    scale = Scale(0, 10, 100, 0)
    assert (scale(0), scale(5), scale(10)) == (100, 50, 0)


def test_empty_range_does_not_divide_by_zero() -> None:
    """A scale without extent maps to its start."""
    assert Scale(5, 5, 10, 20)(5) == 10


@pytest.mark.parametrize(("raw", "step"), [(0.9, 1), (1, 1), (1.1, 2), (3, 5), (7, 10), (0.03, 0.05), (0, 1)])
def test_round_steps(raw: float, step: float) -> None:
    """Steps are 1, 2 or 5 times a power of ten."""
    assert round_step(raw) == pytest.approx(step)


def test_ticks_lie_inside_the_scale() -> None:
    """Ticks are round and do not leave the scale."""
    assert Scale(0.3, 3.2, 0, 1).ticks(6) == pytest.approx([0.5, 1, 1.5, 2, 2.5, 3])
