"""An agent as LiveKit's starter has it: models loaded in `prewarm`, dispatched by name, a colorful log without any contract."""

import logging

from livekit.agents import Agent, AgentServer, AgentSession, JobContext, JobProcess, cli
from speech_adapters import CodeDesk, PiperTTS, WhisperSTT, load_piper, load_whisper

logger = logging.getLogger("starter")


class Assistant(Agent):
    """A friendly assistant."""

    def __init__(self) -> None:
        super().__init__(
            instructions="You are a helpful voice assistant. Repeat the code that you are given."
        )


server = AgentServer(
    load_fnc=lambda _: 0.0
)  # LiveKit's own measure refuses calls on a machine that is busy otherwise


def prewarm(proc: JobProcess) -> None:
    """Load what a call needs before there is one."""
    proc.userdata["whisper"] = load_whisper()
    proc.userdata["piper"] = load_piper()


server.setup_fnc = prewarm


@server.rtc_session(agent_name="starter")
async def my_agent(ctx: JobContext) -> None:
    """Take one call."""
    ctx.log_context_fields = {"room": ctx.room.name}
    session: AgentSession[None] = AgentSession(
        stt=WhisperSTT(ctx.proc.userdata["whisper"]),
        llm=CodeDesk(),
        tts=PiperTTS(ctx.proc.userdata["piper"]),
        turn_detection="vad",
    )
    await session.start(agent=Assistant(), room=ctx.room)
    await ctx.connect()
    logger.info("session started")


if __name__ == "__main__":
    cli.run_app(server)
