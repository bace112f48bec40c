"""How many rounds there are; `test_plugin.py` measures in turns."""

import pytest
from side_by_side.turns import MOST_ROUNDS, rounds_for


@pytest.mark.parametrize(
    ("pair_s", "rounds"), [(9.0, 7), (1.0, 7), (0.7, 8), (0.06, 84), (0.001, MOST_ROUNDS), (0.0, MOST_ROUNDS)]
)
def test_slow_pairs_get_the_fewest_rounds(pair_s: float, rounds: int) -> None:
    """As many as fit into five seconds, between seven and three hundred."""
    assert rounds_for(pair_s, 7, 5.0) == rounds


def test_more_rounds_can_be_asked_for() -> None:
    """Even more than are usually enough."""
    assert rounds_for(0.001, 2 * MOST_ROUNDS, 5.0) == 2 * MOST_ROUNDS
