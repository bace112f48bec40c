"""The guard of a call: apologies, silence and length end it, in LiveKit's own session without a room."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest
from fakes.chat_servers import Answer, chat_server, refuses, says
from live import until
from livekit import api, rtc
from livekit.agents import Agent, AgentSession, ErrorEvent, JobContext, ToolError, stt
from livekit.agents.voice import SpeechHandle, io
from livekit.protocol.sip import STS_TRANSFER_FAILED, STS_TRANSFER_SUCCESSFUL
from voicegate_agent.call_guard import FAILED_ATTRIBUTE, HAND_OVER_ATTRIBUTE, CallGuard, CallLimits, Ending
from voicegate_agent.conversation.agent import ConversationAgent
from voicegate_agent.conversation.chat_endpoint import ChatEndpoints, Endpoint
from voicegate_agent.phrases import ENGLISH
from voicegate_agent.recordings import Recordings

LONG_S = 60.0


class FakeJob:
    """A job's context that notes what the caller's side sees of its end."""

    def __init__(self) -> None:
        self.room = SimpleNamespace(local_participant=self)
        self.events: list[Any] = []

    async def set_attributes(self, attributes: dict[str, str]) -> None:
        """Note what is shown."""
        self.events.append(attributes)

    async def transfer_sip_participant(self, caller: Any, to: str) -> Any:
        """Note where a call was transferred to, unless the telephone line does not do that, or nobody picks up."""
        if caller.identity == "old telephone":
            raise api.TwirpError("unavailable", "no REFER", status=503)
        if caller.identity == "busy telephone":
            return SimpleNamespace(status=STS_TRANSFER_FAILED)
        self.events.append(to)
        return SimpleNamespace(status=STS_TRANSFER_SUCCESSFUL)

    def shutdown(self, reason: str) -> None:
        """Note the end."""
        self.events.append(reason)


class NotedSession(AgentSession[None]):
    """A session that notes what is said by itself."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.said: list[str] = []

    def say(self, text: str | AsyncIterable[str], **options: Any) -> SpeechHandle:
        """Note it, and say it."""
        self.said.append(str(text))
        return super().say(text, **options)


class Call:
    """A call in writing."""

    def __init__(self, session: NotedSession, job: FakeJob, guard: CallGuard) -> None:
        self.session, self.job, self.guard = session, job, guard

    async def say(self, text: str) -> str:
        """Say something; give the reply."""
        await self.session.run(user_input=text)
        replies = [item for item in self.session.history.messages() if item.role == "assistant"]
        return replies[-1].text_content or ""


@asynccontextmanager
async def call(
    *answers: Answer, ask_after_s: float = LONG_S, hang_up_after_s: float = LONG_S, longest_s: float = LONG_S
) -> AsyncIterator[Call]:
    """Have a call whose language model answers so."""
    async with chat_server(*answers) as server:
        replies = ChatEndpoints([Endpoint(server.url, "small")], 5)
        job = FakeJob()
        guard = CallGuard(cast(JobContext, job), ENGLISH, CallLimits(ask_after_s, hang_up_after_s, longest_s))
        session = NotedSession(llm=replies, user_away_timeout=None)
        async with session, aclosing(replies):
            guard.watch(session)
            await session.start(ConversationAgent(ENGLISH, one_moment_after_s=LONG_S))
            yield Call(session, job, guard)


async def test_three_apologies_end_the_call() -> None:
    """A broken endpoint does not ask for the same again for ever; who called is told, and sees a code."""
    async with call(refuses(401, "key sk-secret is wrong at http://10.0.0.1")) as broken:
        assert [await broken.say("hello") for _ in range(3)] == [ENGLISH.apology] * 3
        await until(lambda: len(broken.job.events) == 2, 5, "the end")
        assert broken.job.events == [{FAILED_ATTRIBUTE: "failed"}, "failed"]


async def test_apologies_are_counted_one_after_the_other() -> None:
    """A reply between them shows that it works."""
    bad = refuses(401)
    async with call(bad, bad, says("Yes."), bad, bad, says("Yes.")) as moody:
        said = [await moody.say("hello") for _ in range(6)]
        assert said[2] == said[5] == "Yes."
        assert moody.guard.ending is None


async def test_speech_that_fails_is_apologized_for_and_counted() -> None:
    """The third failure is the last; one that is tried again is none yet."""
    async with call(says("Yes.")) as deaf:
        for recoverable in (True, False, True, False, False):
            error = stt.STTError(timestamp=0.0, label="ears", error=OSError(), recoverable=recoverable)
            deaf.session.emit("error", ErrorEvent(error=error, source=None))
        assert deaf.guard.ending is Ending.FAILED


async def test_a_silent_caller_is_asked_and_then_hung_up_on() -> None:
    """No failure, so nothing is shown."""
    async with call(says("Yes."), ask_after_s=0.2, hang_up_after_s=0.3) as silent:
        begun_s = asyncio.get_running_loop().time()
        await until(lambda: bool(silent.job.events), 5, "the end")
        assert silent.job.events == ["silent"]
        assert silent.session.said == [ENGLISH.still_there, ENGLISH.goodbye]
        assert asyncio.get_running_loop().time() - begun_s == pytest.approx(0.55, abs=0.25)


async def test_a_caller_who_answers_the_question_is_there() -> None:
    """He is asked again the next time, before the agent hangs up."""
    async with call(says("Yes."), ask_after_s=0.2, hang_up_after_s=1.0) as slow:
        for _ in range(2):
            await until(lambda: slow.guard._asked, 5, "the question")
            await slow.say("hello")
            assert not slow.guard._asked
        assert slow.guard.ending is None


async def test_the_longest_call_ends_while_somebody_speaks() -> None:
    """However much there is to say."""
    async with call(says("Yes."), longest_s=0.2) as long:
        await until(lambda: bool(long.job.events), 5, "the end")
        assert long.job.events == ["too_long"]


PERSON, TELEPHONE = rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD, rtc.ParticipantKind.PARTICIPANT_KIND_SIP
TO = "tel:+49301234567"


def caller(name: str, kind: int) -> AgentSession[None]:
    """Have a session that listens to somebody."""
    linked = SimpleNamespace(identity=name, kind=kind)
    room_io = SimpleNamespace(linked_participant=linked)
    return cast(AgentSession[None], SimpleNamespace(room_io=room_io, agent_state="speaking"))


@pytest.mark.parametrize(
    ("kind", "told"), [(TELEPHONE, [TO, "handed_over"]), (PERSON, [{HAND_OVER_ATTRIBUTE: TO}, "handed_over"])]
)
async def test_a_call_is_handed_over(kind: int, told: list[object]) -> None:
    """By telephone it is transferred; in the room whoever watches is told. The agent goes when its last word was heard."""
    job, session = FakeJob(), caller("caller", kind)
    guard = CallGuard(cast(JobContext, job), ENGLISH, CallLimits(LONG_S, LONG_S, LONG_S))
    await guard.hand_over(session, TO)
    assert job.events == told[:1]
    assert guard.ending is Ending.HANDED_OVER
    cast(Any, session).agent_state = "listening"
    await until(lambda: job.events == told, 5, "the end")


@pytest.mark.parametrize("name", ["old telephone", "busy telephone"])
async def test_a_telephone_that_cannot_be_transferred_stays_with_the_agent(name: str) -> None:
    """The language model is told, and can say so; LiveKit answers without an error where nobody picks up."""
    job = FakeJob()
    guard = CallGuard(cast(JobContext, job), ENGLISH, CallLimits(LONG_S, LONG_S, LONG_S))
    with pytest.raises(ToolError, match="cannot be handed over"):
        await guard.hand_over(caller(name, TELEPHONE), TO)
    assert job.events == []
    assert guard.ending is None


async def test_the_older_of_two_agents_gives_way_in_silence() -> None:
    """Nothing failed, and nobody is told."""
    job = FakeJob()
    CallGuard(cast(JobContext, job), ENGLISH, CallLimits(LONG_S, LONG_S, LONG_S)).give_way()
    assert job.events == ["another_agent"]


class Ear(io.AudioOutput):
    """Where a session's sound goes, played in no time."""

    def __init__(self) -> None:
        super().__init__(
            label="ear", capabilities=io.AudioOutputCapabilities(pause=False), sample_rate=24_000
        )
        self.heard_s = 0.0

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        """Hear a piece."""
        await super().capture_frame(frame)
        self.heard_s += frame.duration

    def flush(self) -> None:
        """Have heard it all."""
        super().flush()
        self.on_playback_finished(playback_position=self.heard_s, interrupted=False)

    def clear_buffer(self) -> None:
        """Have nothing to forget."""


async def test_last_words_that_were_recorded_need_no_model() -> None:
    """A session without speech plays them whole, and the caller's side sees the code behind them."""
    job, ear = FakeJob(), Ear()
    guard = CallGuard(cast(JobContext, job), ENGLISH, CallLimits(LONG_S, LONG_S, LONG_S))
    recorded = Recordings(16_000, {ENGLISH.failed: bytes(3 * 2 * 16_000)})
    session = AgentSession[None]()
    session.output.audio = ear
    async with session:
        await session.start(Agent(instructions=""))
        guard.hang_up(session, Ending.NO_SPEECH, recorded.frames(ENGLISH.failed))
        await until(lambda: len(job.events) == 2, 5, "the end")
    assert ear.heard_s == pytest.approx(3, abs=0.05)
    assert job.events == [{FAILED_ATTRIBUTE: "no_speech"}, "no_speech"]
