"""Speaks a line with espeak-ng or flite."""

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from voicegate.drive.clips.library import read_audio
from voicegate.record.timeline import RATE
from voicegate.record.wav import Samples

PEAK = 0.9
_AUDIBLE = 0.02  # of the peak
_MARGIN_S = 0.02


class SynthesisError(RuntimeError):
    """A synthesizer is missing or failed; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One way to speak: a synthesizer's command line, with the text and the WAV file left open."""

    name: str
    command: tuple[str, ...]

    def speak(self, text: str) -> Samples:
        """Return `text` spoken at `timeline.RATE`, shape (n,), trimmed, its peak at PEAK of full scale."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "speech.wav"
            command = [part.format(text=text, path=path) for part in self.command]
            try:
                subprocess.run(command, check=True, capture_output=True)
            except FileNotFoundError as error:
                raise SynthesisError(f"{command[0]} is not installed: install its system package") from error
            except subprocess.CalledProcessError as error:
                raise SynthesisError(f"{' '.join(command)}: {error.stderr.decode()}") from error
            return trimmed(read_audio(path))


def trimmed(samples: Samples) -> Samples:
    """Cut the silence at both ends and set the peak."""
    level = np.abs(samples.astype(np.float64))
    (loud,) = np.nonzero(level > _AUDIBLE * level.max())
    if not len(loud):
        raise SynthesisError("the synthesizer produced silence")
    margin = round(_MARGIN_S * RATE)
    kept = samples[max(0, loud[0] - margin) : loud[-1] + margin].astype(np.float64)
    loudest: Samples = np.round(kept / level.max() * PEAK * 32767).astype(np.int16)
    return loudest


def _flite(voice: str, stretch: float) -> Voice:
    command = (
        "flite",
        "-voice",
        voice,
        "--setf",
        f"duration_stretch={stretch}",
        "-t",
        "{text}",
        "-o",
        "{path}",
    )
    return Voice(f"flite {voice}", command)


def _espeak(variant: str, words_per_minute: int) -> Voice:
    command = ("espeak-ng", "-v", variant, "-s", str(words_per_minute), "-w", "{path}", "{text}")
    return Voice(f"espeak-ng {variant}", command)


VOICES = (
    _flite("slt", 1.0),
    _flite("rms", 1.0),
    _flite("kal16", 1.0),
    _espeak("en-us+klatt2", 150),
    _flite("awb", 1.0),
    _flite("slt", 1.15),
    _espeak("en-us+Annie", 150),
    _flite("rms", 1.15),
    _flite("kal16", 1.15),
    _espeak("en-us+m3", 150),
    _flite("slt", 0.9),
    _flite("kal16", 0.9),
)
"""Callers take turns through these; a line that one voice garbles goes to the next.

Of espeak-ng's voices, Whisper base understood no code of Andy's, Michael's and f3's, and 8 of 14 of Annie's, klatt2's and m3's.
"""
