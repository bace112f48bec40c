"""Laying sound out on the recording's clock."""

import numpy as np
import pytest
from voicegate.record.timeline import RATE, Track, steady_starts

TEN_MS = np.full(100, 0.01)


def test_sent_pieces_lie_where_they_were_sent() -> None:
    """A piece sent at 0.5 s begins at sample 0.5 s x rate; the rest is silence."""
    track = Track()
    track.add(0.5, np.full(160, 7, np.int16))

    sound = track.render(0.0, 1.0, arrived=False)

    assert len(sound) == RATE
    assert np.flatnonzero(sound).tolist() == list(range(8000, 8160))


def test_pieces_outside_the_window_are_cut() -> None:
    """What lies before the start or after the end does not move the rest."""
    track = Track()
    track.add(0.995, np.full(160, 1, np.int16))
    track.add(1.995, np.full(160, 2, np.int16))

    sound = track.render(1.0, 2.0, arrived=False)

    assert (sound[:80] == 1).all()
    assert (sound[-80:] == 2).all()
    assert not sound[80:-80].any()


def test_an_empty_track_is_silent() -> None:
    """Nothing heard is silence of the right length."""
    assert not Track().render(0.0, 0.1, arrived=True).any()


def test_a_late_burst_is_put_back() -> None:
    """Frames that a busy program saw 150 ms late, all at once, lie where the stream had them."""
    due = np.arange(100, dtype=np.float64) * 0.01
    seen = due.copy()
    seen[40:55] = due[55]

    assert steady_starts(seen, TEN_MS) == pytest.approx(due)


def test_a_late_first_frame_does_not_move_the_stream() -> None:
    """The first frames come late while the call is being set up."""
    due = np.arange(100, dtype=np.float64) * 0.01
    seen = due.copy()
    seen[:5] = 0.05

    assert steady_starts(seen, TEN_MS) == pytest.approx(due)


def test_a_pause_of_the_stream_stays_a_pause() -> None:
    """A delay that does not go away within half a second is silence in the track."""
    due = np.arange(200, dtype=np.float64) * 0.01
    seen = due.copy()
    seen[100:] += 0.7

    starts = steady_starts(seen, np.full(200, 0.01))

    assert starts[100] - starts[99] == pytest.approx(0.71)
    assert starts[199] == pytest.approx(seen[199])


def test_jitter_is_smoothed_to_the_steady_stream() -> None:
    """With random lateness of up to 30 ms the track is within a few ms of the truth, and continuous."""
    due = np.arange(500, dtype=np.float64) * 0.01
    seen = due + np.random.default_rng(1).uniform(0, 0.03, 500)

    starts = steady_starts(np.asarray(seen, np.float64), np.full(500, 0.01))

    assert np.abs(starts - due).max() < 0.005
