"""What a voice costs: its size, and the time and memory that it takes to load and to speak."""

import resource
import time
from dataclasses import dataclass
from pathlib import Path

from piper import PiperVoice

SENTENCES = (
    "Hello, how can I help you?",
    "Your order is on its way.",
    "Your code is four seven one nine.",
    "I am sorry, I did not understand that. Could you please repeat your account number?",
    "Your appointment is on March the twelfth at ten, and a technician will visit you tomorrow afternoon.",
)
_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class VoiceCost:
    """Figures of one voice in this process; `real_time_factor` is seconds of compute per second of speech."""

    file_bytes: int
    load_s: float
    memory_bytes: int
    real_time_factor: float
    spoken_s: float

    def __str__(self) -> str:
        return (
            f"{self.file_bytes / 1e6:.2f} MB on disk; {self.load_s * 1e3:.0f} ms and {self.memory_bytes / 1e6:.0f} MB "
            f"until the first sentence is spoken; real-time factor {self.real_time_factor:.4f} "
            f"over {self.spoken_s:.0f} s of speech"
        )


def measure_voice(voice: Path) -> VoiceCost:
    """Load a Piper voice and have it speak; memory is the growth of the peak RSS, so measure once per process."""
    before = _peak_rss_bytes()
    start = time.perf_counter()
    loaded = PiperVoice.load(voice)
    _speak(loaded, SENTENCES[0])
    load_s = time.perf_counter() - start
    memory_bytes = _peak_rss_bytes() - before
    start = time.perf_counter()
    spoken_s = sum(_speak(loaded, sentence) for _ in range(_ROUNDS) for sentence in SENTENCES)
    compute_s = time.perf_counter() - start
    return VoiceCost(voice.stat().st_size, load_s, memory_bytes, compute_s / spoken_s, spoken_s)


def _speak(voice: PiperVoice, text: str) -> float:
    """Return the seconds of speech."""
    return sum(len(chunk.audio_float_array) / chunk.sample_rate for chunk in voice.synthesize(text))


def _peak_rss_bytes() -> int:
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
