"""An agent that asks for patience at once, and has its answer three seconds later, as one with slow tools does."""

import asyncio

from livekit.agents import Agent, AgentServer, AgentSession, JobContext, JobExecutorType, cli, llm
from livekit.agents.voice.room_io import RoomOptions
from speech_adapters import CodeDesk, PiperTTS, WhisperSTT, load_piper, load_whisper

LOOKS_UP_S = 3.0

server = AgentServer(
    job_executor_type=JobExecutorType.THREAD, load_fnc=lambda _: 0.0, num_idle_processes=1, port=0
)


class Clerk(Agent):
    """Looks everything up before it answers."""

    async def on_user_turn_completed(self, turn_ctx: llm.ChatContext, new_message: llm.ChatMessage) -> None:
        """Ask for patience, and look it up."""
        await self.session.say("One moment please.", add_to_chat_ctx=False)
        await asyncio.sleep(LOOKS_UP_S)


@server.rtc_session()
async def entrypoint(ctx: JobContext) -> None:
    """Take one call."""
    session: AgentSession[None] = AgentSession(
        stt=WhisperSTT(load_whisper()), llm=CodeDesk(), tts=PiperTTS(load_piper()), turn_detection="vad"
    )
    await session.start(
        agent=Clerk(instructions="Repeat the code."),
        room=ctx.room,
        room_options=RoomOptions(delete_room_on_close=True),
    )


if __name__ == "__main__":
    cli.run_app(server)
