"""The sound of calls from a page: decoded, cut to the reply, and heard by the gate's recognizer."""

import base64
import io
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from voicegate.drive.page.sound import NoSoundError, decoded, keep_sound, understood
from voicegate.limits import SpeechLimits
from voicegate.record.ears import Ears
from voicegate.record.timeline import RATE
from voicegate.record.wav import Samples, read_wav
from voicegate.testing import MadeUpRun

TONE_S = 1.0
CALL = replace(MadeUpRun(cycles=1).recording().page_calls[0], heard_text=None)


class CountingEars:
    """A recognizer that says how many seconds it was given."""

    def __init__(self, words: frozenset[str] | None = None) -> None:
        self.ears = Ears("counting", words)

    def transcribe(self, samples: Samples) -> str:
        """Say how long it is."""
        return f"{len(samples) / RATE:.1f} s"


def webm(samples: Samples, rate: int = 48_000) -> str:
    """Encode as a browser does."""
    written = io.BytesIO()
    with av.open(written, "w", format="webm") as file:
        stream = file.add_stream("libopus", rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = rate
        for packet in (*stream.encode(frame), *stream.encode(None)):
            file.mux(packet)
    return base64.b64encode(written.getvalue()).decode()


def tone(rate: int, before_s: float, after_s: float) -> Samples:
    """Make a tone between silences."""
    at_s = np.arange(round(TONE_S * rate)) / rate
    silence = [np.zeros(round(seconds * rate)) for seconds in (before_s, after_s)]
    whole = np.concatenate((silence[0], 8000 * np.sin(2 * np.pi * 440 * at_s), silence[1]))
    return whole.astype(np.int16)


def test_both_sides_are_kept_as_wav_of_the_gates_rate(tmp_path: Path) -> None:
    """What lies at a second of the browser's sound lies there in the file."""
    said, heard = webm(tone(48_000, 0.5, 1.5)), webm(tone(48_000, 1.5, 0.5))
    files = keep_sound(said, heard, 10.0, tmp_path, "page-again-1")
    for path, begin_s in ((files.said, 0.5), (files.heard, 1.5)):
        samples, rate = read_wav(tmp_path / path)
        assert rate == RATE
        loud = np.flatnonzero(np.abs(samples) > 4000)
        assert loud[0] / RATE == pytest.approx(begin_s, abs=0.02)
        assert loud[-1] / RATE == pytest.approx(begin_s + TONE_S, abs=0.02)


@pytest.mark.parametrize("sent", ["bm8gc291bmQ=", "/"])
def test_what_is_no_sound_is_told(sent: str) -> None:
    """A page may give anything."""
    with pytest.raises(NoSoundError, match="cannot be read as sound"):
        decoded(sent)


def test_a_recording_of_nothing_has_no_samples() -> None:
    """A page that went away at once was recorded for no time."""
    assert len(decoded("")) == 0


def test_what_came_since_the_caller_spoke_is_heard(tmp_path: Path) -> None:
    """A greeting is no reply; silence around it is left out, and is no words."""
    said, greeted = tone(48_000, 1.3, 0.2), np.concatenate((tone(48_000, 0.0, 0.5), tone(48_000, 1.0, 1.0)))
    files = keep_sound(webm(said), webm(greeted), 10.0, tmp_path, "page-again-1")
    call = replace(CALL, said_audio=files.said, heard_audio=files.heard)
    assert understood(call, tmp_path, CountingEars(), SpeechLimits()).heard_text == "1.4 s"
    late = keep_sound(webm(tone(48_000, 3.7, 0.2)), webm(greeted), 10.0, tmp_path, "page-again-2")
    answered_before = replace(call, said_audio=late.said)
    assert understood(answered_before, tmp_path, CountingEars(), SpeechLimits()).heard_text == ""
    gone = replace(call, heard_audio="audio/none.wav")
    assert understood(gone, tmp_path, CountingEars(), SpeechLimits()) == gone


@pytest.mark.parametrize(
    ("reply_text", "expected_text", "words", "fits"),
    [
        (None, "", None, True),
        (None, "", frozenset({"code"}), False),
        (None, "code", frozenset({"code"}), True),
        ("the code", "code", frozenset({"code"}), False),
    ],
)
def test_ears_fit_a_reply_whose_words_they_know(
    tmp_path: Path, reply_text: str | None, expected_text: str, words: frozenset[str] | None, *, fits: bool
) -> None:
    """Those of a small model may not, and nobody knows where no words are known."""
    sound = webm(tone(48_000, 0.2, 0.2))
    files = keep_sound(sound, sound, 10.0, tmp_path, "page-again-1")
    call = replace(CALL, said_audio=files.said, heard_audio=files.heard)
    call = replace(call, reply_text=reply_text, expected_text=expected_text)
    assert understood(call, tmp_path, CountingEars(words), SpeechLimits()).fits_ears is fits
