"""One call: a LiveKit job that listens, thinks and speaks until the caller has left.

It runs in a process or a thread of its own; everything that calls share is behind the model host's address. Without
sharing, each call has a model host of its own.
"""

import asyncio
import logging
from collections.abc import Collection
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
from livekit import api, rtc
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
from livekit.agents.voice.room_io import AudioInputOptions, RoomOptions
from livekit.protocol.models import ParticipantInfo
from pydantic import SecretStr

from voicegate_agent.memory_release import release_memory, release_on_signal
from voicegate_agent.memray_capture import Role, record_until_exit
from voicegate_agent.model_host.client import ModelHostClient
from voicegate_agent.model_host.config import HostConfig
from voicegate_agent.model_host.protocol import ASR_SAMPLE_RATE_HZ, HostAddress, ModelHostError
from voicegate_agent.model_host.supervisor import ModelHostSupervisor
from voicegate_agent.replies import NOT_UNDERSTOOD, ScriptedReplies
from voicegate_agent.settings import AgentSettings
from voicegate_agent.speech import (
    LocalSTT,
    LocalSTTConfig,
    LocalTTS,
    LocalTTSConfig,
    get_shared_asr,
    get_shared_tts,
)

FAILED_ATTRIBUTE = "voicegate.failed"
"""Attribute of the agent's participant that says why a call ends although nobody hung up."""

INSTRUCTIONS = "You are a help desk on the telephone. Answer in one short sentence of plain words."

RESUME_AFTER_S = 0.05
"""When a reply goes on after what was no turn; the ears have waited for the words already."""
PREFLIGHTS = 8
"""How many replies may be prepared in one turn: a spelled code has a pause after each digit."""

_log = logging.getLogger(__name__)


def prepare_process(settings: AgentSettings, process: JobProcess) -> None:
    """Make a job process ready for its one call; before a thread takes one, collect what earlier calls left.

    A finished call is a web of cycles, and left alone threads pile them up: 42 MB in ten calls. A process records its
    own allocations, if the settings say so; those of threads are the main process's.
    """
    if process.executor_type is JobExecutorType.PROCESS:
        record_until_exit(settings, Role.JOB)
        release_on_signal()
    else:
        release_memory()


async def run_call(settings: AgentSettings, models: HostAddress | HostConfig, ctx: JobContext) -> None:
    """Answer the call of a job: LiveKit's entrypoint, once its first two arguments are bound.

    `models` is where the shared model host listens, or what this call's own is started with. What goes wrong here
    costs this call only: it is logged, and the caller's side sees why in `FAILED_ATTRIBUTE` before the agent leaves.
    """
    ctx.log_context_fields = {"room": ctx.job.room.name}
    await ctx.connect(auto_subscribe=AutoSubscribe.AUDIO_ONLY)
    resources = AsyncExitStack()
    ctx.add_shutdown_callback(resources.aclose)

    left: set[str] = set()
    ctx.room.on("participant_disconnected", lambda participant: left.add(participant.identity))

    async def leave() -> None:
        await leave_room(ctx, left)

    ctx.add_shutdown_callback(leave)
    try:
        client = await connect_models(models, resources, settings.speaker, settings.model_host_api_key)
        session = await open_session(settings, client, by_telephone=is_telephone(ctx.room))
    except ModelHostError as error:
        _log.error("Speech is not available: %s", error)
        await give_up(ctx, "speech is not available")
        return
    _watch(session, ctx)
    sound = AudioInputOptions(sample_rate=ASR_SAMPLE_RATE_HZ, frame_size_ms=20, auto_gain_control=False)
    await session.start(
        agent=Agent(instructions=INSTRUCTIONS), room=ctx.room, room_options=RoomOptions(audio_input=sound)
    )


async def connect_models(
    models: HostAddress | HostConfig,
    resources: AsyncExitStack,
    voice: str | None = None,
    key: SecretStr | None = None,
) -> ModelHostClient:
    """Make a client of the shared model host, or of one started here; closing `resources` ends what was begun.

    Raises ModelHostError when the host does not become ready.
    """
    if isinstance(models, HostConfig):
        supervisor = await resources.enter_async_context(ModelHostSupervisor(models))
        models = supervisor.address
    secret = key.get_secret_value() if key else None
    return await resources.enter_async_context(ModelHostClient(models, voice=voice, api_key=secret))


def is_telephone(room: rtc.Room) -> bool:
    """Whether somebody in the room came by SIP; a caller who is still to come counts as a browser or app."""
    sip = rtc.ParticipantKind.PARTICIPANT_KIND_SIP
    return any(someone.kind == sip for someone in room.remote_participants.values())


async def open_session(
    settings: AgentSettings, client: ModelHostClient, *, by_telephone: bool = False
) -> AgentSession[None]:
    """Put a session together on the shared models, which the first call has loaded.

    Raises ModelHostError when a model is not to be had.
    """
    asr = await get_shared_asr(client)
    tts = await get_shared_tts(client)
    listening, speaking = speech_configs(settings)
    ears = LocalSTT(listening, asr_instance=asr)
    session = AgentSession[None](
        stt=ears,
        vad=ears.marks,
        tts=LocalTTS(speaking, tts_instance=tts),
        llm=choose_replies(settings),
        turn_handling=turn_handling(settings, by_telephone=by_telephone),
        # LiveKit's own 3 s made a turn of silence of every caller's first interruption.
        aec_warmup_duration=settings.sip_echo_warmup_s if by_telephone else settings.web_echo_warmup_s,
        session_close_transcript_timeout=0.0,  # a caller who has left says nothing more
    )
    session.on("agent_state_changed", lambda event: ears.note_agent(speaks=event.new_state == "speaking"))
    return session


def turn_handling(settings: AgentSettings, *, by_telephone: bool) -> TurnHandlingOptions:
    """Say how the session takes turns; when a caller's turn is over the ears decide, and have waited for it already."""
    interrupt_after_s = settings.sip_interrupt_after_s if by_telephone else settings.web_interrupt_after_s
    return TurnHandlingOptions(
        turn_detection="vad",
        endpointing={"min_delay": 0.0},
        interruption={
            "mode": "vad",
            "min_duration": interrupt_after_s,
            "false_interruption_timeout": RESUME_AFTER_S,
        },
        preemptive_generation={"preemptive_tts": True, "max_retries": PREFLIGHTS},
    )


def speech_configs(settings: AgentSettings) -> tuple[LocalSTTConfig, LocalTTSConfig]:
    """Say how a call listens and speaks, as far as the settings do: what they leave open the model host decides."""
    chosen = settings.model_dump(include={"language", "speed"}, exclude_unset=True)
    waits = settings.model_dump(
        include={
            "finished_wait_s",
            "unsure_wait_s",
            "unfinished_wait_s",
            "code_digits",
            "background_below_db",
        }
    )
    return LocalSTTConfig(chosen.get("language"), **waits), LocalTTSConfig(chosen.get("speed"))


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


async def leave_room(ctx: JobContext, left: Collection[str]) -> None:
    """Delete the room of an ended call; if a caller who left is back in it already, ask for another agent instead.

    LiveKit dispatches an agent when a room is made: a caller who comes back before this one has timed out (20 s)
    would sit there alone. `left` are the identities of those who left; who stayed is none of our business.
    """
    try:
        await _settle_room(ctx, left)
    except api.TwirpError as error:
        if error.code != api.TwirpErrorCode.NOT_FOUND:
            _log.warning("The room could not be left in order: %s", error)
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        _log.warning("The room could not be left in order: %s", error)


async def _settle_room(ctx: JobContext, left: Collection[str]) -> None:
    name = ctx.job.room.name
    answer = await ctx.api.room.list_participants(api.ListParticipantsRequest(room=name))
    people = {one.identity for one in answer.participants if one.kind != ParticipantInfo.Kind.AGENT}
    if not people:
        await ctx.api.room.delete_room(api.DeleteRoomRequest(room=name))
    elif not people.isdisjoint(left):
        again = api.CreateAgentDispatchRequest(room=name, agent_name=ctx.job.agent_name)
        await ctx.api.agent_dispatch.create_dispatch(again)


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
