"""A stock agent as LiveKit's documentation has it: it leaves its rooms to the server, so that each job lives for 20 s after its call.

STOCK_ISOLATION says what a call runs in, process or thread.
"""

import os

from livekit.agents import Agent, AgentServer, AgentSession, JobContext, JobExecutorType, JobProcess, cli
from speech_adapters import CodeDesk, PiperTTS, WhisperSTT, load_piper, load_whisper

server = AgentServer(
    job_executor_type=JobExecutorType(os.environ["STOCK_ISOLATION"]),
    load_fnc=lambda _: 0.0,  # LiveKit's own measure refuses calls on a machine that is busy otherwise
    num_idle_processes=2,
    port=0,
)


def prewarm(proc: JobProcess) -> None:
    """Load what a call needs before there is one."""
    proc.userdata["whisper"] = load_whisper()
    proc.userdata["piper"] = load_piper()


server.setup_fnc = prewarm


@server.rtc_session()
async def entrypoint(ctx: JobContext) -> None:
    """Take one call."""
    session: AgentSession[None] = AgentSession(
        stt=WhisperSTT(ctx.proc.userdata["whisper"]),
        llm=CodeDesk(),
        tts=PiperTTS(ctx.proc.userdata["piper"]),
        turn_detection="vad",
    )
    await session.start(agent=Agent(instructions="Repeat the code."), room=ctx.room)


if __name__ == "__main__":
    cli.run_app(server)
