"""An agent whose calls are threads of one process, with models that they share, and a leak: every call's tape is kept."""

from functools import cache

import numpy as np
from livekit.agents import Agent, AgentServer, AgentSession, JobContext, JobExecutorType, cli
from livekit.agents.voice.room_io import RoomOptions
from numpy.typing import NDArray
from speech_adapters import CodeDesk, PiperTTS, PiperVoice, WhisperModel, WhisperSTT, load_piper, load_whisper

TAPE_BYTES = 20_000_000

tapes: list[NDArray[np.uint8]] = []


@cache
def models() -> tuple[WhisperModel, PiperVoice]:
    """Load the models once for all threads."""
    return load_whisper(), load_piper()


server = AgentServer(
    job_executor_type=JobExecutorType.THREAD, load_fnc=lambda _: 0.0, num_idle_processes=1, port=0
)


@server.rtc_session()
async def entrypoint(ctx: JobContext) -> None:
    """Take one call, and keep a tape of it that nobody ever throws away."""
    tapes.append(np.ones(TAPE_BYTES, np.uint8))
    whisper, piper = models()
    session: AgentSession[None] = AgentSession(
        stt=WhisperSTT(whisper), llm=CodeDesk(), tts=PiperTTS(piper), turn_detection="vad"
    )
    await session.start(
        agent=Agent(instructions="Repeat the code."),
        room=ctx.room,
        room_options=RoomOptions(delete_room_on_close=True),
    )


if __name__ == "__main__":
    models()
    cli.run_app(server)
