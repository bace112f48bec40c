"""Clips to measure with: what callers say, and the sound. A folder of the user's own, or spoken by the agent's voice."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from voicegate_agent.model_host.decoding import Samples, decode_upload
from voicegate_agent.model_host.protocol import ASR_SAMPLE_RATE_HZ, InvalidRequestError
from voicegate_agent.settings import SettingsError

INDEX = "index.json"

TEXTS = {
    "sentence": (
        "Hello, I would like to know when my order will arrive.",
        "Could you please change the address to the new office in the city?",
        "Good morning, this is Peter from the warehouse.",
        "I ordered two chairs last week, and only one of them came.",
        "What are your opening hours on Saturday?",
        "Please connect me with an operator.",
        "My printer does not work, and I have tried everything.",
        "Can I pay by credit card when the driver comes?",
    ),
    "digits": (
        "My code is three nine five seven.",
        "Seven three one nine.",
        "The number is zero four four eight.",
        "Five five two zero six one.",
    ),
    "short": ("Yes.", "No, thank you.", "Hello?", "One moment please."),
}
"""What the agent's own voice says, by kind."""

_TELEPHONE_HZ = (300, 3400)
_NOISE_BELOW_SPEECH = 0.18  # 15 dB
_NOTHING_S = 2


class ClipsError(SettingsError):
    """Clips that cannot be used; the message names the file, and what was expected."""


@dataclass(frozen=True, slots=True)
class Clip:
    """What somebody says, of which kind it is, and the sound: mono samples at 16 kHz in -1..1."""

    text: str
    kind: str
    samples: Samples


def read_clips(folder: Path, every: int = 1) -> list[Clip]:
    """Read every so many clips of a folder whose `index.json` gives for each its `file`, its `text` and, if it has one, its `kind`.

    Raises ClipsError.
    """
    index = folder / INDEX
    try:
        entries = json.loads(index.read_text(encoding="utf-8"))
    except OSError as error:
        message = f"{index} cannot be read ({error.strerror}): it must list the clips of the folder"
        raise ClipsError(message) from error
    except ValueError as error:
        raise ClipsError(f"{index} is no JSON: {error}") from error
    if not isinstance(entries, list) or not entries:
        raise ClipsError(f'{index} must be a list of {{"file": ..., "text": ...}}, of one clip or more')
    return [_clip(folder, entry) for entry in entries[::every]]


def _clip(folder: Path, entry: Mapping[str, Any]) -> Clip:
    try:
        name, text, kind = entry["file"], entry["text"], entry.get("kind", "speech")
    except (KeyError, TypeError, AttributeError):
        raise ClipsError(f"{folder / INDEX}: {entry!r} must have a file and a text") from None
    try:
        return Clip(str(text), str(kind), decode_upload((folder / name).read_bytes()))
    except (OSError, InvalidRequestError) as error:
        raise ClipsError(f"{folder / name}: {error}") from error


def spoken_clips(say: Callable[[str], Samples]) -> list[Clip]:
    """Have every text said: as it is, as over the telephone, and in noise; and have sounds in which nobody speaks."""
    random = np.random.default_rng(0)
    clips = []
    for kind, texts in TEXTS.items():
        for text in texts:
            spoken = say(text)
            clips.append(Clip(text, kind, spoken))
            clips.append(Clip(text, f"{kind}, telephone", _telephone(spoken)))
            clips.append(Clip(text, f"{kind}, noise", _in_noise(spoken, random)))
    return [*clips, *_nothing(random)]


def _telephone(samples: Samples) -> Samples:
    """Leave what a telephone lets pass."""
    spectrum = np.fft.rfft(samples)
    hertz = np.fft.rfftfreq(len(samples), 1 / ASR_SAMPLE_RATE_HZ)
    low, high = _TELEPHONE_HZ
    spectrum[(hertz < low) | (hertz > high)] = 0
    return np.fft.irfft(spectrum, len(samples)).astype(np.float32)


def _in_noise(samples: Samples, random: np.random.Generator) -> Samples:
    level = _NOISE_BELOW_SPEECH * float(np.sqrt(np.mean(np.square(samples))))
    noisy = samples + level * random.standard_normal(len(samples))
    return np.clip(noisy, -1, 1).astype(np.float32)


def _nothing(random: np.random.Generator) -> Iterable[Clip]:
    """Make noise, hum and a dial tone, out of which no word may come."""
    time_s = np.arange(_NOTHING_S * ASR_SAMPLE_RATE_HZ) / ASR_SAMPLE_RATE_HZ
    sounds = (
        0.02 * random.standard_normal(len(time_s)),
        0.1 * np.sin(2 * np.pi * 50 * time_s),
        0.1 * (np.sin(2 * np.pi * 350 * time_s) + np.sin(2 * np.pi * 440 * time_s)),
    )
    return [Clip("", "nobody speaks", sound.astype(np.float32)) for sound in sounds]
