"""The sound of one call: saved as two WAV files that begin together, and its loudness turn by turn."""

from dataclasses import dataclass
from pathlib import Path

from voicegate.expected_reply import ExpectedReply
from voicegate.record.events import CallSound, ReportedWait, Turn
from voicegate.record.loudness import clipped_samples, loudness_of
from voicegate.record.recording import RecordingError
from voicegate.record.timeline import RATE
from voicegate.record.wav import Samples, write_wav

FOLDER = "audio"


@dataclass(frozen=True, slots=True)
class CallAudio:
    """What was said and what was heard in a call, shape (n,) each at RATE, both from `start_t`."""

    start_t: float
    said: Samples
    heard: Samples


@dataclass(frozen=True, slots=True)
class AudioFiles:
    """Where a call's sound is, relative to the recording."""

    said: str
    heard: str


@dataclass(frozen=True, slots=True)
class SpokenTurn:
    """What is known of a turn without its sound. What belongs to it is heard from `start_t` until `until_t`.

    Its reply is looked for from `reply_from_t` on, where something else was heard before.
    """

    call: str
    index: int
    clip: str
    said_text: str
    said_code: str | None
    expected_reply: ExpectedReply
    start_t: float
    end_t: float
    until_t: float
    transcript: str | None
    reply_text: str | None
    language: str = "en"
    reply_from_t: float | None = None
    scripted: bool = False
    reported: ReportedWait | None = None
    goodbye: bool = False


def save_call_audio(audio: CallAudio, folder: Path, call: str) -> AudioFiles:
    """Write both tracks below the recording's folder. Raises RecordingError."""
    files = AudioFiles(f"{FOLDER}/{call}-said.wav", f"{FOLDER}/{call}-heard.wav")
    try:
        (folder / FOLDER).mkdir(exist_ok=True)
        write_wav(folder / files.said, audio.said, RATE)
        write_wav(folder / files.heard, audio.heard, RATE)
    except OSError as error:
        raise RecordingError(
            f"{folder / FOLDER}: cannot write the audio of {call}: {error.strerror}"
        ) from error
    return files


def recorded_turn(spoken: SpokenTurn, audio: CallAudio, files: AudioFiles | None) -> Turn:
    """Put down what is known of a turn and how loud it was; when anybody spoke in it is left to be measured.

    `files` is where the sound was saved, None if it was not.
    """
    heard = _cut(audio.heard, audio, spoken.start_t, spoken.until_t)
    return Turn(
        t=spoken.start_t,
        call=spoken.call,
        index=spoken.index,
        clip=spoken.clip,
        said_text=spoken.said_text,
        said_code=spoken.said_code,
        expected_reply=spoken.expected_reply,
        speech_start_t=spoken.start_t,
        speech_end_t=spoken.end_t,
        reply_start_t=None,
        reply_end_t=None,
        latency_s=None,
        transcript=spoken.transcript,
        reply_text=spoken.reply_text,
        heard_text=None,
        reply_audio_s=0.0,
        clipped_samples=clipped_samples(
            _cut(audio.heard, audio, spoken.reply_from_t or spoken.start_t, spoken.until_t)
        ),
        said_audio=files.said if files else None,
        heard_audio=files.heard if files else None,
        audio_start_t=audio.start_t if files else None,
        language=spoken.language,
        said_loudness=loudness_of(_cut(audio.said, audio, spoken.start_t, spoken.end_t), RATE),
        heard_loudness=loudness_of(heard, RATE),
        reply_from_t=spoken.reply_from_t,
        scripted=spoken.scripted,
        reported=spoken.reported,
        goodbye=spoken.goodbye,
    )


def call_sound(call: str, audio: CallAudio) -> CallSound:
    """Put down how loud both sides of a whole call were."""
    return CallSound(
        audio.start_t, call, said=loudness_of(audio.said, RATE), heard=loudness_of(audio.heard, RATE)
    )


def _cut(track: Samples, audio: CallAudio, from_t: float, to_t: float) -> Samples:
    return track[max(0, round((from_t - audio.start_t) * RATE)) : round((to_t - audio.start_t) * RATE)]
