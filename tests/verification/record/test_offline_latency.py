"""The callers' wait measured by another method, on sound whose truth is known, and whether the gate's own agrees."""

from collections.abc import Callable

import numpy as np
import pytest
from fakes.offline_latency import latencies
from voicegate.judge.registry import Limits
from voicegate.measure.turns import measured_turn
from voicegate.record.call_audio import CallAudio, SpokenTurn, recorded_turn
from voicegate.record.timeline import RATE
from voicegate.record.wav import Samples

AGREE_S = 0.02


def tone(seconds: float, amplitude: float = 0.3, hertz: float = 220) -> Samples:
    """Make a tone; amplitude as a fraction of full scale."""
    t = np.arange(round(seconds * RATE)) / RATE
    return (np.sin(2 * np.pi * hertz * t) * amplitude * 32767).astype(np.int16)


def noise(seconds: float, amplitude: float) -> Samples:
    """Make white noise; amplitude as a fraction of full scale."""
    return (np.random.default_rng(1).uniform(-amplitude, amplitude, round(seconds * RATE)) * 32767).astype(
        np.int16
    )


def voice(seconds: float) -> Samples:
    """Make a buzz of 100 Hz that swells and fades, as a vowel does."""
    t = np.arange(round(seconds * RATE)) / RATE
    pulses = np.where((t * 100) % 1 < 0.2, 1.0, -0.1)
    envelope = np.clip(np.minimum(t / 0.02, (seconds - t) / 0.04), 0, 1)
    samples: Samples = (pulses * envelope * 0.4 * 32767).astype(np.int16)
    return samples


def track(total_s: float, *pieces: tuple[float, Samples], floor: float = 0.0001) -> Samples:
    """Lay pieces, each from its time on, over the faint noise that a codec leaves."""
    samples = noise(total_s, floor)
    for start_s, piece in pieces:
        first = round(start_s * RATE)
        samples[first : first + len(piece)] = piece
    return samples


@pytest.mark.parametrize("sound", [tone, voice, lambda seconds: noise(seconds, 0.2)])
@pytest.mark.parametrize("offset_s", [0.0, 0.0034, 0.0071])
def test_steps_are_found_to_the_window(sound: Callable[[float], Samples], offset_s: float) -> None:
    """Tones, buzzes and noise that end and begin at known times, wherever the frames of the other method lie."""
    said = track(6, (1.0 + offset_s, sound(1.5)))
    heard = track(6, (3.2, sound(2)))

    (latency,) = latencies(said, heard, RATE, 1)

    assert latency == pytest.approx(0.7 - offset_s, abs=0.015 if sound is voice else 0.006)


def test_turns_lie_between_the_longest_silences() -> None:
    """Pauses inside an utterance do not make two of it; each reply is counted from its own utterance."""
    said = track(14, (1, tone(0.5)), (1.9, tone(0.5)), (6, tone(0.5)), (6.7, tone(1.0)))
    heard = track(14, (3, tone(1)), (9, tone(1)))

    assert latencies(said, heard, RATE, 2) == pytest.approx((0.6, 1.3), abs=0.006)


def test_reply_before_the_end_is_a_negative_wait() -> None:
    """An agent that speaks into the caller's sentence is early by as much."""
    said, heard = track(4, (1, tone(2))), track(4, (2.5, tone(1)))
    assert latencies(said, heard, RATE, 1) == pytest.approx((-0.5,), abs=0.006)


def test_silence_has_no_wait() -> None:
    """A reply that never came, or to another turn, is None; a call without the utterances it should have too."""
    said, nothing = track(9, (1, tone(1)), (6, tone(1))), track(9)
    only_second = track(9, (7.5, tone(1)))
    assert latencies(said, nothing, RATE, 2) == (None, None)
    first, second = latencies(said, only_second, RATE, 2)
    assert first is None
    assert second == pytest.approx(0.5, abs=0.006)
    assert latencies(said, only_second, RATE, 3) == (None, None, None)
    assert latencies(nothing, only_second, RATE, 1) == (None,)
    assert latencies(np.zeros(0, np.int16), np.zeros(0, np.int16), RATE, 1) == (None,)


def test_click_and_murmur_are_no_reply() -> None:
    """Neither 10 ms of sound nor noise at −46 dB is an answer."""
    heard = track(6, (2.5, tone(0.01)), (2.7, noise(0.4, 0.008)), (4, tone(1)))
    assert latencies(track(6, (1, tone(1))), heard, RATE, 1) == pytest.approx((2.0,), abs=0.006)


@pytest.mark.parametrize("sound", [tone, voice])
@pytest.mark.parametrize("shift_s", [0.0, -0.03, 0.03, 0.5])
def test_both_methods_agree(sound: Callable[[float], Samples], shift_s: float) -> None:
    """On the same sound they are within 20 ms; sound that lies elsewhere in one of the tracks shows as that difference."""
    said, heard = track(6, (1.0, sound(1.5))), track(6, (3.2037, sound(2)))
    spoken = SpokenTurn("call-01", 0, "clip", "a", None, "b", 100.9, 102.6, 106, "a", "b")
    turn = measured_turn(recorded_turn(spoken, CallAudio(100.0, said, heard), None), Limits())

    (latency_s,) = latencies(said, np.roll(heard, round(shift_s * RATE)), RATE, 1)

    assert turn.latency_s is not None
    assert latency_s == pytest.approx(turn.latency_s + shift_s, abs=AGREE_S)
