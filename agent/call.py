"""One call: a LiveKit job that listens, thinks and speaks until the caller has left.

It runs in a process or a thread of its own; everything that calls share is behind the model host's address. Without
sharing, each call has a model host of its own.
"""

import asyncio
import logging
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
from livekit import api
from livekit.agents import (
    Agent,
    AgentSession,
    AutoSubscribe,
    CloseEvent,
    CloseReason,
    ErrorEvent,
    JobContext,
    JobExecutorType,
    JobProcess,
    TurnHandlingOptions,
    llm,
    stt,
)
from livekit.protocol.models import ParticipantInfo

from agent.memory_release import release_on_signal
from agent.model_host.client import ModelHostClient
from agent.model_host.config import HostConfig
from agent.model_host.protocol import HostAddress, ModelHostError
from agent.model_host.supervisor import ModelHostSupervisor
from agent.replies import NOT_UNDERSTOOD, ScriptedReplies
from agent.settings import AgentSettings
from agent.speech import LocalSTT, LocalSTTConfig, LocalTTS, LocalTTSConfig, get_shared_asr, get_shared_tts

FAILED_ATTRIBUTE = "voicegate.failed"
"""Attribute of the agent's participant that says why a call ends although nobody hung up."""

INSTRUCTIONS = "You are a help desk on the telephone. Answer in one short sentence of plain words."

_log = logging.getLogger(__name__)


def prepare_process(process: JobProcess) -> None:
    """Make a job process ready for its one call; threads share the agent's process and need nothing."""
    if process.executor_type is JobExecutorType.PROCESS:
        release_on_signal()


async def run_call(settings: AgentSettings, models: HostAddress | HostConfig, ctx: JobContext) -> None:
    """Answer the call of a job: LiveKit's entrypoint, once its first two arguments are bound.

    `models` is where the shared model host listens, or what this call's own is started with. What goes wrong here costs this call only: it is logged, and the caller's side sees why in
    `FAILED_ATTRIBUTE` before the agent leaves.
    """
    ctx.log_context_fields = {"room": ctx.job.room.name}
    await ctx.connect(auto_subscribe=AutoSubscribe.AUDIO_ONLY)
    resources = AsyncExitStack()
    ctx.add_shutdown_callback(resources.aclose)

    async def close_room() -> None:
        await close_empty_room(ctx)

    ctx.add_shutdown_callback(close_room)
    try:
        client = await connect_models(models, resources)
        session = await open_session(settings, client)
    except ModelHostError as error:
        _log.error("Speech is not available: %s", error)
        await give_up(ctx, "speech is not available")
        return
    _watch(session, ctx)
    await session.start(agent=Agent(instructions=INSTRUCTIONS), room=ctx.room)


async def connect_models(models: HostAddress | HostConfig, resources: AsyncExitStack) -> ModelHostClient:
    """Make a client of the shared model host, or of one started here; closing `resources` ends what was begun.

    Raises ModelHostError when the host does not become ready.
    """
    if isinstance(models, HostConfig):
        supervisor = await resources.enter_async_context(ModelHostSupervisor(models))
        models = supervisor.address
    return await resources.enter_async_context(ModelHostClient(models))


async def open_session(settings: AgentSettings, client: ModelHostClient) -> AgentSession[None]:
    """Put a session together on the shared models, which the first call has loaded.

    Raises ModelHostError when a model is not to be had.
    """
    asr = await get_shared_asr(client)
    tts = await get_shared_tts(client)
    return AgentSession(
        stt=LocalSTT(LocalSTTConfig(), asr_instance=asr),
        tts=LocalTTS(LocalTTSConfig(), tts_instance=tts),
        llm=choose_replies(settings),
        turn_handling=TurnHandlingOptions(
            turn_detection="vad",
            endpointing={"min_delay": settings.endpointing_min_delay_s},
            preemptive_generation={"preemptive_tts": True},
        ),
        session_close_transcript_timeout=0.0,  # a caller who has left says nothing more
    )


def choose_replies(settings: AgentSettings) -> llm.LLM[Any]:
    """Take the chat endpoint of the settings, or the scripted help desk when there is none."""
    if settings.replies_url is None or settings.replies_model is None:
        return ScriptedReplies()
    from livekit.plugins import openai  # noqa: PLC0415 - 30 MB that the scripted help desk does without

    key = settings.replies_api_key
    return openai.LLM(
        base_url=settings.replies_url,
        model=settings.replies_model,
        api_key=key.get_secret_value() if key else "none",
    )


async def give_up(ctx: JobContext, reason: str) -> None:
    """Show the caller's side why, and end the call."""
    await ctx.room.local_participant.set_attributes({FAILED_ATTRIBUTE: reason})
    ctx.shutdown(reason)


async def close_empty_room(ctx: JobContext) -> None:
    """Delete the room of an ended call unless somebody is in it.

    LiveKit dispatches an agent when a room is made: a caller who came back before this one had timed out (20 s)
    would sit there alone.
    """
    rooms, name = ctx.api.room, ctx.job.room.name
    try:
        present = await rooms.list_participants(api.ListParticipantsRequest(room=name))
        if all(participant.kind == ParticipantInfo.Kind.AGENT for participant in present.participants):
            await rooms.delete_room(api.DeleteRoomRequest(room=name))
    except api.TwirpError as error:
        if error.code != api.TwirpErrorCode.NOT_FOUND:
            _log.warning("The empty room could not be closed: %s", error)
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        _log.warning("The empty room could not be closed: %s", error)


def _watch(session: AgentSession[None], ctx: JobContext) -> None:
    """End the job with the session, and let the caller hear about errors that cost a turn."""
    tasks: set[asyncio.Task[None]] = set()

    def on_close(event: CloseEvent) -> None:
        if event.reason is not CloseReason.ERROR:
            ctx.shutdown(event.reason.value)
            return
        reason = f"the session failed: {event.error.error if event.error else 'unknown error'}"
        task = asyncio.create_task(give_up(ctx, reason))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    def on_error(event: ErrorEvent) -> None:
        if isinstance(event.error, stt.STTError | llm.LLMError) and not event.error.recoverable:
            session.say(NOT_UNDERSTOOD)

    session.on("close", on_close)
    session.on("error", on_error)
