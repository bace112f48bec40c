"""An agent as BestBox was: the shared models are globals of the module, under a lock, with the guide's log lines.

LiveKit runs every call in a process of its own, where the module is imported anew: each call loads its own models and
says that it was the first.
"""

import logging
import threading

from livekit.agents import Agent, AgentServer, AgentSession, JobContext, cli
from piper import PiperVoice
from speech_adapters import CodeDesk, PiperTTS, WhisperModel, WhisperSTT, load_piper, load_whisper

logger = logging.getLogger("bestbox")

_SHARED_ASR_MODEL: WhisperModel | None = None
_SHARED_TTS_ENGINE: PiperVoice | None = None
_LOCK = threading.Lock()


def get_shared_asr_model() -> WhisperModel:
    """Load the speech-to-text model in the first session, reuse it in later ones."""
    global _SHARED_ASR_MODEL  # noqa: PLW0603 - this is how it was
    with _LOCK:
        if _SHARED_ASR_MODEL is None:
            logger.info("🔧 Initializing shared ASR model (first session)...")
            logger.info("Loading faster-whisper model: Systran/faster-distil-whisper-large-v3 on cpu")
            _SHARED_ASR_MODEL = load_whisper()
            logger.info("Faster-Whisper model loaded successfully")
            logger.info("✅ Shared ASR model initialized (ID: %d)", id(_SHARED_ASR_MODEL))
        else:
            logger.info("♻️  Reusing existing shared ASR model (ID: %d)", id(_SHARED_ASR_MODEL))
        return _SHARED_ASR_MODEL


def get_shared_tts_engine() -> PiperVoice:
    """Load the text-to-speech engine in the first session, reuse it in later ones."""
    global _SHARED_TTS_ENGINE  # noqa: PLW0603 - this is how it was
    with _LOCK:
        if _SHARED_TTS_ENGINE is None:
            logger.info("🔧 Initializing shared TTS engine (first session)...")
            _SHARED_TTS_ENGINE = load_piper()
            logger.info("✅ Shared TTS engine initialized (ID: %d)", id(_SHARED_TTS_ENGINE))
        else:
            logger.info("♻️  Reusing existing shared TTS engine (ID: %d)", id(_SHARED_TTS_ENGINE))
        return _SHARED_TTS_ENGINE


server = AgentServer(load_fnc=lambda _: 0.0, num_idle_processes=3, port=0)


@server.rtc_session()
async def entrypoint(ctx: JobContext) -> None:
    """Take one call."""
    ctx.log_context_fields = {"room": ctx.room.name}
    asr = get_shared_asr_model()
    engine = get_shared_tts_engine()
    logger.info("Using LOCAL STT (faster-whisper) with shared model")
    ears = WhisperSTT(asr)
    logger.info("✅ Local STT initialized with shared model")
    logger.info("Using LOCAL TTS (Piper) with shared engine")
    mouth = PiperTTS(engine)
    logger.info("✅ Local TTS initialized with shared engine")
    session: AgentSession[None] = AgentSession(stt=ears, llm=CodeDesk(), tts=mouth, turn_detection="vad")
    await session.start(agent=Agent(instructions="Repeat the code."), room=ctx.room)


if __name__ == "__main__":
    cli.run_app(server)
