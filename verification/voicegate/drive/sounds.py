"""Sounds that a caller makes without saying anything, made by arithmetic: small, and the same every time.

A cough and a door are shaped noise, "mm-hmm" is a hum through two resonances, music a slow tune of plucked strings. They begin as
a voice-activity detector hears the real ones, with energy where speech has it; none of them has a word.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from voicegate.names import SoundName
from voicegate.record.timeline import RATE
from voicegate.record.wav import Samples

Wave = NDArray[np.float64]

_FULL = 32767
_SEED = 7
_TUNE_HZ = (262, 330, 392, 523, 392, 330, 294, 349, 440, 587, 440, 349)
_NOTE_S = 0.28

LOUDNESS_DBFS: Mapping[SoundName, float] = {
    "silence": -100.0,
    "cough": -16.0,
    "mm-hmm": -22.0,
    "door": -16.0,
    "noise": -20.0,
    "hum": -30.0,
    "music": -32.0,
    "voice": -38.0,
}
"""How loud each is at the caller's microphone, as the mean power while it sounds; speech is at about -15."""


def make_sound(
    name: SoundName, seconds: float, background: Samples | None = None, level_db: float = 0.0
) -> Samples:
    """Make a sound of this length, shape (n,) at RATE; "voice" is `background`, somebody's speech, far away and over and over.

    It is `level_db` louder than usual, or softer.
    """
    count = round(seconds * RATE)
    if name == "silence":
        return np.zeros(count, np.int16)
    if name == "voice":
        if background is None:
            raise ValueError('"voice" needs somebody\'s speech as the background')
        wave: Wave = np.resize(np.append(background, np.zeros(RATE // 3)).astype(np.float64), count)
    else:
        wave = _MAKERS[name](np.arange(count) / RATE, np.random.default_rng(_SEED))
    return _at(wave, LOUDNESS_DBFS[name] + level_db)


def _at(wave: Wave, dbfs: float) -> Samples:
    """Set the mean power, and limit what is too loud then."""
    scaled = wave / np.sqrt(np.mean(wave**2)) * 10 ** (dbfs / 20)
    return np.asarray(np.round(np.clip(scaled, -1, 1) * _FULL), np.int16)


def _cough(t: Wave, draw: np.random.Generator) -> Wave:
    """Make two bursts of breath, each with a hard begin."""
    half = t[-1] / 2
    envelope = np.exp(-(t % half) / 0.07) * np.minimum(1, (t % half) / 0.004)
    low, high = (_resonant(draw.standard_normal(len(t)), hertz, hertz / 2) for hertz in (900, 2200))
    return np.asarray(envelope * (low + high))


def _mm_hmm(t: Wave, draw: np.random.Generator) -> Wave:
    """Make two hums, the second one higher, with a breath between them."""
    part = t / t[-1]
    pitch_hz = np.where(part < 0.5, 120 - 15 * part, 118 + 40 * (part - 0.5))
    pulses = np.diff(np.floor(np.cumsum(pitch_hz) / RATE), prepend=0.0)
    voiced = np.where((part > 0.42) & (part < 0.55), 0.0, np.sin(np.pi * np.clip(part, 0.02, 0.98)) ** 0.5)
    hum = _resonant(pulses, 250, 80) + 0.3 * _resonant(pulses, 1100, 200)
    return np.asarray(hum * voiced + 0.02 * draw.standard_normal(len(t)) * (1 - voiced))


def _door(t: Wave, draw: np.random.Generator) -> Wave:
    """Make a latch, then a thud and what it shakes."""
    latch = np.exp(-t / 0.01) * draw.standard_normal(len(t))
    after = np.maximum(0, t - 0.06)
    thud = (t >= 0.06) * np.exp(-after / 0.09) * np.sin(2 * np.pi * 85 * after)
    return (
        0.4 * latch
        + 2 * thud
        + (t >= 0.06) * 0.5 * np.exp(-after / 0.05) * _resonant(draw.standard_normal(len(t)), 500, 300)
    )


def _noise(t: Wave, draw: np.random.Generator) -> Wave:
    """Make noise as wind and streets do: the higher, the softer."""
    spectrum = np.fft.rfft(draw.standard_normal(len(t)))
    hertz = np.maximum(80.0, np.fft.rfftfreq(len(t), 1 / RATE))
    return np.asarray(np.fft.irfft(spectrum / np.sqrt(hertz), len(t)))


def _hum(t: Wave, _draw: np.random.Generator) -> Wave:
    """Make a transformer: 50 Hz and its harmonics."""
    return np.asarray(sum(np.sin(2 * np.pi * 50 * n * t) / n for n in (1, 2, 3, 4, 6)))


def _music(t: Wave, _draw: np.random.Generator) -> Wave:
    """Make a tune, note by note, each with harmonics that die away."""
    note = (t // _NOTE_S).astype(int)
    hertz = np.array(_TUNE_HZ)[note % len(_TUNE_HZ)]
    since = t - note * _NOTE_S
    return np.asarray(
        sum(np.exp(-since * (3 + 2 * n)) * np.sin(2 * np.pi * hertz * n * since) / n for n in (1, 2, 3))
    )


def _resonant(wave: Wave, hertz: float, wide_hz: float) -> Wave:
    """Let through what lies around a frequency."""
    spectrum = np.fft.rfft(wave)
    away = (np.fft.rfftfreq(len(wave), 1 / RATE) - hertz) / wide_hz
    return np.asarray(np.fft.irfft(spectrum / (1 + away**2), len(wave)))


_MAKERS: Mapping[SoundName, Callable[[Wave, np.random.Generator], Wave]] = {
    "cough": _cough,
    "mm-hmm": _mm_hmm,
    "door": _door,
    "noise": _noise,
    "hum": _hum,
    "music": _music,
}
