"""Recording and measuring the turns of a call whose sound is known to the sample."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from voicegate.judge.registry import Limits
from voicegate.measure.turns import measured_turn
from voicegate.record.call_audio import (
    AudioFiles,
    CallAudio,
    SpokenTurn,
    call_sound,
    recorded_turn,
    save_call_audio,
)
from voicegate.record.events import Turn
from voicegate.record.recording import RecordingError
from voicegate.record.timeline import RATE
from voicegate.record.wav import Samples, read_wav

FILES = AudioFiles("audio/said.wav", "audio/heard.wav")
BEGAN_T = 100.0
SPOKEN = SpokenTurn(
    call="call-01",
    index=0,
    clip="code-1",
    said_text="one two",
    said_code="12",
    expected_reply="Your code is one two.",
    start_t=BEGAN_T + 1.0,
    end_t=BEGAN_T + 2.5,
    until_t=BEGAN_T + 6.0,
    transcript="one two",
    reply_text=None,
)


def track(*sounds: tuple[float, float]) -> Samples:
    """Make ten seconds of silence with a tone from each first to each second time."""
    samples = np.zeros(10 * RATE, np.int16)
    for first_s, last_s in sounds:
        t = np.arange(round(first_s * RATE), round(last_s * RATE))
        samples[t] = (np.sin(2 * np.pi * 300 * t / RATE) * 9000).astype(np.int16)
    return samples


def turn_of(
    spoken: SpokenTurn, audio: CallAudio, files: AudioFiles | None, limits: Limits | None = None
) -> Turn:
    """Record a turn and measure it."""
    return measured_turn(recorded_turn(spoken, audio, files), limits or Limits())


def test_latency_runs_from_the_end_of_speech_to_the_onset() -> None:
    """The clip's own silence, before and after its speech, does not count."""
    audio = CallAudio(BEGAN_T, said=track((1.2, 2.1)), heard=track((2.8, 4.0)))

    turn = turn_of(SPOKEN, audio, FILES)

    assert turn.speech_start_t == pytest.approx(BEGAN_T + 1.2, abs=0.005)
    assert turn.speech_end_t == pytest.approx(BEGAN_T + 2.1, abs=0.011)
    assert turn.reply_start_t == pytest.approx(BEGAN_T + 2.8, abs=0.005)
    assert turn.reply_end_t == pytest.approx(BEGAN_T + 4.0, abs=0.011)
    assert turn.latency_s == pytest.approx(0.7, abs=0.012)
    assert turn.reply_audio_s == pytest.approx(1.2, abs=0.02)
    assert turn.audio_start_t == BEGAN_T
    assert turn.heard_text is None


def test_what_is_heard_after_the_turn_belongs_to_the_next() -> None:
    """The reply is looked for until the caller speaks again."""
    audio = CallAudio(BEGAN_T, said=track((1.2, 2.1)), heard=track((7.0, 8.0)))

    turn = turn_of(SPOKEN, audio, FILES)

    assert turn.reply_start_t is None
    assert turn.latency_s is None
    assert turn.reply_audio_s == 0


def test_an_agent_that_interrupts_has_a_negative_latency() -> None:
    """It is neither hidden nor taken for fast."""
    audio = CallAudio(BEGAN_T, said=track((1.2, 2.1)), heard=track((1.6, 4.0)))

    assert turn_of(SPOKEN, audio, FILES).latency_s == pytest.approx(-0.5, abs=0.012)


def test_a_reply_behind_a_filler_is_measured_alone() -> None:
    """Neither the filler nor the silence after it is part of it."""
    audio = CallAudio(BEGAN_T, said=track((1.2, 2.1)), heard=track((2.4, 3.0), (4.8, 5.5)))

    turn = turn_of(
        replace(SPOKEN, reply_from_t=BEGAN_T + 4.2037, reply_text="Your code is one two."), audio, FILES
    )

    assert turn.reply_start_t == pytest.approx(BEGAN_T + 4.8, abs=0.012)
    assert turn.latency_s == pytest.approx(2.7, abs=0.02)
    assert turn.reply_audio_s == pytest.approx(0.7, abs=0.02)
    assert turn.gaps == ()
    late = turn_of(replace(SPOKEN, reply_from_t=BEGAN_T + 5.6), audio, FILES)
    assert late.reply_start_t is None, "the filler was all that came"


def test_a_hole_in_the_reply_is_found() -> None:
    """A silence of 300 ms in the one sentence of the reply is a gap."""
    audio = CallAudio(BEGAN_T, said=track((1.2, 2.1)), heard=track((2.8, 3.4), (3.7, 4.4)))

    turn = turn_of(replace(SPOKEN, reply_text="Your code is one two."), audio, FILES)

    assert [round(gap.duration_s, 1) for gap in turn.gaps] == [0.3]


def test_both_tracks_are_saved(tmp_path: Path) -> None:
    """Two files of the same length, named by the call."""
    audio = CallAudio(BEGAN_T, said=track((1.2, 2.1)), heard=track())

    files = save_call_audio(audio, tmp_path, "call-07")

    assert files == AudioFiles("audio/call-07-said.wav", "audio/call-07-heard.wav")
    assert [len(read_wav(tmp_path / name)[0]) for name in (files.said, files.heard)] == [10 * RATE] * 2


def test_audio_that_cannot_be_written_is_a_recording_error(tmp_path: Path) -> None:
    """The message names the folder and the call."""
    (tmp_path / "audio").write_text("in the way")

    with pytest.raises(RecordingError, match="audio of call-07"):
        save_call_audio(CallAudio(BEGAN_T, track(), track()), tmp_path, "call-07")


def test_a_reply_is_looked_for_after_what_was_heard_before_it() -> None:
    """The end of a reply that the caller interrupted is none; it stays in what was recorded."""
    audio = CallAudio(BEGAN_T, said=track((1.2, 2.1)), heard=track((0.5, 1.6), (2.8, 4.0)))

    turn = turn_of(replace(SPOKEN, reply_from_t=BEGAN_T + 2.1, scripted=True), audio, FILES)

    assert turn.reply_start_t == pytest.approx(BEGAN_T + 2.8, abs=0.011)
    assert turn.heard_loudness is not None
    assert turn.heard_loudness.after_s < 0.01
    assert turn.scripted


def test_the_sound_of_a_whole_call_is_recorded() -> None:
    """Both sides, from the begin of the call on."""
    audio = CallAudio(BEGAN_T, said=track((1.2, 2.1)), heard=track((2.8, 4.0)))

    sound = call_sound("call-01", audio)

    assert (sound.call, sound.t) == ("call-01", BEGAN_T)
    assert [round(one.after_s, 2) for one in (sound.said, sound.heard)] == [1.2, 2.8]
