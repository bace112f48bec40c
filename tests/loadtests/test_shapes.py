"""In what shape callers come; in a program of its own, as importing Locust changes the process."""

import json
from collections.abc import Callable

import pytest
from with_locust import RunProgram

Ticks = Callable[..., list[list[float] | None]]
PROGRAM = """
import json, sys
from argparse import Namespace
from voicegate.loadtests._shapes import SHAPES, levels_up_to
options = Namespace(**{"num_users": None, "spawn_rate": None, "run_time": None, "step_time": 60.0} | json.loads(sys.argv[2]))
shape = SHAPES[sys.argv[1]](options)
ticks = []
for t in json.loads(sys.argv[3]):
    shape.get_run_time = lambda t=t: t
    ticks.append(shape.tick())
print(json.dumps(ticks))
"""


@pytest.fixture
def ticks(run_program: RunProgram) -> Ticks:
    """Give a function that asks a shape for its users and spawn rate at some times."""

    def asked(shape: str, times_s: list[float], **options: float) -> list[list[float] | None]:
        done = run_program("-c", PROGRAM, shape, json.dumps(options), json.dumps(times_s))
        found: list[list[float] | None] = json.loads(done.stdout)
        return found

    return asked


def test_steps_end_when_the_time_is_up(ticks: Ticks) -> None:
    """Also in the middle of a step."""
    assert ticks("steps", [99, 100], num_users=8, run_time=100) == [[2, 2], None]


def test_steps_double_up_to_all_users(ticks: Ticks) -> None:
    """1, 2, 4 and then the six that were asked for, each as long."""
    assert ticks("steps", [0, 59, 60, 125, 190, 239, 240], num_users=6) == [
        *([1, 1], [1, 1], [2, 2], [4, 4], [6, 6], [6, 6]),
        None,
    ]


@pytest.mark.parametrize(("users", "last"), [(1, 1), (2, 2), (8, 8), (9, 9)])
def test_the_last_step_has_all_users(ticks: Ticks, users: int, last: int) -> None:
    """Whether a power of two or not."""
    steps = ticks("steps", [60.0 * step + 1 for step in range(8)], num_users=users)
    assert [tick for tick in steps if tick][-1] == [last, last]


def test_a_burst_comes_all_at_once(ticks: Ticks) -> None:
    """As many a second as there are."""
    assert ticks("burst", [0, 29, 30], num_users=10, run_time=30) == [[10, 10], [10, 10], None]


def test_churn_goes_up_and_down(ticks: Ticks) -> None:
    """All, a quarter, all again."""
    assert ticks("churn", [0, 10, 20, 30], num_users=8, step_time=10, run_time=30) == [
        [8, 8],
        [2, 8],
        [8, 8],
        None,
    ]


def test_a_soak_lasts_an_hour_unless_told_otherwise(ticks: Ticks) -> None:
    """With the users that were asked for, coming one a second."""
    assert ticks("soak", [0, 3599, 3600], num_users=4) == [[4, 1], [4, 1], None]
    assert ticks("soak", [61], num_users=4, run_time=60) == [None]
