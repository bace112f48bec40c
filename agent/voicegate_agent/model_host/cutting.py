"""A long recording to units that are heard one after the other, cut where it is quietest."""

import numpy as np

from voicegate_agent.model_host.decoding import Samples
from voicegate_agent.model_host.protocol import ASR_SAMPLE_RATE_HZ

_FRAME = ASR_SAMPLE_RATE_HZ // 50
_PAUSE_FRAMES = 10


def cut_where_quiet(samples: Samples, longest: int) -> list[Samples]:
    """Cut into units of at most `longest` samples (a second or more), each in the quietest 0.2 s of its second half."""
    units = []
    while len(samples) > longest:
        end = _quietest(samples[longest // 2 : longest]) + longest // 2
        units.append(samples[:end])
        samples = samples[end:]
    return [*units, samples]


def _quietest(samples: Samples) -> int:
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME)
    powers = np.mean(np.square(frames), axis=1)
    pauses = np.convolve(powers, np.ones(_PAUSE_FRAMES), "valid")
    return (int(pauses.argmin()) + _PAUSE_FRAMES // 2) * _FRAME
