"""At which calls a fault shows."""

import numpy as np
import pytest
from voicegate.simulate.kinds import KINDS, Kind, places

DRAW = np.random.default_rng(1)


@pytest.mark.parametrize(
    ("kind", "count"), [("steady", 20), ("intermittent", 5), ("late", 7), ("slow-tailed", 4)]
)
def test_how_many_of_twenty(kind: Kind, count: int) -> None:
    """Each kind has its share of 20 calls, wherever they are."""
    for _ in range(20):
        assert places(kind, 20, DRAW).sum() == count


@pytest.mark.parametrize("kind", ["late", "step", "dying"])
def test_what_begins_late_goes_on_to_the_end(kind: Kind) -> None:
    """From its beginning, which is not in the first third, it shows at every call."""
    for _ in range(20):
        chosen = places(kind, 20, DRAW)
        assert not chosen[:6].any()
        assert chosen.tolist() == sorted(chosen.tolist())
        assert chosen[-1]


def test_one_call_of_each_five() -> None:
    """A slow tail is spread over the run."""
    chosen = places("slow-tailed", 20, DRAW)
    assert chosen.reshape(4, 5).sum(axis=1).tolist() == [1, 1, 1, 1]


def test_every_kind_can_be_drawn() -> None:
    """The table of kinds and the drawing know the same ones, for any number of calls."""
    for kind in KINDS:
        assert places(kind, 6, DRAW).shape == (6,)
