"""How many rounds there are, and what a pair is made of; `test_plugin.py` measures in turns."""

import pytest
from side_by_side.turns import MOST_ROUNDS, pair_of, rounds_for


@pytest.mark.parametrize(
    ("pair_s", "rounds"), [(9.0, 7), (1.0, 7), (0.7, 8), (0.06, 84), (0.001, MOST_ROUNDS), (0.0, MOST_ROUNDS)]
)
def test_slow_pairs_get_the_fewest_rounds(pair_s: float, rounds: int) -> None:
    """As many as fit into five seconds, between seven and a hundred."""
    assert rounds_for(pair_s, 7, 5.0) == rounds


def test_more_rounds_can_be_asked_for() -> None:
    """Even more than are usually enough."""
    assert rounds_for(0.001, 2 * MOST_ROUNDS, 5.0) == 2 * MOST_ROUNDS


def test_the_ratio_is_that_of_each_round() -> None:
    """A machine that is three times as slow in one round is so for both ways, and the ratio does not know."""
    pair = pair_of([0.1, 0.3, 0.1], [0.2, 0.6, 0.2], "utterance", "something else", {"model": "micro"})
    assert (pair.ratio.median, pair.ratio.low, pair.ratio.high, pair.ratio.count) == pytest.approx(
        (0.5, 0.5, 0.5, 3)
    )
    assert (pair.ours_s, pair.beside_s) == (0.1, 0.2)
    assert (pair.unit, pair.beside, pair.conditions) == ("utterance", "something else", {"model": "micro"})
