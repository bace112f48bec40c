"""The waits of recent turns, and what is concluded of them."""

from voicegate_agent.model_host.recent_waits import RecentWaits


def test_the_median_of_recent_turns_counts() -> None:
    """Not one unlucky turn's, nor those of long ago; of two turns nothing is concluded."""
    now_s = 100.0
    waits = RecentWaits(30, lambda: now_s)
    waits.note(28)
    waits.note(29)
    assert waits.typical_s == 0
    waits.note(1)
    assert waits.typical_s == 28
    now_s += 30
    assert waits.typical_s == 28
    now_s += 0.1
    assert waits.typical_s == 0
