"""Long recordings are cut in pauses, and nothing of them is lost."""

import numpy as np
from fakes.speech_engines import noise
from voicegate_agent.model_host.cutting import cut_where_quiet


def test_a_cut_is_in_a_pause() -> None:
    """Of the second half of what a unit may hold, the quietest place is taken."""
    samples = noise(40)
    samples[22 * 16_000 : 23 * 16_000] *= 0.01
    first, second = cut_where_quiet(samples, 30 * 16_000)
    assert 22 < len(first) / 16_000 < 23
    assert np.array_equal(np.concatenate([first, second]), samples)


def test_units_are_bounded_whatever_they_hold() -> None:
    """Neither silence nor noise without a pause makes a unit longer, and a short recording is one unit."""
    for samples in (noise(200), np.zeros(200 * 16_000, np.float32)):
        units = cut_where_quiet(samples, 30 * 16_000)
        assert max(map(len, units)) <= 30 * 16_000
        assert min(map(len, units[:-1])) >= 15 * 16_000
        assert np.array_equal(np.concatenate(units), samples)
    assert len(cut_where_quiet(noise(30), 30 * 16_000)) == 1
