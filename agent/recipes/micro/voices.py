"""The voices that speak the training and test texts: espeak-ng, flite and the project's own.

Every voice returns 16 kHz mono float32 in [-1, 1], silence trimmed, peak at 0.9.
Held-out voices (`HELD_OUT_FLITE`, `HELD_OUT_ESPEAK`) never speak a training text.
"""

import random
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from piper import PiperVoice, SynthesisConfig
from scipy.signal import resample_poly

SAMPLE_RATE = 16_000

Audio = NDArray[np.float32]

FLITE = ("slt", "awb", "kal16", "kal")
HELD_OUT_FLITE = ("rms",)
ESPEAK = (
    "m1", "m2", "m3", "m4", "m5", "m6", "m7", "f1", "f2", "f3", "f4", "Alex", "Alicia", "Andrea",
    "Andy", "Annie", "Diogo", "Gene", "Gene2", "Hugo", "Jacky", "Lee", "Marco", "Mario", "Michael",
    "Mike", "Nguyen", "adam", "anika", "announcer", "antonio", "aunty", "belinda", "benjamin",
    "boris", "david", "ed", "edward", "edward2", "grandma", "grandpa", "gustave", "iven", "iven2",
    "john", "klatt", "klatt2", "klatt3", "linda", "marcelo", "max", "miguel", "norbert", "pablo",
    "paul", "pedro", "quincy", "rob", "robert", "sandro", "steph", "steph2", "travis", "victor",
    "zac",
)  # fmt: skip
HELD_OUT_ESPEAK = ("f5", "m8", "caleb", "shelby")
_ESPEAK_ACCENTS = ("en-us",) * 6 + ("en-gb", "en-gb-x-rp", "en-gb-scotland")


class SynthesisError(RuntimeError):
    """A speech synthesizer is missing, failed, or produced no sound."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """Clean speech and where it came from."""

    audio: Audio
    text: str
    voice: str


def speak_training_voice(text: str, rng: random.Random) -> Utterance:
    """Speak with a random trained voice of flite or espeak-ng, at a random rate and pitch."""
    if rng.random() < 0.5:
        return _flite(text, rng.choice(FLITE), rng, other_speaker=True)
    return _espeak(text, f"{rng.choice(_ESPEAK_ACCENTS)}+{rng.choice(ESPEAK)}", rng)


def speak_held_out_voice(text: str, rng: random.Random) -> Utterance:
    """Speak with a voice that training never heard: flite rms or one of four of espeak-ng."""
    if rng.random() < 0.5:
        return _flite(text, rng.choice(HELD_OUT_FLITE), rng, other_speaker=False)
    return _espeak(text, f"en-us+{rng.choice(HELD_OUT_ESPEAK)}", rng)


def speak_project_voice(text: str, rng: random.Random, model: Path) -> Utterance:
    """Speak with a Piper-format voice (`model` is its .onnx file), at about its own rate."""
    length_scale = 1.0 if rng.random() < 0.5 else rng.uniform(0.85, 1.25)
    written = text + rng.choice(("", "", ".", "?", "!"))
    if rng.random() < 0.5:
        written = written[0].upper() + written[1:]
    chunks = list(_piper(model).synthesize(written, SynthesisConfig(length_scale=length_scale)))
    if not chunks:
        raise SynthesisError(f"{model} produced no sound for {text!r}")
    audio = np.concatenate([chunk.audio_float_array for chunk in chunks])
    return _utterance(_resampled(audio, chunks[0].sample_rate), text, "project")


@cache
def _piper(model: Path) -> PiperVoice:
    return PiperVoice.load(model)


def _flite(text: str, voice: str, rng: random.Random, other_speaker: bool) -> Utterance:
    """Speak with flite; `other_speaker` scales pitch and formants as a different throat would."""
    throat = rng.uniform(0.84, 1.22) if other_speaker and rng.random() < 0.7 else 1.0
    stretch = rng.uniform(0.8, 1.25) * throat
    command = ["flite", "-voice", voice, "--setf", f"duration_stretch={stretch:.3f}"]
    if voice.startswith("kal"):
        command += ["--setf", f"int_f0_target_mean={rng.randint(85, 190)}"]
    audio, rate = _run([*command, "-t", text, "-o", "/dev/stdout"])
    return _utterance(_resampled(audio, round(rate * throat)), text, f"flite {voice}")


def _espeak(text: str, voice: str, rng: random.Random) -> Utterance:
    command = ["espeak-ng", "-v", voice, "-s", str(rng.randint(125, 205))]
    command += ["-p", str(rng.randint(25, 75)), "-g", rng.choice(("0", "0", "0", "1", "3"))]
    audio, rate = _run([*command, "--stdout", text])
    return _utterance(_resampled(audio, rate), text, f"espeak-ng {voice}")


def _run(command: list[str]) -> tuple[Audio, int]:
    """Run a synthesizer that writes WAV to its standard output; audio and its sample rate."""
    try:
        done = subprocess.run(command, check=True, capture_output=True)
    except FileNotFoundError as error:
        raise SynthesisError(f"{command[0]} is not installed: the recipe needs it") from error
    except subprocess.CalledProcessError as error:
        raise SynthesisError(f"{' '.join(command)} failed: {error.stderr.decode()}") from error
    # Lengths in the header are placeholders when writing to a pipe; the rate is at byte 24.
    rate = int.from_bytes(done.stdout[24:28], "little")
    samples = np.frombuffer(done.stdout[44 : len(done.stdout) // 2 * 2], np.int16)
    return (samples / np.float32(32_768)).astype(np.float32), rate


def _resampled(audio: Audio, rate: int) -> Audio:
    """To 16 kHz; the ratio is rounded to a fraction that costs little to compute."""
    ratio = Fraction(SAMPLE_RATE, rate).limit_denominator(441)
    if ratio == 1:
        return audio
    resampled: Audio = resample_poly(audio, ratio.numerator, ratio.denominator).astype(np.float32)
    return resampled


def _utterance(audio: Audio, text: str, voice: str) -> Utterance:
    peak = float(np.abs(audio).max(initial=0))
    if peak < 1e-3:
        raise SynthesisError(f"{voice} produced no sound for {text!r}")
    (loud,) = np.nonzero(np.abs(audio) > 0.02 * peak)
    trimmed = audio[max(0, loud[0] - 320) : loud[-1] + 640]
    return Utterance((trimmed / peak * 0.9).astype(np.float32), text, voice)
