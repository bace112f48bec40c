"""The guard of one call: it asks a silent caller whether he is there, and decides when and how the agent hangs up."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from livekit import api, rtc
from livekit.agents import (
    NOT_GIVEN,
    AgentSession,
    ConversationItemAddedEvent,
    ErrorEvent,
    JobContext,
    NotGivenOr,
    ToolError,
    llm,
    stt,
    tts,
)
from livekit.protocol.sip import STS_TRANSFER_FAILED

from voicegate_agent.phrases import Phrases

FAILED_ATTRIBUTE = "voicegate.failed"
"""Attribute of the agent's participant with the code of a failure that ended the call; the log says more."""

HAND_OVER_ATTRIBUTE = "voicegate.hand_over"
"""Attribute of the agent's participant that says to whom a caller from a browser or app is handed over, before the agent leaves."""

STRIKES = 3
"""Apologies one after the other that end a call: what fails for so long will not mend itself while somebody waits."""

_LAST_WORDS_S = 10.0
_LOOK_EVERY_S = 0.05

_log = logging.getLogger(__name__)


class Ending(StrEnum):
    """Why the agent hung up; failures are told to the caller's side under this name."""

    NO_SPEECH = "no_speech"
    FAILED = "failed"
    SILENT = "silent"
    TOO_LONG = "too_long"
    GOODBYE = "goodbye"
    HANDED_OVER = "handed_over"
    ANOTHER_AGENT = "another_agent"


STAYS_OPEN = (Ending.HANDED_OVER, Ending.ANOTHER_AGENT)
"""After these somebody else has the call, and the room is left as it is."""

FAILURES = (Ending.NO_SPEECH, Ending.FAILED)


@dataclass(frozen=True, slots=True)
class CallLimits:
    """Times in seconds: silence after which a caller is asked, silence after that which ends the call, the longest call."""

    ask_after_s: float
    hang_up_after_s: float
    longest_call_s: float


@dataclass(slots=True)
class CallGuard:
    """Watches one call, and ends it. `ending` says why, once the agent has hung up."""

    ctx: JobContext
    phrases: Phrases
    limits: CallLimits
    ending: Ending | None = None
    _strikes: int = 0
    _quiet_since_s: float = 0.0
    _asked: bool = False
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def watch(self, session: AgentSession[Any]) -> None:
        """Begin; ends with the session."""
        self._note_sound()
        session.on("user_state_changed", lambda _: self._note_sound())
        session.on("agent_state_changed", lambda _: self._note_sound())
        session.on("conversation_item_added", lambda event: self._note_item(event, session))
        session.on("error", lambda event: self._note_error(event, session))
        watching = [self._spawn(self._watch_silence(session)), self._spawn(self._watch_length(session))]
        session.on("close", lambda _: [task.cancel() for task in watching])

    def give_way(self) -> None:
        """End the job for another agent that came into the room after this one."""
        if self.ending is None:
            self.ending = Ending.ANOTHER_AGENT
            _log.info("Another agent came: it has the call.")
            self.ctx.shutdown(self.ending)

    async def hand_over(self, session: AgentSession[Any], to: str) -> None:
        """Transfer a caller by telephone; leave others to whoever watches the room for HAND_OVER_ATTRIBUTE, when what is being said was heard.

        Raises ToolError, for the language model, where the telephone line does not do that; the call goes on then.
        """
        caller = session.room_io.linked_participant
        if caller is not None and caller.kind == rtc.ParticipantKind.PARTICIPANT_KIND_SIP:
            try:
                answer: Any = await self.ctx.transfer_sip_participant(caller, to)
            except api.TwirpError as error:
                _log.warning("The call was not handed over: %s", error)
                raise ToolError("The call cannot be handed over now.") from error
            if getattr(answer, "status", None) == STS_TRANSFER_FAILED:
                _log.warning("The call was not handed over: %s was busy, or did not answer", to)
                raise ToolError("The call cannot be handed over now.")
        else:
            await self.ctx.room.local_participant.set_attributes({HAND_OVER_ATTRIBUTE: to})
        self.ending = self.ending or Ending.HANDED_OVER
        self._spawn(self._leave(session, self.ending))

    def hang_up(
        self,
        session: AgentSession[Any],
        ending: Ending,
        sound: NotGivenOr[AsyncIterator[rtc.AudioFrame]] = NOT_GIVEN,
    ) -> None:
        """Say the last words that go with it, in this sound where the session has no voice, and end the call."""
        if self.ending is None:
            self.ending = ending
            self._spawn(self._hang_up(session, ending, sound))

    async def _leave(self, session: AgentSession[Any], ending: Ending) -> None:
        """Go, when what is being said was heard to its end."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS_S):
                while session.agent_state in ("speaking", "thinking"):  # noqa: ASYNC110 - the session has no event to wait for
                    await asyncio.sleep(_LOOK_EVERY_S)
        self.ctx.shutdown(ending)

    async def _hang_up(
        self,
        session: AgentSession[Any],
        ending: Ending,
        sound: NotGivenOr[AsyncIterator[rtc.AudioFrame]],
    ) -> None:
        _log.info("Hanging up: %s", ending)
        words = self.phrases.failed if ending in FAILURES else self.phrases.goodbye
        try:
            async with asyncio.timeout(_LAST_WORDS_S):
                await session.interrupt(force=True)
                await session.say(words, audio=sound, allow_interruptions=False, add_to_chat_ctx=False)
        except (TimeoutError, RuntimeError) as error:
            _log.warning("The last words were not heard to their end: %s", error or "too late")
        if ending in FAILURES:
            await self.ctx.room.local_participant.set_attributes({FAILED_ATTRIBUTE: ending})
        self.ctx.shutdown(ending)

    async def _watch_silence(self, session: AgentSession[Any]) -> None:
        while True:
            limit_s = self.limits.hang_up_after_s if self._asked else self.limits.ask_after_s
            somebody = session.user_state == "speaking" or session.agent_state in ("speaking", "thinking")
            left_s = limit_s if somebody else self._quiet_since_s + limit_s - _now_s()
            if left_s > 0:
                await asyncio.sleep(max(left_s, _LOOK_EVERY_S))
            elif self._asked:
                self.hang_up(session, Ending.SILENT)
                return
            else:
                self._asked = True
                _say(session, self.phrases.still_there)
                self._note_sound()

    async def _watch_length(self, session: AgentSession[Any]) -> None:
        await asyncio.sleep(self.limits.longest_call_s)
        self.hang_up(session, Ending.TOO_LONG)

    def _note_sound(self) -> None:
        self._quiet_since_s = _now_s()

    def _note_item(self, event: ConversationItemAddedEvent, session: AgentSession[Any]) -> None:
        """Count replies that were apologies, one after the other; a caller who said something is there."""
        if not isinstance(event.item, llm.ChatMessage):
            return
        if event.item.role == "user":
            self._asked = False
        elif (event.item.text_content or "").rstrip().endswith(self.phrases.apology):
            self._strike(session)
        else:
            self._strikes = 0

    def _note_error(self, event: ErrorEvent, session: AgentSession[Any]) -> None:
        """Apologize for speech that failed; the language model's failures are replied to in the turn (`without_silence`)."""
        if not isinstance(event.error, stt.STTError | tts.TTSError) or event.error.recoverable:
            return
        self._strike(session)
        if self.ending is None:
            _say(session, self.phrases.apology)

    def _strike(self, session: AgentSession[Any]) -> None:
        self._strikes += 1
        if self._strikes >= STRIKES:
            self.hang_up(session, Ending.FAILED)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _say(session: AgentSession[Any], text: str) -> None:
    """Say something that is no part of the conversation, unless the session is closing just now."""
    with contextlib.suppress(RuntimeError):
        session.say(text, add_to_chat_ctx=False)


def _now_s() -> float:
    return asyncio.get_running_loop().time()
