"""Listening to recorded replies."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes.multilingual_whisper import write_model
from voicegate.record.ears import Ears
from voicegate.record.events import Turn
from voicegate.record.recognizer import RecognizerError, WhisperRecognizer, can_be_heard, heard
from voicegate.record.wav import Samples, write_wav

RATE = 16_000
TURN = Turn(
    t=11.0,
    call="call-01",
    index=0,
    clip="code-1",
    said_text="",
    said_code=None,
    expected_reply="",
    speech_start_t=11.0,
    speech_end_t=12.0,
    reply_start_t=12.5,
    reply_end_t=13.0,
    latency_s=0.5,
    transcript=None,
    reply_text=None,
    heard_text=None,
    reply_audio_s=0.5,
    heard_audio="call.wav",
    audio_start_t=10.0,
)


class Listener:
    """Remembers what it was given to transcribe."""

    ears = Ears("few words", frozenset({"one", "two"}))

    def __init__(self) -> None:
        self.given: list[Samples] = []

    def transcribe(self, samples: Samples) -> str:
        """Hear the same, always."""
        self.given.append(samples)
        return "one two"


def test_the_reply_is_cut_out_of_the_call(tmp_path: Path) -> None:
    """Exactly the reply, with 0.2 s on either side, whenever the call began."""
    track = np.zeros(5 * RATE, np.int16)
    track[int(2.5 * RATE) : 3 * RATE] = 1000
    write_wav(tmp_path / "call.wav", track, RATE)
    listener = Listener()

    assert heard(TURN, tmp_path, listener).heard_text == "one two"

    (given,) = listener.given
    assert len(given) == round(0.9 * RATE)
    assert np.count_nonzero(given) == RATE // 2


def test_words_that_the_recognizer_cannot_write_are_noted(tmp_path: Path) -> None:
    """Of the reply's text, or of the text that was expected in its place."""
    write_wav(tmp_path / "call.wav", np.zeros(5 * RATE, np.int16), RATE)
    spoken = replace(TURN, reply_text="One, two and three.", expected_reply="four")

    assert heard(spoken, tmp_path, Listener()).unknown_words == ("and", "three")
    assert heard(replace(spoken, reply_text=None), tmp_path, Listener()).unknown_words == ("four",)


def test_missing_audio_leaves_the_turn_as_it_is(tmp_path: Path) -> None:
    """What was not heard stays None."""
    assert heard(TURN, tmp_path, Listener()) == TURN


def test_turns_without_a_reply_are_not_listened_to() -> None:
    """There is nothing to hear in them."""
    silent = replace(TURN, reply_start_t=None, reply_end_t=None)

    assert can_be_heard(TURN)
    assert not can_be_heard(silent)
    assert not can_be_heard(replace(TURN, heard_audio=None))


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    """The message has the folder and the setting."""
    with pytest.raises(RecognizerError, match=r"no model\.bin in it; .*recognizer\.model"):
        WhisperRecognizer(tmp_path)


def test_a_damaged_model_is_named(tmp_path: Path) -> None:
    """A file that is no model is an error of the recognizer, whatever its libraries raise."""
    (tmp_path / "model.bin").write_bytes(b"nothing of use")

    with pytest.raises(RecognizerError, match=r"recognizer\.model"):
        WhisperRecognizer(tmp_path)


def test_a_model_listens_in_the_language_it_is_told_to(tmp_path: Path) -> None:
    """If it knows it: the message names the folder, the language and both settings."""
    write_model(tmp_path)
    assert WhisperRecognizer(tmp_path, "de").ears == Ears(str(tmp_path))
    silence = np.zeros(RATE, np.int16)
    assert isinstance(WhisperRecognizer(tmp_path, "de").transcribe(silence), str)
    with pytest.raises(RecognizerError, match=r"language 'xx'.*recognizer\.model.*recognizer\.language"):
        WhisperRecognizer(tmp_path, "xx")
