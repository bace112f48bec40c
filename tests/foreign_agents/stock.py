"""A stock agent as LiveKit's documentation has it: calls in threads, and rooms that are left to the server, so that each job lives for 20 s after its call."""

from livekit.agents import Agent, AgentServer, AgentSession, JobContext, JobExecutorType, JobProcess, cli
from speech_adapters import CodeDesk, PiperTTS, WhisperSTT, load_piper, load_whisper

server = AgentServer(
    job_executor_type=JobExecutorType.THREAD,
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
