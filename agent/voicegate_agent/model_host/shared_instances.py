"""The two models that every call shares: loaded once, on first use, and never given up.

The globals are the guide's: `None` here at module level only, assigned only under their lock.
"""

import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from voicegate_agent import log_lines
from voicegate_agent.model_host.speech_streams import SpeechStreams
from voicegate_agent.model_host.transcription_queue import TranscriptionQueue

logger = logging.getLogger("voicegate_agent.model_host")

Model = TypeVar("Model")


@dataclass(frozen=True, slots=True)
class SharedInstance(Generic[Model]):
    """A loaded model and the number drawn when it was loaded: equal numbers mean the same load."""

    id: int
    model: Model


_SHARED_ASR_MODEL: SharedInstance[TranscriptionQueue] | None = None
_SHARED_TTS_ENGINE: SharedInstance[SpeechStreams] | None = None
_ASR_LOCK = threading.Lock()
_TTS_LOCK = threading.Lock()


def get_shared_asr_model(
    load: Callable[[], TranscriptionQueue],
) -> tuple[SharedInstance[TranscriptionQueue], bool]:
    """Give the shared speech-to-text model and whether this call loaded it; blocks while it loads.

    What `load` raises goes to the caller, and the next call tries again.
    """
    global _SHARED_ASR_MODEL  # noqa: PLW0603 - the singleton of the guide
    with _ASR_LOCK:
        if _SHARED_ASR_MODEL is not None:
            return _SHARED_ASR_MODEL, False
        logger.info(log_lines.INITIALIZING_ASR)
        _SHARED_ASR_MODEL = SharedInstance(_draw_id(), load())
        logger.info(log_lines.asr_initialized(_SHARED_ASR_MODEL.id))
        return _SHARED_ASR_MODEL, True


def get_shared_tts_engine(load: Callable[[], SpeechStreams]) -> tuple[SharedInstance[SpeechStreams], bool]:
    """Give the shared text-to-speech engine and whether this call loaded it; blocks while it loads.

    What `load` raises goes to the caller, and the next call tries again.
    """
    global _SHARED_TTS_ENGINE  # noqa: PLW0603 - the singleton of the guide
    with _TTS_LOCK:
        if _SHARED_TTS_ENGINE is not None:
            return _SHARED_TTS_ENGINE, False
        logger.info(log_lines.INITIALIZING_TTS)
        _SHARED_TTS_ENGINE = SharedInstance(_draw_id(), load())
        logger.info(log_lines.tts_initialized(_SHARED_TTS_ENGINE.id))
        return _SHARED_TTS_ENGINE, True


def _draw_id() -> int:
    return secrets.randbits(47) | 1 << 47
