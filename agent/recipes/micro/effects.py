"""What happens to speech between a mouth and the model: loudness, room, line, noise, Opus."""

import random

import av
import numpy as np
from scipy.signal import butter, resample_poly, sosfilt

from recipes.micro.voices import SAMPLE_RATE, Audio

_OPUS_RATE = 48_000
_OPUS_FRAME = 960
_OPUS_DELAY = 312  # samples of look-ahead the decoder returns first


def noise(rng: random.Random, length: int) -> Audio:
    """White, low-passed or humming noise of unit RMS; `length` in samples."""
    samples = np.random.default_rng(rng.getrandbits(32)).standard_normal(length)
    kind = rng.random()
    if 0.4 <= kind < 0.8:
        samples = sosfilt(butter(1, rng.uniform(200, 3000) / 8000, output="sos"), samples)
    elif kind >= 0.8:
        phase = 2 * np.pi * rng.choice((50, 60, 100, 120)) * np.arange(length) / SAMPLE_RATE
        samples = 0.3 * samples + sum(np.sin(n * phase + n) / n for n in (1, 2, 3))
    rms = np.sqrt(np.mean(samples**2)) + 1e-9
    unit: Audio = (samples / rms).astype(np.float32)
    return unit


def colored(audio: Audio, rng: random.Random) -> Audio:
    """Change rate, bandwidth and room at random; most clips get one or two of these."""
    if rng.random() < 0.5:
        factor = rng.uniform(0.9, 1.12)
        places = np.arange(int(len(audio) / factor)) * factor
        audio = np.interp(places, np.arange(len(audio)), audio)
    if rng.random() < 0.3:
        cutoff = rng.choice((3400, 4000, 5500, 7000))
        audio = sosfilt(butter(4, cutoff / 8000, output="sos"), audio)
    if rng.random() < 0.2:
        audio = sosfilt(butter(2, rng.uniform(100, 350) / 8000, "high", output="sos"), audio)
    if rng.random() < 0.2:
        delay = int(SAMPLE_RATE * rng.uniform(0.01, 0.06))
        echo = np.zeros_like(audio)
        echo[delay:] = rng.uniform(0.1, 0.4) * audio[: len(audio) - delay]
        audio = audio + echo
    return audio.astype(np.float32)


def placed(audio: Audio, rng: random.Random, mild: bool = False) -> tuple[Audio, float, float]:
    """Set a level, put silence around and noise under; clip, seconds of speech start and end.

    `mild` is what a test clip gets: noise, if any, at least 25 dB below the speech.
    """
    audio = audio / np.abs(audio).max() * 10 ** rng.uniform(-1.3, -0.02)
    lead_s = rng.choice((0, rng.uniform(0, 0.6), rng.uniform(0, 0.6), rng.uniform(0, 0.9)))
    trail_s = rng.choice((rng.uniform(0, 0.2), rng.uniform(0.2, 0.8), rng.uniform(0.2, 1.5)))
    before, after = int(lead_s * SAMPLE_RATE), int(trail_s * SAMPLE_RATE)
    clip = np.pad(audio, (before, after))
    draw = rng.random()
    snr_db = rng.uniform(25, 45) if draw < 0.5 else None
    if not mild and draw < 0.25:
        snr_db = rng.uniform(10, 25)
    if snr_db is not None:
        level = np.sqrt(np.mean(audio**2)) * 10 ** (-snr_db / 20)
        clip = clip + noise(rng, len(clip)) * level
    return _as_16_bit(clip), lead_s, lead_s + len(audio) / SAMPLE_RATE


def joined(first: Audio, second: Audio, rng: random.Random) -> Audio:
    """Two utterances with a short pause between."""
    pause = np.zeros(int(SAMPLE_RATE * rng.uniform(0.15, 0.6)), np.float32)
    return np.concatenate([first, pause, second * rng.uniform(0.7, 1.0)]).astype(np.float32)


def through_opus(audio: Audio, bit_rate: int) -> Audio:
    """Encode and decode with Opus as WebRTC does (48 kHz mono, 20 ms frames, voice mode)."""
    upsampled = resample_poly(audio, 3, 1)
    padded = np.pad(upsampled, (0, 3 * _OPUS_FRAME - len(upsampled) % _OPUS_FRAME))
    samples = np.clip(np.round(padded * 32_767), -32_768, 32_767).astype(np.int16)
    encoder, decoder = _opus_pair(bit_rate)
    packets = []
    for start in range(0, len(samples), _OPUS_FRAME):
        frame = av.AudioFrame.from_ndarray(
            samples[None, start : start + _OPUS_FRAME], format="s16", layout="mono"
        )
        frame.sample_rate, frame.pts = _OPUS_RATE, start
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    frames = [f for p in packets for f in decoder.decode(av.Packet(bytes(p)))]
    decoded = np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames])
    scale = 32_768 if decoded.dtype == np.int16 else 1
    kept = decoded[_OPUS_DELAY : _OPUS_DELAY + len(upsampled)] / scale
    kept = np.pad(kept, (0, len(upsampled) - len(kept)))
    returned: Audio = resample_poly(kept, 1, 3)[: len(audio)].astype(np.float32)
    return returned


def _opus_pair(bit_rate: int) -> tuple[av.AudioCodecContext, av.AudioCodecContext]:
    encoder = av.AudioCodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.bit_rate = _OPUS_RATE, bit_rate
    encoder.layout, encoder.format = "mono", "s16"
    encoder.options = {"application": "voip", "frame_duration": "20", "compression_level": "3"}
    decoder = av.AudioCodecContext.create("libopus", "r")
    decoder.sample_rate, decoder.layout = _OPUS_RATE, "mono"
    return encoder, decoder


def _as_16_bit(audio: Audio) -> Audio:
    limited = np.round(np.clip(audio, -1, 1) * 32_767).astype(np.int16)
    return (limited / np.float32(32_768)).astype(np.float32)
