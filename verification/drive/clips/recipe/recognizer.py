"""Whether a recognizer understands a clip, as it is and after the way through a call's codec."""

from pathlib import Path

import av
import numpy as np
from faster_whisper import WhisperModel

from verification.judge.spoken_words import words
from verification.record.timeline import RATE
from verification.record.wav import Samples

_OPUS_RATE = 48_000
_OPUS_FRAME = 960
_OPUS_BIT_RATE = 24_000
_LEAD_S, _TRAIL_S = 0.2, 0.5


class Recognizer:
    """A Whisper model in CTranslate2 format, listening the way a call makes it listen."""

    def __init__(self, model: Path) -> None:
        self._model = WhisperModel(str(model), device="cpu", cpu_threads=1)

    def mistakes(self, text: str, samples: Samples) -> tuple[str, ...]:
        """Return what was heard instead of `text`, with where it was heard; empty when all is well."""
        heard = (("as it is", self.hear(samples)), ("through Opus", self.hear(through_opus(samples))))
        return tuple(f"{way}: {said!r}" for way, said in heard if words(said) != words(text))

    def hear(self, samples: Samples) -> str:
        """Transcribe samples at `timeline.RATE`, shape (n,), with a little silence around them."""
        padded = np.pad(samples / np.float32(32768), (round(_LEAD_S * RATE), round(_TRAIL_S * RATE)))
        segments, _ = self._model.transcribe(
            padded.astype(np.float32), language="en", beam_size=1, without_timestamps=True
        )
        return " ".join(segment.text.strip() for segment in segments)


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
