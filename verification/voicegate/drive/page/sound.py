"""The sound of a call from a page: what the page recorded is kept beside the recording, and what came is heard by the gate's own recognizer."""

import base64
import io
from dataclasses import replace
from pathlib import Path

import av
import numpy as np

from voicegate.limits import SpeechLimits
from voicegate.measure.speech import measure_speech
from voicegate.record.call_audio import AudioFiles, CallAudio, save_call_audio
from voicegate.record.events import PageCall
from voicegate.record.loudness import loudness_of
from voicegate.record.recognizer import Recognizer
from voicegate.record.timeline import RATE
from voicegate.record.wav import Samples, WavError, read_wav

_MARGIN_S = 0.2


class NoSoundError(Exception):
    """What the page recorded is no sound."""


def keep_sound(said: str, heard: str, start_t: float, folder: Path, name: str) -> AudioFiles:
    """Write both sides, WebM in Base64 that begins at `start_t`, as WAV files of this name. Raises NoSoundError, RecordingError."""
    return save_call_audio(CallAudio(start_t, decoded(said), decoded(heard)), folder, name)


def decoded(webm: str) -> Samples:
    """Decode sound in Base64, or none, to samples, shape (n,) at RATE. Raises NoSoundError."""
    if not webm:
        return np.zeros(0, np.int16)
    resampler = av.AudioResampler("s16", "mono", RATE)
    try:
        with av.open(io.BytesIO(base64.b64decode(webm)), "r") as file:
            frames = [one for frame in file.decode(audio=0) for one in resampler.resample(frame)]
        frames += resampler.resample(None)
    except (av.FFmpegError, ValueError, IndexError) as error:
        raise NoSoundError(f"what the page recorded cannot be read as sound: {error}") from error
    return np.concatenate([np.zeros(0, np.int16), *(frame.to_ndarray()[0] for frame in frames)])


def understood(call: PageCall, folder: Path, recognizer: Recognizer, limits: SpeechLimits) -> PageCall:
    """Return the call with what came since the caller began to speak, as the recognizer heard it; one without sound stays as it is."""
    if call.said_audio is None or call.heard_audio is None:
        return call
    try:
        said, heard = (read_wav(folder / path)[0] for path in (call.said_audio, call.heard_audio))
    except WavError:
        return call
    spoken = measure_speech(loudness_of(said, RATE), limits)
    came = heard[round(spoken.start_s * RATE) :] if spoken else heard
    speech = measure_speech(loudness_of(came, RATE), limits)
    if speech is None:
        return replace(call, heard_text="")
    first, last = (
        max(0, round(at_s * RATE)) for at_s in (speech.start_s - _MARGIN_S, speech.end_s + _MARGIN_S)
    )
    ears = recognizer.ears
    known = call.spoken_text
    fits = not ears.unknown_words(known) if known else ears.words is None
    return replace(call, heard_text=recognizer.transcribe(came[first:last]), fits_ears=fits)
