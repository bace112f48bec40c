"""One call: a LiveKit job that listens, thinks and speaks until the caller has left.

It runs in a process or a thread of its own; everything that calls share is behind the model host's address. Without
sharing, each call has a model host of its own.
"""

import asyncio
import logging
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from livekit.agents import (
    Agent,
    AgentSession,
    AutoSubscribe,
    CloseEvent,
    JobContext,
    JobExecutorType,
    JobProcess,
    TurnHandlingOptions,
    llm,
)
from livekit.agents.voice.agent_session import SessionConnectOptions
from livekit.agents.voice.room_io import AudioInputOptions, RoomOptions

from voicegate_agent.call_guard import CallGuard, CallLimits, Ending
from voicegate_agent.call_settings import settings_of_call
from voicegate_agent.callers import Callers
from voicegate_agent.conversation.agent import ConversationAgent
from voicegate_agent.conversation.chat_endpoint import ChatEndpoints, Endpoint
from voicegate_agent.conversation.help_desk import PROMPT, Actions, help_desk_tools
from voicegate_agent.conversation.scripted import ScriptedReplies
from voicegate_agent.memory_release import release_memory, release_on_signal
from voicegate_agent.memray_capture import Role, record_until_exit
from voicegate_agent.model_host.client import ModelHostClient
from voicegate_agent.model_host.config import HostConfig
from voicegate_agent.model_host.protocol import ASR_SAMPLE_RATE_HZ, HostAddress, ModelHostError
from voicegate_agent.model_host.supervisor import ModelHostSupervisor
from voicegate_agent.phrases import phrases_in
from voicegate_agent.recordings import Recordings, read_phrases
from voicegate_agent.rooms import is_closed, is_telephone, leave_room, people_in_room
from voicegate_agent.settings import AgentSettings
from voicegate_agent.speech import (
    LocalSTT,
    LocalSTTConfig,
    LocalTTS,
    LocalTTSConfig,
    get_shared_asr,
    get_shared_tts,
)

RESUME_AFTER_S = 0.05
"""When a reply goes on after what was no turn; the ears have waited for the words already."""
PREFLIGHTS = 8
"""How many replies may be prepared in one turn: a spelled code has a pause after each digit."""

ROOM_STAYS_S = 15.0
"""LiveKit keeps a room without people for 20 s; whoever enters it later makes it anew, and calls another agent into it."""

_log = logging.getLogger(__name__)


def prepare_process(settings: AgentSettings, process: JobProcess) -> None:
    """Prepare whatever runs a call: a process for its one call, or a thread, which first collects the garbage of earlier calls.

    A finished call leaves reference cycles; uncollected, they grew to 42 MB over ten calls in threads. A process records its
    own allocations, if the settings say so; those of threads are the main process's.
    """
    if process.executor_type is JobExecutorType.PROCESS:
        record_until_exit(settings, Role.JOB)
        release_on_signal()
    else:
        release_memory()


async def run_call(
    settings: AgentSettings, models: HostAddress | HostConfig, recordings: Path, ctx: JobContext
) -> None:
    """Answer the call of a job: LiveKit's entrypoint, once its first three arguments are bound.

    `models` is where the shared model host listens, or what this call's own is started with; `recordings` is where phrases are kept. What
    goes wrong here costs this call only: it is logged, the caller hears that it failed, and the caller's side sees a code.
    """
    ctx.log_context_fields = {"room": ctx.job.room.name}
    usual_speaker, settings = settings.speaker, settings_of_call(settings, ctx.job.metadata)
    resources = AsyncExitStack()
    ctx.add_shutdown_callback(resources.aclose)
    phrases = phrases_in(settings.language)
    recorded = read_phrases(recordings, phrases.all)
    limits = CallLimits(settings.ask_after_s, settings.hang_up_after_s, settings.longest_call_s)
    guard = CallGuard(ctx, phrases, limits)

    left: set[str] = set()
    ctx.room.on("participant_disconnected", lambda participant: left.add(participant.identity))

    async def leave() -> None:
        await leave_room(ctx, left, guard.ending)

    ctx.add_shutdown_callback(leave)
    try:
        own_voice = recorded if settings.speaker == usual_speaker else Recordings()
        await _answer(settings, models, guard, own_voice, resources)
    except ModelHostError as error:
        _log.error("Speech is not available: %s", error)
        await ctx.connect(auto_subscribe=AutoSubscribe.AUDIO_ONLY)
        await refuse(guard, recorded)
    except Exception:
        guard.ending = Ending.FAILED
        ctx.shutdown(guard.ending)
        raise


async def _answer(
    settings: AgentSettings,
    models: HostAddress | HostConfig,
    guard: CallGuard,
    recorded: Recordings,
    resources: AsyncExitStack,
) -> None:
    """Begin to listen, and then enter the room: what is said or typed to an agent who is seen but not ready would be lost."""
    began_s = _now_s()
    client = await connect_models(settings, models, resources)
    replies = choose_replies(settings)
    resources.push_async_callback(replies.aclose)
    by_telephone = settings.telephones_differ and is_telephone(await people_in_room(guard.ctx))
    session = await open_session(settings, client, replies, recorded, by_telephone=by_telephone)
    if _now_s() - began_s > ROOM_STAYS_S and await is_closed(guard.ctx):
        guard.ctx.shutdown("the room was closed before the models were loaded")
        return
    _watch(session, guard)
    sound = AudioInputOptions(sample_rate=ASR_SAMPLE_RATE_HZ, frame_size_ms=20, auto_gain_control=False)
    entering = asyncio.create_task(guard.ctx.connect(auto_subscribe=AutoSubscribe.AUDIO_ONLY))
    await session.start(
        agent=make_agent(settings, guard, session),
        room=guard.ctx.room,
        room_options=RoomOptions(audio_input=sound),
    )
    await entering


def make_agent(settings: AgentSettings, guard: CallGuard, session: AgentSession[None]) -> ConversationAgent:
    """Say who talks to the caller: with a language model one that can do something, else the scripted help desk."""
    if settings.replies_url is None:
        return ConversationAgent(guard.phrases, settings.one_moment_after_s, greeting=settings.greeting)
    to = settings.hand_over_to
    actions = Actions(
        say_goodbye=lambda: guard.hang_up(session, Ending.GOODBYE),
        hand_over=(lambda: guard.hand_over(session, to)) if to else None,
    )
    return ConversationAgent(
        guard.phrases,
        settings.one_moment_after_s,
        greeting=settings.greeting,
        prompt=settings.prompt or PROMPT,
        tools=help_desk_tools(actions, settings.orders),
    )


async def refuse(guard: CallGuard, recorded: Recordings) -> None:
    """Tell a caller who cannot be served so, with what was recorded, and end the call."""
    session = AgentSession[None]()
    options = RoomOptions(audio_input=False, text_input=False)
    await session.start(agent=Agent(instructions=""), room=guard.ctx.room, room_options=options)
    guard.hang_up(session, Ending.NO_SPEECH, recorded.frames(guard.phrases.failed))


async def connect_models(
    settings: AgentSettings, models: HostAddress | HostConfig, resources: AsyncExitStack
) -> ModelHostClient:
    """Make a client of the shared model host, or of one started here; closing `resources` ends what was begun.

    Raises ModelHostError when the host does not become ready.
    """
    if isinstance(models, HostConfig):
        supervisor = await resources.enter_async_context(ModelHostSupervisor(models))
        models = supervisor.address
    return await resources.enter_async_context(client_of(models, settings))


def client_of(address: HostAddress, settings: AgentSettings) -> ModelHostClient:
    """Make a client with the voice and key of the settings."""
    key = settings.model_host_api_key
    return ModelHostClient(address, voice=settings.speaker, api_key=key.get_secret_value() if key else None)


async def open_session(
    settings: AgentSettings,
    client: ModelHostClient,
    replies: llm.LLM[Any],
    recorded: Recordings,
    *,
    by_telephone: bool = False,
) -> AgentSession[None]:
    """Put a session together on the shared models, which the first call has loaded.

    Raises ModelHostError when a model cannot be loaded.
    """
    asr = await get_shared_asr(client)
    tts = await get_shared_tts(client)
    listening, speaking = speech_configs(settings, recorded)
    ears = LocalSTT(listening, asr_instance=asr)
    session = AgentSession[None](
        stt=ears,
        vad=ears.marks,
        tts=LocalTTS(speaking, tts_instance=tts),
        llm=replies,
        turn_handling=turn_handling(settings, by_telephone=by_telephone),
        conn_options=SessionConnectOptions(max_unrecoverable_errors=sys.maxsize),  # `CallGuard` counts them
        user_away_timeout=None,  # and silence
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


def speech_configs(
    settings: AgentSettings, recorded: Recordings | None = None
) -> tuple[LocalSTTConfig, LocalTTSConfig]:
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
    speaking = LocalTTSConfig(chosen.get("speed"), recorded or Recordings())
    return LocalSTTConfig(chosen.get("language"), **waits), speaking


def choose_replies(settings: AgentSettings) -> llm.LLM[Any]:
    """Take the chat endpoints of the settings, or the scripted help desk when there is none."""
    named = (
        (settings.replies_url, settings.replies_model, settings.replies_api_key),
        (settings.replies_fallback_url, settings.replies_fallback_model, settings.replies_fallback_api_key),
    )
    endpoints = [
        Endpoint(url, model, key.get_secret_value() if key else None)
        for url, model, key in named
        if url is not None and model is not None
    ]
    return ChatEndpoints(endpoints, settings.replies_patience_s) if endpoints else ScriptedReplies()


def _watch(session: AgentSession[None], guard: CallGuard) -> None:
    """See to whom the session listens, when its call ends, and that the job ends with it."""
    guard.watch(session)
    session.on("close", lambda event: _end_with_session(event, guard))
    Callers(guard.ctx.room, guard.give_way).watch(session)


def _end_with_session(event: CloseEvent, guard: CallGuard) -> None:
    """End the job with the session, unless the guard does that."""
    if guard.ending is None:
        guard.ending = Ending.FAILED if event.error is not None else None
        guard.ctx.shutdown(event.reason.value)


def _now_s() -> float:
    return asyncio.get_running_loop().time()
