"""Sounds that are no speech, for which the model must write nothing."""

import random
from collections.abc import Callable

import numpy as np

from recipes.micro.effects import noise
from recipes.micro.voices import SAMPLE_RATE, Audio

_DTMF_LOW_HZ = (697, 770, 852, 941)
_DTMF_HIGH_HZ = (1209, 1336, 1477, 1633)


def _seconds(length: int) -> np.ndarray:
    return np.arange(length) / SAMPLE_RATE


def silence(_: random.Random, length: int) -> Audio:
    """Digital silence."""
    return np.zeros(length, np.float32)


def steady_noise(rng: random.Random, length: int) -> Audio:
    """Noise alone, from inaudible to loud."""
    return noise(rng, length) * np.float32(10 ** rng.uniform(-4.3, -1))


def clicks(rng: random.Random, length: int) -> Audio:
    """Faint noise with a few short beeps, clicks and bursts."""
    audio = noise(rng, length) * 10 ** rng.uniform(-4.3, -2)
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(length)
        span = min(length - start, int(SAMPLE_RATE * rng.choice((0.005, 0.05, 0.3, 1.0))))
        burst = np.sin(2 * np.pi * rng.uniform(100, 3500) * _seconds(span))
        if rng.random() < 0.5:
            burst = noise(rng, span)
        audio[start : start + span] += burst * np.hanning(span) * 10 ** rng.uniform(-2, -0.5)
    return audio.astype(np.float32)


def tone(rng: random.Random, length: int) -> Audio:
    """One tone, two tones, a chirp, or a ringing one."""
    hertz = rng.choice((rng.uniform(80, 3800), 425, 440, 1000))
    time_s = _seconds(length)
    drift = rng.choice((0, 0, rng.uniform(-400, 900)))
    audio = np.sin(2 * np.pi * (hertz * time_s + drift * time_s**2 / 2))
    if rng.random() < 0.3:
        audio = audio + np.sin(2 * np.pi * hertz * rng.uniform(1.05, 1.6) * time_s)
    if rng.random() < 0.4:
        period_s = rng.choice((0.2, 0.4, 0.5, 1, 2))
        audio = audio * (time_s % period_s < period_s * rng.uniform(0.2, 0.8))
    return _at_random_level(rng, audio)


def keypad(rng: random.Random, length: int) -> Audio:
    """Telephone keys."""
    audio = np.zeros(length)
    start = int(SAMPLE_RATE * rng.uniform(0, 0.4))
    while start < length:
        span = min(length - start, int(SAMPLE_RATE * rng.choice((0.07, 0.1, 0.16, 0.25, 0.5))))
        phase = 2 * np.pi * _seconds(span)
        low, high = rng.choice(_DTMF_LOW_HZ), rng.choice(_DTMF_HIGH_HZ)
        audio[start : start + span] = np.sin(low * phase) + np.sin(high * phase)
        start += span + int(SAMPLE_RATE * rng.choice((0.05, 0.1, 0.2, 0.4)))
    return _at_random_level(rng, audio)


def hum(rng: random.Random, length: int) -> Audio:
    """Mains hum with harmonics."""
    phase = 2 * np.pi * rng.choice((50, 60, 100, 120)) * _seconds(length)
    audio = sum(np.sin(n * phase + n * n) * rng.random() / n for n in range(1, 12))
    return _at_random_level(rng, np.asarray(audio))


def _at_random_level(rng: random.Random, audio: np.ndarray) -> Audio:
    loud = audio / (np.abs(audio).max(initial=0) + 1e-9) * 10 ** rng.uniform(-1.8, -0.1) * 0.9
    lead = int(SAMPLE_RATE * rng.choice((0, rng.uniform(0, 0.5))))
    padded = np.pad(loud, (lead, int(SAMPLE_RATE * rng.choice((0, rng.uniform(0, 1))))))
    if rng.random() < 0.6:
        padded = padded + noise(rng, len(padded)) * 10 ** rng.uniform(-4.3, -2)
    clipped: Audio = np.clip(padded, -1, 1).astype(np.float32)
    return clipped


KINDS: dict[str, Callable[[random.Random, int], Audio]] = {
    "silence": silence,
    "noise": steady_noise,
    "clicks": clicks,
    "tone": tone,
    "keypad": keypad,
    "hum": hum,
}


def non_speech(rng: random.Random, kind: str | None = None) -> Audio:
    """Make a clip of 0.1 to 5 s without speech, of one of `KINDS` (at random when None)."""
    chosen = kind or rng.choices(tuple(KINDS), (3, 6, 4, 3, 2, 2))[0]
    return KINDS[chosen](rng, int(SAMPLE_RATE * rng.uniform(0.1, 5)))
