"""An agent that is not alone in its calls, and that asks for patience.

Noise is on a second track, which comes first; a helper joins and leaves; the answer comes three seconds after "One moment please.", as with slow tools.
"""

import asyncio
import os

import numpy as np
from livekit import api, rtc
from livekit.agents import Agent, AgentServer, AgentSession, JobContext, JobExecutorType, cli, llm
from livekit.agents.voice.room_io import RoomOptions
from speech_adapters import CodeDesk, PiperTTS, WhisperSTT, load_piper, load_whisper

RATE = 24_000
FRAME = RATE // 50
NOISE_DBFS = -35.0
HELPER_STAYS_S = 5.0
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


async def make_noise(source: rtc.AudioSource) -> None:
    """Fill the room with noise until the call is over."""
    generator = np.random.default_rng(13)
    while True:
        samples = generator.normal(0.0, 32768 * 10 ** (NOISE_DBFS / 20), FRAME).astype(np.int16)
        await source.capture_frame(rtc.AudioFrame(samples.tobytes(), RATE, 1, FRAME))


async def help_out(room_name: str) -> None:
    """Come into the room, look around and go, as a recorder or a supervisor does."""
    token = api.AccessToken().with_identity("helper")
    token = token.with_grants(api.VideoGrants(room_join=True, room=room_name))
    room = rtc.Room()
    await room.connect(os.environ["LIVEKIT_URL"], token.to_jwt())
    await asyncio.sleep(HELPER_STAYS_S)
    await room.disconnect()


@server.rtc_session()
async def entrypoint(ctx: JobContext) -> None:
    """Take one call."""
    await ctx.connect()
    source = rtc.AudioSource(RATE, 1)
    track = rtc.LocalAudioTrack.create_audio_track("background", source)
    await ctx.room.local_participant.publish_track(track)
    company = [asyncio.create_task(make_noise(source)), asyncio.create_task(help_out(ctx.room.name))]

    async def see_off() -> None:
        for task in company:
            task.cancel()
        await asyncio.gather(*company, return_exceptions=True)

    ctx.add_shutdown_callback(see_off)
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
