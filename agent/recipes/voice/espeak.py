"""Speak espeak-ng phoneme strings through libespeak-ng, with the start of every phone."""

import ctypes
import ctypes.util
import subprocess
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from recipes.voice.phones import SILENCE

SOURCE_RATE_HZ = 22050
VOICE_NAME = "diphones"
VOICE_DEFINITION = f"""name {VOICE_NAME}
language variant
klatt 4
pitch 130 130
flutter 0
roughness 0
"""
"""A monotone formant voice: a constant pitch is what lets diphones be joined period by period."""

_SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS: samples go to the callback, in the calling thread
_PHONEME_EVENTS_IN_IPA = 0x0003
_PHONEME_EVENT = 7
_CHARS_UTF8_WITH_PHONEMES = 0x0101
_PARAMETER_RATE, _PARAMETER_PITCH_RANGE = 1, 4
_INVISIBLE = "ˈˌ\u0361ʲ"  # stress, tie and glide: part of a phone's name, no phone of their own


class EspeakError(RuntimeError):
    """libespeak-ng is missing or refuses to work; the message says what to install."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """What espeak-ng spoke.

    `samples` float64 [n] at `SOURCE_RATE_HZ`, full scale 1; `ipa` has one character per element of
    `starts`, where a start is a sample index or None inside a phone of several characters.
    """

    samples: npt.NDArray[np.float64]
    ipa: str
    starts: tuple[int | None, ...]


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


class Speaker:
    """The one espeak-ng of this process; make it with `open_speaker`."""

    def __init__(self, library: ctypes.CDLL) -> None:
        """Attach to an initialized `library`."""
        self._library = library
        self._blocks: list[npt.NDArray[np.int16]] = []
        self._events: list[tuple[int, str]] = []
        self._callback = _Callback(self._receive)  # espeak-ng keeps only the pointer
        library.espeak_SetSynthCallback(self._callback)

    def speak(self, mnemonics: str) -> Utterance:
        """Speak a string of espeak-ng phoneme mnemonics."""
        self._blocks.clear()
        self._events.clear()
        text = f"[[{mnemonics}]]".encode() + b"\0"
        self._library.espeak_Synth(text, len(text), 0, 1, 0, _CHARS_UTF8_WITH_PHONEMES, None, None)
        if not self._blocks:
            raise EspeakError(f"espeak-ng spoke nothing for [[{mnemonics}]]")
        ipa, starts = _characters(self._events)
        return Utterance(np.concatenate(self._blocks) / 32768.0, ipa, starts)

    def _receive(self, wave: Any, count: int, events: Any) -> int:  # noqa: ANN401 - pointers of ctypes
        if count > 0 and wave:
            self._blocks.append(np.ctypeslib.as_array(wave, (count,)).copy())
        index = 0
        while events[index].type:
            event = events[index]
            if event.type == _PHONEME_EVENT:
                name = bytes(event.id.string).split(b"\0")[0].decode("utf-8", "replace")
                self._events.append((event.sample, name))
            index += 1
        return 0


@contextmanager
def open_speaker(words_per_minute: int = 160) -> Iterator[Speaker]:
    """Yield espeak-ng speaking `VOICE_DEFINITION` at `words_per_minute`; once per process.

    Raises EspeakError when espeak-ng or its en-us voice is missing. The library is left as it is at the end:
    its espeak_Terminate was seen to wait for ever for a thread of its own.
    """
    library = _load_library()
    with tempfile.TemporaryDirectory() as folder:
        data = _with_own_voice(_data_folder(), Path(folder))
        library.espeak_Initialize(_SYNCHRONOUS, 0, str(data).encode(), _PHONEME_EVENTS_IN_IPA)
        if library.espeak_SetVoiceByName(f"en-us+{VOICE_NAME}".encode()) != 0:
            raise EspeakError("espeak-ng has no en-us voice: install the package espeak-ng-data")
        library.espeak_SetParameter(_PARAMETER_RATE, words_per_minute, 0)
        library.espeak_SetParameter(_PARAMETER_PITCH_RANGE, 0, 0)
        yield Speaker(library)


def _load_library() -> ctypes.CDLL:
    name = ctypes.util.find_library("espeak-ng") or "libespeak-ng.so.1"
    try:
        return ctypes.CDLL(name)
    except OSError as error:
        raise EspeakError(f"cannot load {name}: install the system package espeak-ng ({error})") from error


def _data_folder() -> Path:
    try:
        answer = subprocess.run(["espeak-ng", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise EspeakError(f"cannot run espeak-ng: install the system package espeak-ng ({error})") from error
    _, found, path = answer.partition("Data at: ")
    if not found:
        raise EspeakError(f"espeak-ng --version does not say where its data is: {answer!r}")
    return Path(path.strip())


def _with_own_voice(system: Path, folder: Path) -> Path:
    """Return a data folder in `folder` that is `system` plus the voice of this recipe."""
    data = folder / "espeak-ng-data"  # espeak-ng looks for a folder of exactly this name
    (data / "voices" / "!v").mkdir(parents=True)
    (data / "voices" / "!v" / VOICE_NAME).write_text(VOICE_DEFINITION, encoding="utf-8")
    for entry in sorted(system.iterdir()):
        if entry.name != "voices":
            (data / entry.name).symlink_to(entry)
    return data


def _characters(events: list[tuple[int, str]]) -> tuple[str, tuple[int | None, ...]]:
    """Spell phone events as one IPA string with `SILENCE` at both ends.

    Events without a name inside the utterance are glides between words, not pauses: they are left out.
    """
    ipa = SILENCE
    starts: list[int | None] = [0]
    end = 0
    for sample, name in events:
        spelled = "".join(
            c for c in unicodedata.normalize("NFD", name) if c not in _INVISIBLE and c not in "_:"
        )
        end = sample
        for index, character in enumerate(spelled):
            ipa += character
            starts.append(sample if index == 0 else None)
    return ipa + SILENCE, (*starts, end)
