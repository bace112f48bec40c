"""Diphones from the real espeak-ng, a handful of them."""

from collections.abc import Iterator

import numpy as np
import pytest

pytest.importorskip("scipy", reason="needs requirements-recipe.lock")

from recipes.voice.diphones import SAMPLE_RATE_HZ, DiphoneSet, record_diphones
from recipes.voice.espeak import Speaker, open_speaker
from recipes.voice.phones import DARK_L, SILENCE

pytestmark = pytest.mark.usefixtures("espeak_ng")

PAIRS = [(SILENCE, "h"), ("h", "ə"), ("ə", "l"), ("l", "ˈoʊ"), ("ˈoʊ", SILENCE), ("ˈɛ", DARK_L), ("s", "t")]
REFUSED = ("ə", "ɹ")  # espeak-ng makes an "ɚ" of it


@pytest.fixture(scope="module")
def speaker() -> Iterator[Speaker]:
    """Open the one espeak-ng of this process."""
    with open_speaker() as opened:
        yield opened


@pytest.fixture(scope="module")
def diphones(speaker: Speaker) -> DiphoneSet:
    """Record a few pairs."""
    return record_diphones(speaker, [*PAIRS, REFUSED], 10**6)


def test_the_phones_are_reported_where_they_are_spoken(speaker: Speaker) -> None:
    """Speaking mnemonics gives their IPA and rising starts, silence at both ends."""
    utterance = speaker.speak("h|@|l|'oU")
    assert utterance.ipa == "_həloʊ_"
    starts = [start for start in utterance.starts if start is not None]
    assert starts == sorted(starts)
    assert starts[-1] <= len(utterance.samples)


def test_the_pitch_is_that_of_the_voice(diphones: DiphoneSet) -> None:
    """The period is the one the voice definition leads to, about 120 Hz."""
    assert SAMPLE_RATE_HZ / diphones.period == pytest.approx(120, abs=10)


def test_each_pair_is_cut_to_the_length_of_a_pair(diphones: DiphoneSet) -> None:
    """A diphone takes between 20 and 350 ms, and an overlap."""
    assert set(diphones.units) == set(PAIRS)
    for unit in diphones.units.values():
        assert 0.02 < (len(unit) - diphones.period) / SAMPLE_RATE_HZ < 0.35
        assert np.isfinite(unit).all()


def test_a_pair_that_is_never_spoken_is_missing(diphones: DiphoneSet) -> None:
    """A pair that espeak-ng always changes is reported, not cut from something else."""
    assert diphones.missing == (REFUSED,)


def test_voiced_pairs_meet_in_phase(diphones: DiphoneSet) -> None:
    """The end of one diphone and the beginning of the next are the same moment of the same vowel."""
    left, right = diphones.units["h", "ə"], diphones.units["ə", "l"]
    end, begin = left[-diphones.period :], right[: diphones.period]
    assert np.corrcoef(end, begin)[0, 1] > 0.8


def test_recording_stops_when_the_voice_is_full(speaker: Speaker) -> None:
    """Pairs beyond the limit are missing."""
    few = record_diphones(speaker, PAIRS, 3000)
    assert sum(len(unit) for unit in few.units.values()) <= 3000
    assert tuple(few.units) + few.missing == tuple(PAIRS)
