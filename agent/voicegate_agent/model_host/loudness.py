"""Speech at one level, piece by piece, without clipping."""

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

SPEECH_DBFS = -20.0
"""How loud speech is while somebody speaks, pauses left out: 2 dB less than Piper makes of a typical sentence, with room for peaks."""

HEADROOM = 0.8
"""No sample is above this: Opus overshoots, and would clip at full level."""

KNEE = 0.5
"""Samples above this are bent towards HEADROOM: a few peaks in a second, which nobody hears."""

QUIET_DBFS = -40.0
SHORT_TAIL_S = 0.05
"""What is left of the silence behind a piece that ends in mid-clause; the next begins with as much."""

_FRAME_S = 0.02
_GATE = 0.1  # frames 10 dB below the mean are pauses, as in ITU-R BS.1770


def levelled(samples: Samples, rate_hz: int) -> Samples:
    """Bring a piece of speech to SPEECH_DBFS, with soft peaks; silence stays silence."""
    power = speech_power(samples, rate_hz)
    if power == 0:
        return samples
    loud = samples * np.float32(10 ** (SPEECH_DBFS / 20) / np.sqrt(power))
    excess = np.maximum(np.abs(loud) - KNEE, 0) / (HEADROOM - KNEE)
    return np.where(excess > 0, np.sign(loud) * (KNEE + (HEADROOM - KNEE) * np.tanh(excess)), loud).astype(
        np.float32
    )


def with_short_tail(samples: Samples, rate_hz: int) -> Samples:
    """Leave SHORT_TAIL_S of the silence at the end."""
    loud = np.flatnonzero(np.abs(samples) > 10 ** (QUIET_DBFS / 20))
    return samples[: loud[-1] + 1 + round(SHORT_TAIL_S * rate_hz)] if loud.size else samples


def speech_power(samples: Samples, rate_hz: int) -> float:
    """Give the mean power of the frames of 20 ms in which somebody speaks."""
    frame = round(_FRAME_S * rate_hz)
    padded = np.pad(samples, (0, -len(samples) % frame))
    powers = np.mean(np.square(padded.reshape(-1, frame), dtype=np.float64), axis=1)
    if not powers.any():
        return 0.0
    return float(powers[powers >= _GATE * powers.mean()].mean())
