"""The gate's own ear: what the replies in a recording say, by a Whisper model of its own."""

from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np

from voicegate.record.ears import Ears, ears_of
from voicegate.record.events import Turn
from voicegate.record.timeline import RATE
from voicegate.record.wav import Samples, WavError, read_wav

_MARGIN_S = 0.2


class RecognizerError(Exception):
    """The gate's recognizer cannot be used; the message names the model folder and the setting."""


class Recognizer(Protocol):
    """Anything that writes down what is said; `ears` are the words that it can write."""

    ears: Ears

    def transcribe(self, samples: Samples) -> str:
        """Return the text of `samples`, shape (n,) at RATE."""


class WhisperRecognizer:
    """faster-whisper as it is shipped, on a model folder: independent of how the agent runs its model."""

    def __init__(self, folder: Path, language: str = "en") -> None:
        if not (folder / "model.bin").is_file():
            raise RecognizerError(
                f"{folder}: no model.bin in it; give the folder of a model as recognizer.model"
            )
        from faster_whisper import WhisperModel  # noqa: PLC0415 - a second of imports that judging does without

        try:
            self._model = WhisperModel(str(folder), device="cpu", compute_type="auto", local_files_only=True)
        except (OSError, RuntimeError, ValueError) as error:
            raise RecognizerError(f"{folder}: cannot be loaded as recognizer.model: {error}") from error
        if language not in self._model.supported_languages:
            raise RecognizerError(
                f"{folder}: this model does not know the language {language!r}; give the folder of one that does as"
                " recognizer.model, or another recognizer.language"
            )
        self._language = language
        self.ears = ears_of(folder)

    def transcribe(self, samples: Samples) -> str:
        """Return the text of `samples`, shape (n,) at RATE."""
        segments, _ = self._model.transcribe(
            samples.astype(np.float32) / 32768,
            language=self._language,
            beam_size=1,
            condition_on_previous_text=False,
        )
        return " ".join(segment.text.strip() for segment in segments)


def can_be_heard(turn: Turn) -> bool:
    """Whether there is a reply to listen to."""
    return turn.reply_start_t is not None and turn.heard_audio is not None


def heard(turn: Turn, folder: Path, recognizer: Recognizer) -> Turn:
    """Return the turn with what was heard; `folder` is the recording's. One whose audio is missing stays as it is."""
    try:
        samples = reply_audio(turn, folder)
    except WavError:
        return turn
    unknown = recognizer.ears.unknown_words(turn.spoken_text)
    return replace(turn, heard_text=recognizer.transcribe(samples), unknown_words=unknown)


def reply_audio(turn: Turn, folder: Path) -> Samples:
    """Cut the reply of a turn, with a little silence around it, out of the call's WAV file. Raises WavError."""
    if turn.heard_audio is None or turn.reply_start_t is None or turn.reply_end_t is None:
        raise WavError(f"{turn.call}, turn {turn.index}: no reply was recorded")
    track, rate = read_wav(folder / turn.heard_audio)
    begin_t = turn.audio_start_t or 0.0
    first = max(0, round((turn.reply_start_t - _MARGIN_S - begin_t) * rate))
    last = round((turn.reply_end_t + _MARGIN_S - begin_t) * rate)
    if rate != RATE:
        raise WavError(f"{turn.heard_audio}: {rate} samples per second, expected {RATE}")
    return track[first:last]
