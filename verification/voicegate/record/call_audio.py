"""The sound of one call: saved as two WAV files that begin together, and measured turn by turn."""

from dataclasses import dataclass
from pathlib import Path

from voicegate.record.events import Turn
from voicegate.record.recording import RecordingError
from voicegate.record.speech import measure_speech
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
    """What is known of a turn without its sound. What belongs to it is heard from `start_t` until `until_t`."""

    call: str
    index: int
    clip: str
    said_text: str
    said_code: str | None
    expected_reply: str
    start_t: float
    end_t: float
    until_t: float
    transcript: str | None
    reply_text: str | None
    language: str = "en"


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


def measured_turn(spoken: SpokenTurn, audio: CallAudio, files: AudioFiles | None) -> Turn:
    """Measure a turn's sound: when the caller spoke, when the reply was heard, what is wrong with it.

    `files` is where the sound was saved, None if it was not. The latency is negative when the agent spoke before the caller had ended.
    """
    caller = measure_speech(_cut(audio.said, audio, spoken.start_t, spoken.end_t), RATE)
    speech_start_t = spoken.start_t + (caller.start_s if caller else 0.0)
    speech_end_t = spoken.start_t + caller.end_s if caller else spoken.end_t
    reply = measure_speech(
        _cut(audio.heard, audio, spoken.start_t, spoken.until_t),
        RATE,
        spoken.reply_text or spoken.expected_reply,
    )
    reply_start_t = spoken.start_t + reply.start_s if reply else None
    return Turn(
        t=spoken.start_t,
        call=spoken.call,
        index=spoken.index,
        clip=spoken.clip,
        said_text=spoken.said_text,
        said_code=spoken.said_code,
        expected_reply=spoken.expected_reply,
        speech_start_t=speech_start_t,
        speech_end_t=speech_end_t,
        reply_start_t=reply_start_t,
        reply_end_t=spoken.start_t + reply.end_s if reply else None,
        latency_s=None if reply_start_t is None else reply_start_t - speech_end_t,
        transcript=spoken.transcript,
        reply_text=spoken.reply_text,
        heard_text=None,
        said_audio=files.said if files else None,
        heard_audio=files.heard if files else None,
        audio_start_t=audio.start_t if files else None,
        reply_audio_s=reply.sounding_s if reply else 0.0,
        gaps=reply.gaps if reply else (),
        clipped_samples=reply.clipped_samples if reply else 0,
        language=spoken.language,
    )


def _cut(track: Samples, audio: CallAudio, from_t: float, to_t: float) -> Samples:
    return track[max(0, round((from_t - audio.start_t) * RATE)) : round((to_t - audio.start_t) * RATE)]
