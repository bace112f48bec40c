"""The models are loaded without a lock: two first callers at once each find none, and each load their own."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from mutants.broken_agent import start_with_broken_host
from voicegate_agent import log_lines
from voicegate_agent.model_host import server
from voicegate_agent.model_host.loading import Loading
from voicegate_agent.model_host.shared_instances import SharedInstance, _draw_id, logger
from voicegate_agent.model_host.speech_streams import SpeechStreams
from voicegate_agent.model_host.transcription_queue import TranscriptionQueue

_SHARED_ASR_MODEL: SharedInstance[TranscriptionQueue] | None = None
_SHARED_TTS_ENGINE: SharedInstance[SpeechStreams] | None = None

SLOW_LOAD_S = 1.0  # as long as both callers need to get here; a real model takes longer


def get_shared_asr_model(load: Callable[[], TranscriptionQueue]) -> tuple[Any, bool]:
    """Do what the agent's function does, unlocked."""
    global _SHARED_ASR_MODEL  # noqa: PLW0603 - as the agent's own
    if _SHARED_ASR_MODEL is not None:
        return _SHARED_ASR_MODEL, False
    logger.info(log_lines.INITIALIZING_ASR)
    time.sleep(SLOW_LOAD_S)
    own = _SHARED_ASR_MODEL = SharedInstance(_draw_id(), load())
    logger.info(log_lines.asr_initialized(own.id))
    return own, True


def get_shared_tts_engine(load: Callable[[], SpeechStreams]) -> tuple[Any, bool]:
    """Do what the agent's function does, unlocked."""
    global _SHARED_TTS_ENGINE  # noqa: PLW0603 - as the agent's own
    if _SHARED_TTS_ENGINE is not None:
        return _SHARED_TTS_ENGINE, False
    logger.info(log_lines.INITIALIZING_TTS)
    time.sleep(SLOW_LOAD_S)
    own = _SHARED_TTS_ENGINE = SharedInstance(_draw_id(), load())
    logger.info(log_lines.tts_initialized(own.id))
    return own, True


class LoadedByEach(Loading[Any]):
    """Has each request load for itself, at the same time."""

    async def get(self) -> tuple[SharedInstance[Any], bool]:
        """Load in a thread."""
        own, fresh = await asyncio.to_thread(self._load)
        self._instance = own
        return own, fresh


def break_it() -> None:
    """Put the unlocked functions where the host takes its own from."""
    server.Loading = LoadedByEach
    server.get_shared_asr_model = get_shared_asr_model
    server.get_shared_tts_engine = get_shared_tts_engine


if __name__ == "__main__":
    start_with_broken_host("mutants.race", break_it)
