"""Whether a recognizer understands a clip the way a call would make it hear it."""

from collections.abc import Sequence

import av
import numpy as np
from voicegate.measure.spoken_words import words
from voicegate.record.recognizer import Recognizer
from voicegate.record.timeline import RATE
from voicegate.record.wav import Samples

_OPUS_RATE = 48_000
_OPUS_FRAME = 960
_OPUS_BIT_RATE = 24_000
_TRAIL_S = 0.5
_LEADS_S = (0.0, 0.05, 0.5)
_NOISY_WAYS = 12


class CarefulListener:
    """Listens to a clip several ways, so that what passes has some margin in a real call."""

    def __init__(self, recognizer: Recognizer, others: Sequence[Recognizer] = ()) -> None:
        """Take the recognizer that must understand it in every way, and `others`, slow ones, that hear it without noise only."""
        self._recognizer = recognizer
        self._others = others

    def mistakes(self, text: str, samples: Samples) -> tuple[str, ...]:
        """Return what was heard instead of `text`, with how it was played; empty when all is well."""
        ways = _ways(samples)
        found = _misheard(self._recognizer, text, ways)
        for other in self._others:
            found = found or _misheard(other, text, ways[:-_NOISY_WAYS])
        return found


def _misheard(recognizer: Recognizer, text: str, ways: Sequence[tuple[str, Samples]]) -> tuple[str, ...]:
    heard = ((how, recognizer.transcribe(played)) for how, played in ways)
    return tuple(f"{how}: {said!r}" for how, said in heard if words(said) != words(text))


def _ways(samples: Samples) -> tuple[tuple[str, Samples], ...]:
    coded = through_opus(samples)
    return (
        ("as it is", _with_silence(samples, 0.2)),
        ("through Opus", _with_silence(coded, 0.2)),
        ("through Opus, later and softer", _with_silence((coded * 0.3).astype(np.int16), 0.57)),
        *((f"through Opus, {lead_s:g} s in", _with_silence(coded, lead_s)) for lead_s in _LEADS_S),
        *((f"through Opus, in noise {number}", _in_noise(coded, number)) for number in range(_NOISY_WAYS)),
    )


def _in_noise(samples: Samples, seed: int) -> Samples:
    """Play it at some loudness after some silence, all over faint white noise; the same for the same seed."""
    draw = np.random.default_rng(seed)
    played = np.pad(samples * 10 ** draw.uniform(-0.8, 0.0), (round(draw.uniform(0, 0.6) * RATE), RATE // 2))
    noise = draw.standard_normal(len(played)) * 32768 * 10 ** draw.uniform(-5.0, -3.3)
    return np.clip(played + noise, -32768, 32767).astype(np.int16)


def _with_silence(samples: Samples, lead_s: float) -> Samples:
    return np.pad(samples, (round(lead_s * RATE), round(_TRAIL_S * RATE)))


def through_opus(samples: Samples) -> Samples:
    """Encode and decode as WebRTC does (48 kHz mono, 20 ms frames, voice); shape (n,) in, about (n,) out."""
    encoder = av.AudioCodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = _OPUS_RATE, "mono", "s16"
    encoder.bit_rate = _OPUS_BIT_RATE
    encoder.options = {"application": "voip", "frame_duration": "20"}
    decoder = av.AudioCodecContext.create("libopus", "r")
    decoder.sample_rate, decoder.layout = _OPUS_RATE, "mono"
    upsampler = av.AudioResampler("s16", "mono", _OPUS_RATE, frame_size=_OPUS_FRAME)
    downsampler = av.AudioResampler("s16", "mono", RATE)
    source = av.AudioFrame.from_ndarray(samples[None, :], format="s16", layout="mono")
    source.sample_rate = RATE
    upsampled = [*upsampler.resample(source), *upsampler.resample(None)]
    packets = [packet for frame in (*upsampled, None) for packet in encoder.encode(frame)]
    decoded = [frame for packet in packets for frame in decoder.decode(av.Packet(bytes(packet)))]
    heard = [part for frame in (*decoded, None) for part in downsampler.resample(frame)]
    result: Samples = np.concatenate([part.to_ndarray().reshape(-1) for part in heard])
    return result
