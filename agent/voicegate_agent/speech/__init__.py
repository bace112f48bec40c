"""Speech for a call: LiveKit's STT and TTS over the models that all calls share."""

from voicegate_agent.speech.local_stt import LocalSTT, LocalSTTConfig
from voicegate_agent.speech.local_tts import LocalTTS, LocalTTSConfig
from voicegate_agent.speech.shared_models import SharedASR, SharedTTS, get_shared_asr, get_shared_tts

__all__ = [
    "LocalSTT",
    "LocalSTTConfig",
    "LocalTTS",
    "LocalTTSConfig",
    "SharedASR",
    "SharedTTS",
    "get_shared_asr",
    "get_shared_tts",
]
