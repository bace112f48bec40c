"""Which number of calls is tried next."""

import pytest
from voicegate.capacity.search import LEAST_TURNS, Search, best_and_broken


def tried(capacity: int, most_calls: int) -> tuple[list[int], tuple[int, int | None]]:
    """Play a search against an agent of this capacity; return what was tried and what was found."""
    search, held = Search(most_calls), dict[int, bool]()
    while (calls := search.following(held)) is not None:
        assert calls not in held, "no number is tried twice"
        held[calls] = calls <= capacity
    return list(held), best_and_broken(held)


@pytest.mark.parametrize(
    ("capacity", "most_calls", "order"),
    [
        (0, 16, [1]),
        (1, 16, [1, 2]),
        (2, 16, [1, 2, 4, 3]),
        (6, 16, [1, 2, 4, 8, 6, 7]),
        (11, 16, [1, 2, 4, 8, 16, 12, 10, 11]),
        (16, 16, [1, 2, 4, 8, 16]),
        (9, 9, [1, 2, 4, 8, 9]),
        (2, 3, [1, 2, 3]),
        (5, 1, [1]),
    ],
)
def test_doubling_then_halving(capacity: int, most_calls: int, order: list[int]) -> None:
    """Up to the first that does not hold, or the most that may be tried."""
    assert tried(capacity, most_calls)[0] == order


@pytest.mark.parametrize("most_calls", [1, 2, 3, 7, 16, 33])
def test_every_capacity_is_found(most_calls: int) -> None:
    """The largest number that holds, and that the next does not, wherever the edge lies."""
    for capacity in range(most_calls + 1):
        best, broken = tried(capacity, most_calls)[1]
        assert best == capacity
        assert broken == (capacity + 1 if capacity < most_calls else None)


def test_what_holds_above_what_does_not_is_no_capacity() -> None:
    """Luck at a higher level does not count."""
    assert best_and_broken({1: True, 2: False, 4: True}) == (1, 2)
    assert best_and_broken({}) == (0, None)


def test_few_callers_are_judged_for_longer() -> None:
    """Until there are enough turns for the 95th percentile; as long as is usual from then on; exactly as asked if it was."""
    search = Search(16)
    assert search.judged_s(1) >= 10 * LEAST_TURNS
    assert search.judged_s(2) == search.judged_s(1) / 2
    assert search.judged_s(8) == search.ordinary_s
    assert search.judged_s(4, turn_s=20.0) == 2 * search.judged_s(4, turn_s=10.0) == 120
    assert Search(16, 15.0).judged_s(1) == 15.0


def test_callers_are_there_before_judging_begins() -> None:
    """The time of a run leaves room for dialing, more of it for more callers."""
    search = Search(16, 15.0)
    assert 15 < search.run_s(1) < search.run_s(16)


def test_the_time_is_said_beforehand() -> None:
    """Least and most over all that may turn out; one level is the least there is."""
    search = Search(16)
    least_s, most_s = search.duration_s()
    assert search.run_s(1) < least_s < most_s
    assert search.duration_s()[1] < Search(32).duration_s()[1]
    single = Search(1).duration_s()
    assert single[0] == single[1]
