"""Cut the diphones out of the carriers: from the middle of one phone to the middle of the next.

Cuts in voiced phones are placed at one phase of the (constant) pitch, so that any two diphones join without
a jump; cuts in stops lie in the closure.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.signal import resample_poly

from recipes.voice.carriers import Carrier, Pair, carriers
from recipes.voice.espeak import SOURCE_RATE_HZ, Speaker, Utterance
from recipes.voice.phones import SILENCE, STOPS, VOICELESS, base, spoken_ipa

Samples = npt.NDArray[np.float64]

SAMPLE_RATE_HZ = 16000
_MARGIN_S = 0.05
_ONSET_S = 0.012
_RELEASE_S = 0.02
_PITCH_PROBE = "A: l'oUn w'i: m'eI n'aU r'aI m'3: l'A:m"


@dataclass(frozen=True, slots=True)
class DiphoneSet:
    """Diphones and the pitch they share.

    `period` is in samples at `SAMPLE_RATE_HZ`. `units[left, right]` is float64 [hop + period]: neighbors are
    cross-faded over one period, so a unit adds `hop` samples to an utterance.
    """

    period: int
    units: dict[Pair, Samples]
    missing: tuple[Pair, ...]


def record_diphones(
    speaker: Speaker,
    pairs: Sequence[Pair],
    max_samples: int,
    progress: Callable[[str], None] = lambda _: None,
) -> DiphoneSet:
    """Have `speaker` speak a carrier for each of `pairs` and cut the pair out of it, up to `max_samples`.

    A pair that espeak-ng changes in every carrier (assimilation, linking) ends in `missing`, and so do the
    pairs that no longer fit.
    """
    period = measure_period(speaker)
    units: dict[Pair, Samples] = {}
    missing: list[Pair] = []
    free = max_samples
    for count, pair in enumerate(pairs, 1):
        unit = _record(speaker, pair, period)
        if unit is None:
            missing.append(pair)
            continue
        if len(unit) > free:
            missing += pairs[count - 1 :]
            break
        free -= len(unit)
        units[pair] = unit
        if count % 500 == 0:
            progress(f"{count} of {len(pairs)} diphones spoken")
    return DiphoneSet(period, units, tuple(missing))


def measure_period(speaker: Speaker) -> int:
    """Return the pitch period of `speaker` in samples at `SAMPLE_RATE_HZ`, from a voiced phrase."""
    samples = _at_voice_rate(speaker.speak(_PITCH_PROBE).samples)
    window, shortest, longest = 1000, SAMPLE_RATE_HZ // 250, SAMPLE_RATE_HZ // 70
    periods = []
    for start in range(longest, len(samples) - window - longest, 250):
        frame = samples[start : start + window]
        if frame.std() < 0.02:
            continue
        scores = [
            np.corrcoef(frame, samples[start + lag : start + lag + window])[0, 1]
            for lag in range(shortest, longest)
        ]
        periods.append(shortest + int(np.argmax(scores)))
    return int(np.median(periods))


def _record(speaker: Speaker, pair: Pair, period: int) -> Samples | None:
    for carrier in carriers(pair):
        for spelling in carrier.spellings():
            utterance = speaker.speak(spelling)
            starts = _phone_starts(carrier, utterance)
            if starts is not None:
                return _cut(carrier, utterance, starts, period)
    return None


def _cut(carrier: Carrier, utterance: Utterance, phone_starts: list[int], period: int) -> Samples:
    margin = int(_MARGIN_S * SAMPLE_RATE_HZ)
    samples = np.pad(_at_voice_rate(utterance.samples), margin)
    starts = [margin + start for start in phone_starts]
    left, right = carrier.position, carrier.position + 1
    phones = carrier.phones
    if phones[left] == SILENCE:
        begin = starts[right] - int(_ONSET_S * SAMPLE_RATE_HZ)
    else:
        begin = _cut_point(samples, phones[left], starts[left], starts[left + 1], period)
    if phones[right] == SILENCE:
        end = starts[right] + int(_RELEASE_S * SAMPLE_RATE_HZ)
    else:
        end = _cut_point(samples, phones[right], starts[right], starts[right + 1], period)
    end = max(end, begin + period)
    half = period // 2
    unit = samples[begin - half : end - half + period].copy()
    if phones[left] == SILENCE:
        unit[:half] *= np.linspace(0, 1, half)
    if phones[right] == SILENCE:
        unit[-period:] *= np.linspace(1, 0, period)
    return unit


def _phone_starts(carrier: Carrier, utterance: Utterance) -> list[int] | None:
    """Return the first sample of each phone at the voice's rate, or None when other phones were spoken."""
    if utterance.ipa != carrier.ipa:
        return None
    starts, character = [], 0
    for phone in carrier.phones:
        start = utterance.starts[character]
        if start is None:  # two phones were spoken as one
            return None
        starts.append(round(start * SAMPLE_RATE_HZ / SOURCE_RATE_HZ))
        character += len(spoken_ipa(phone))
    return starts


def _cut_point(samples: Samples, phone: str, start: int, end: int, period: int) -> int:
    middle = (start + end) // 2
    if base(phone) in STOPS:
        return _quietest(samples, start + period // 4, start + int(0.7 * (end - start)), middle)
    if base(phone) in VOICELESS:
        return middle
    # The phase of the fundamental around the middle says where the nearest pitch mark is.
    frame = samples[middle - period : middle + period]
    phase = float(np.angle(np.dot(frame, np.exp(-2j * np.pi * np.arange(len(frame)) / period))))
    offset = (-phase * period / (2 * np.pi)) % period
    return middle - period + round(offset + period * round((period - offset) / period))


def _quietest(samples: Samples, low: int, high: int, otherwise: int) -> int:
    """Return the middle of the quietest stretch of `samples[low:high]`."""
    width = 80  # 5 ms
    if high - low < width // 4:
        return otherwise
    energy = np.convolve(samples[low - width // 2 : high + width // 2] ** 2, np.ones(width), "same")
    energy = energy[width // 2 : width // 2 + high - low]
    quiet = np.flatnonzero(energy <= 1.5 * energy.min() + 1e-7)
    return low + int(np.median(quiet))


def _at_voice_rate(samples: Samples) -> Samples:
    divisor = math.gcd(SAMPLE_RATE_HZ, SOURCE_RATE_HZ)
    resampled: Samples = resample_poly(samples, SAMPLE_RATE_HZ // divisor, SOURCE_RATE_HZ // divisor)
    return resampled
