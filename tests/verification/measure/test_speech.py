"""Measuring speech by the loudness of sound whose truth is known."""

import numpy as np
import pytest
from voicegate.judge.registry import Limits
from voicegate.measure.speech import Speech, measure_speech, sounding
from voicegate.record.loudness import loudness_of
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


def speech_in(sound: Samples, text: str = "", **limits: float) -> Speech | None:
    """Measure the speech in sound."""
    return measure_speech(loudness_of(sound, RATE), Limits.model_validate(limits), text)


@pytest.mark.parametrize("lead_s", [0.3, 0.303, 0.305, 0.3071])
def test_onset_and_end_are_found_within_a_step(lead_s: float) -> None:
    """Both are right to 5 ms, wherever the frames of 10 ms lie."""
    sound = join(silence(lead_s), tone(1.0), silence(0.5))
    speech = speech_in(sound)

    assert speech is not None
    assert lead_s - 0.005 <= speech.start_s <= lead_s + 0.001
    assert lead_s + 0.999 <= speech.end_s <= lead_s + 1.005
    assert speech.sounding_s == pytest.approx(speech.end_s - speech.start_s)
    assert sounding(loudness_of(sound, RATE), Limits()) == [(speech.start_s, speech.end_s)]


@pytest.mark.parametrize(
    ("quiet_dbfs", "loud_dbfs", "ends_s"), [(-49.0, -39.0, 1.5), (-51.0, -39.0, 1.0), (-49.0, -41.0, None)]
)
def test_levels_are_those_of_the_limits(quiet_dbfs: float, loud_dbfs: float, ends_s: float | None) -> None:
    """Speech begins above -40 dBFS and ends below -50; half a second that is quieter follows one that is loud."""
    loud, quiet = (
        tone(length_s, dbfs_of_a_tone(level)) for length_s, level in ((1.0, loud_dbfs), (0.5, quiet_dbfs))
    )
    speech = speech_in(join(loud, quiet, np.zeros(RATE, np.int16)))
    assert (speech and speech.end_s) == (ends_s and pytest.approx(ends_s, abs=0.005))


def dbfs_of_a_tone(dbfs: float) -> float:
    """Return the amplitude, as a fraction of full scale, of a tone so loud."""
    return float(10 ** (dbfs / 20) * np.sqrt(2))


def test_silence_is_no_speech() -> None:
    """Codec noise has no onset."""
    assert speech_in(silence(2.0)) is None
    assert speech_in(np.zeros(0, np.int16)) is None


def test_a_click_is_no_speech() -> None:
    """A sound of 10 ms before the reply is not its onset."""
    speech = speech_in(join(silence(0.2), tone(0.01), silence(0.3), tone(0.5), silence(0.1)))

    assert speech is not None
    assert speech.start_s == pytest.approx(0.51, abs=0.005)
    assert speech.gaps == ()


@pytest.mark.parametrize(("gap_s", "expected"), [(0.15, 0), (0.19, 0), (0.22, 1), (0.8, 1)])
def test_a_gap_counts_from_200_ms(gap_s: float, expected: int) -> None:
    """Shorter silences belong to speech, longer ones are holes in it."""
    speech = speech_in(join(tone(0.5), silence(gap_s), tone(0.5)), "four seven one nine")

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


def assert_gaps(sound: Samples, text: str, expected: int, **limits: float) -> None:
    """Check how many gaps are found."""
    speech = speech_in(sound, text, **limits)
    assert speech is not None
    assert len(speech.gaps) == expected


def test_limits_say_what_is_speech_and_what_a_gap() -> None:
    """Not the recording: the same sound has other gaps and another onset by other limits."""
    two = "Your order is on its way. It comes on Monday."
    holed = join(tone(1.3), silence(0.4), tone(0.5), silence(0.12), tone(0.5))
    assert_gaps(holed, two, 0)
    assert_gaps(holed, two, 1, gap_s=0.1)
    assert_gaps(holed, two, 1, sentence_pause_s=0.3)
    assert_gaps(join(tone(0.5), silence(0.7), tone(0.8)), "Thank you, goodbye.", 0, clause_pause_s=0.8)
    murmur = join(tone(0.5, 0.008), tone(1.0), silence(0.2), tone(0.02), silence(0.1))
    assert_span(murmur, 0.5, 1.5)
    assert_span(murmur, 0.0, 1.5, speech_begins_dbfs=-48)
    assert_span(murmur, 0.5, 1.72, click_s=0.02)


def assert_span(sound: Samples, begin_s: float, end_s: float, **limits: float) -> None:
    """Check when speech begins and ends."""
    speech = speech_in(sound, **limits)  # type: ignore[arg-type]
    assert speech is not None
    assert (speech.start_s, speech.end_s) == pytest.approx((begin_s, end_s), abs=0.011)


def test_a_deep_voice_is_one_sound() -> None:
    """Between the pulses of 100 Hz it is silent for 5 ms at a time."""
    t = np.arange(RATE) / RATE
    pulses = np.where((t * 100) % 1 < 0.2, 3000, 0).astype(np.int16)
    assert_span(join(silence(0.5), pulses, silence(0.5)), 0.5, 1.5)
    assert_gaps(join(silence(0.5), pulses, silence(0.5)), "", 0)
