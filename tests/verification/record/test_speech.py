"""Measuring speech on sound whose truth is known."""

import numpy as np
import pytest
from voicegate.record.speech import measure_speech
from voicegate.record.wav import Samples

RATE = 16_000


def tone(seconds: float, amplitude: float = 0.3) -> Samples:
    """Make a tone of 220 Hz; amplitude as a fraction of full scale."""
    t = np.arange(round(seconds * RATE)) / RATE
    return (np.sin(2 * np.pi * 220 * t) * amplitude * 32767).astype(np.int16)


def silence(seconds: float) -> Samples:
    """Make silence with the faint noise a codec leaves."""
    return np.random.default_rng(0).integers(-3, 4, round(seconds * RATE)).astype(np.int16)


def join(*pieces: Samples) -> Samples:
    """Put pieces one after the other."""
    return np.concatenate(pieces)


@pytest.mark.parametrize("lead_s", [0.3, 0.303, 0.3071])
def test_onset_and_end_are_found_within_a_frame(lead_s: float) -> None:
    """The onset is right to a millisecond, the end to a frame of 10 ms."""
    speech = measure_speech(join(silence(lead_s), tone(1.0), silence(0.5)), RATE)

    assert speech is not None
    assert speech.start_s == pytest.approx(lead_s, abs=0.001)
    assert speech.end_s == pytest.approx(lead_s + 1.0, abs=0.011)
    assert speech.sounding_s == pytest.approx(1.0, abs=0.021)


def test_silence_is_no_speech() -> None:
    """Codec noise has no onset."""
    assert measure_speech(silence(2.0), RATE) is None
    assert measure_speech(np.zeros(0, np.int16), RATE) is None


def test_a_click_is_no_speech() -> None:
    """A sound of 10 ms before the reply is not its onset."""
    speech = measure_speech(join(silence(0.2), tone(0.01), silence(0.3), tone(0.5), silence(0.1)), RATE)

    assert speech is not None
    assert speech.start_s == pytest.approx(0.51, abs=0.001)
    assert speech.gaps == ()


@pytest.mark.parametrize(("gap_s", "expected"), [(0.15, 0), (0.19, 0), (0.22, 1), (0.8, 1)])
def test_a_gap_counts_from_200_ms(gap_s: float, expected: int) -> None:
    """Shorter silences belong to speech, longer ones are holes in it."""
    speech = measure_speech(join(tone(0.5), silence(gap_s), tone(0.5)), RATE, "four seven one nine")

    assert speech is not None
    assert len(speech.gaps) == expected
    if expected:
        assert speech.gaps[0].start_s == pytest.approx(0.5, abs=0.011)
        assert speech.gaps[0].duration_s == pytest.approx(gap_s, abs=0.021)


def test_the_pause_between_two_sentences_is_no_gap() -> None:
    """One pause per sentence end is allowed, and only where that end is."""
    two = "Your order is on its way. It comes on Monday."
    at_the_end_of_the_first = join(tone(1.3), silence(0.4), tone(1.0))
    inside_the_second = join(tone(2.2), silence(0.4), tone(0.2))

    assert_gaps(at_the_end_of_the_first, two, 0)
    assert_gaps(inside_the_second, two, 1)
    assert_gaps(join(tone(1.3), silence(0.4), tone(0.5), silence(0.3), tone(0.5)), two, 1)


@pytest.mark.parametrize(("pause_s", "expected"), [(0.3, 0), (0.7, 1)])
def test_a_comma_allows_a_shorter_pause(pause_s: float, expected: int) -> None:
    """Half a second at most, where between sentences a whole one is allowed."""
    assert_gaps(join(tone(0.5), silence(pause_s), tone(0.8)), "Thank you, goodbye.", expected)


def test_a_number_has_no_pause_at_its_point() -> None:
    """Only a mark that a space follows is heard."""
    assert_gaps(join(tone(0.5), silence(0.3), tone(0.5)), "It is 10.5 now.", 1)


def test_a_sentence_pause_has_a_longest_length() -> None:
    """More than a second of silence is a hole even between sentences."""
    assert_gaps(join(tone(1.0), silence(1.2), tone(1.0)), "All is well. Good bye now.", 1)


def assert_gaps(sound: Samples, text: str, expected: int) -> None:
    """Check how many gaps are found."""
    speech = measure_speech(sound, RATE, text)
    assert speech is not None
    assert len(speech.gaps) == expected


@pytest.mark.parametrize(("in_a_row", "expected"), [(0, 0), (2, 0), (3, 3), (4, 4)])
@pytest.mark.parametrize("full", [32767, -32768])
def test_flat_tops_are_counted(in_a_row: int, expected: int, full: int) -> None:
    """Three samples in a row at full scale are clipping, two are a loud peak."""
    sound = tone(0.2, 0.9)
    sound[800 : 800 + in_a_row] = full
    speech = measure_speech(sound, RATE)

    assert speech is not None
    assert speech.clipped_samples == expected


def test_an_overdriven_reply_is_clipped() -> None:
    """A tone at twice full scale is flat most of the time."""
    loud = np.clip(tone(0.2, 0.99).astype(np.int32) * 2, -32768, 32767).astype(np.int16)
    speech = measure_speech(loud, RATE)

    assert speech is not None
    assert speech.clipped_samples > 1000
