"""One caller: a real WebRTC participant who dials, speaks clips, listens, and hangs up."""

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from livekit import rtc

from voicegate.drive.call_turns import CallTurns
from voicegate.drive.clips.library import Clip
from voicegate.drive.earphone import Earphone
from voicegate.drive.joins import caller_token, joining
from voicegate.drive.livekit_server.server import LiveKitServer
from voicegate.drive.microphone import Microphone, Said
from voicegate.drive.presence import Presence
from voicegate.drive.replies import LONGEST_REPLY_S, OpenTurn, Replies
from voicegate.drive.script import ScriptStep
from voicegate.drive.script_player import ScriptPlayer
from voicegate.drive.session_reports import SessionReports
from voicegate.drive.transcripts import Transcripts
from voicegate.expected_reply import ExpectedReply
from voicegate.limits import TurnLimits
from voicegate.measure.missing_agent import NO_AGENT, NO_SOUND
from voicegate.measure.turns import measured_turn
from voicegate.names import Departure
from voicegate.record.events import CallEvent, CallEventStep, CallSound, Event, Fault, Turn
from voicegate.record.recording import Clock
from voicegate.record.wav import Samples

GREETING_QUIET_S = 0.8
_DISCONNECT_S = 5.0
_LONGEST_NOTICE = 200
BROKEN_OFF = "the run was broken off during the call"

CHAT = "lk.chat"

_log = logging.getLogger(__name__)


class CallError(Exception):
    """A call that did not connect, or broke off; the message says at which step, `fault` whose doing it was."""

    def __init__(self, reason: str, fault: Fault = "agent") -> None:
        super().__init__(reason)
        self.fault = fault


def _stay() -> None:
    raise RuntimeError("a caller who shares the process with others cannot vanish: see vanishing.py")


@dataclass(frozen=True, slots=True)
class CallerConfig:
    """What all callers of a run share: where they call, how long they wait, where their events go.

    `run` makes room names unique on a server that others use too. `folder` is the recording's, where the sound of
    whole calls goes; without one no sound is kept, and each turn is recorded as soon as it is over.
    """

    server: LiveKitServer
    run: str
    agent_name: str | None
    expected_reply: ExpectedReply | None  # to every clip; None for what each clip expects
    join_timeout_s: float
    reply_timeout_s: float
    clock: Clock
    emit: Callable[[Event], None]
    folder: Path | None
    language: str = "en"
    fillers: tuple[str, ...] = ()  # what the agent may say before its reply
    spoken: str = ""  # a pattern for the part of the agent's text that it says
    limits: TurnLimits = field(default_factory=TurnLimits)  # by which turns are measured as they are recorded
    vanish: Callable[[], None] = _stay  # ends the process in which a caller is who vanishes


class Caller:
    """A participant in a room of its own. Dial, converse, hang up, in this order; hang up always."""

    def __init__(self, name: str, phase: str, config: CallerConfig) -> None:
        self.name = name
        self._phase = phase
        self._config = config
        self._room_name = f"{config.run}-{name}"
        self._room = rtc.Room()
        self._microphone = Microphone(config.clock)
        self._earphone = Earphone(config.clock)
        self._transcripts = Transcripts(name, config.clock, config.spoken)
        self._presence = Presence(self._room, self._earphone, self._transcripts, self._tell)
        self._published = False
        self._gone_t: float | None = None
        self._cut: CallError | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._speaking: asyncio.Task[None] | None = None
        self._dialed_t = 0.0
        self._scripted = False
        self._has_failed = False
        self._replies = Replies(
            self._earphone, self._transcripts, self._presence.speaks, config.clock, config.reply_timeout_s
        )
        self._reports = SessionReports(config.clock)
        self._turns = CallTurns(
            name, config.language, self._microphone, self._earphone, self._transcripts, self._reports
        )

    async def dial(self) -> None:
        """Join the room and wait until the agent's sound arrives, be it silence. Raises CallError."""
        self._dialed_t = self._config.clock()
        self._tell("dialed")
        self._attach()
        token = caller_token(self._config.server, self._room_name, self.name, self._config.agent_name)
        self._connecting = joining(self._room.connect(self._config.server.url, token))
        try:
            async with asyncio.timeout(self._config.join_timeout_s):
                await asyncio.shield(self._connecting)
                self._tell("joined")
                await self._publish()
                await self._presence.joined.wait()
                await self._earphone.connected.wait()
        except TimeoutError:
            raise self._why_no_agent() from None
        except (rtc.ConnectError, rtc.participant.PublishTrackError) as error:
            raise CallError(f"could not join the room: {error}", "server") from error
        self._tell("agent_audio")
        await self._earphone.wait_for_quiet(GREETING_QUIET_S, LONGEST_REPLY_S)

    async def converse(self, clips: Sequence[Clip], pauses_s: Iterable[float] = ()) -> None:
        """Say each clip and listen to its reply; think for so long before each. Raises CallError when the agent is gone."""
        for clip, pause_s in zip(clips, itertools.chain(pauses_s, itertools.repeat(0.0)), strict=False):
            await asyncio.sleep(pause_s)
            if self._may_be_over:
                return
            self.check(f" before {clip.name} was said")
            turn = self.open_turn(clip, await self.say(clip.samples, clip.name))
            await self._replies.hear(turn)
            if not self._may_be_over:
                self._check_connection()
            if self._config.folder is None:
                await self._record_last_turn()
        if not self._may_be_over:
            self.check()

    async def follow(self, script: Sequence[ScriptStep], clips: Sequence[Clip], background: Clip) -> None:
        """Follow a script, with a clip for each step that says one, and one that others say. Raises CallError when the agent is gone."""
        self._scripted = bool(script)
        if script:
            self._turns.close_last(self._config.clock())
        player = ScriptPlayer(self, self._earphone, self._replies, self._config.clock, self._config.emit)
        await player.play(script, clips, background)
        if self._gone_t is None and not self._may_be_over:
            self.check()

    @property
    def _may_be_over(self) -> bool:
        """Whether the agent is gone after the caller said goodbye, as it may."""
        return self._turns.end_with_goodbye and self._presence.left.is_set()

    @property
    def ahead_s(self) -> float:
        """How long from now what is said next leaves the microphone."""
        return self._microphone.ahead_s

    def open_turn(self, clip: Clip, said: Said) -> OpenTurn:
        """Begin a turn with what was said or written."""
        return self._turns.open(clip, said, self._config.expected_reply, self._config.fillers)

    async def say(self, samples: Samples, name: str) -> Said:
        """Say this, called by a name in messages; return when it was said. Raises CallError."""
        try:
            return await self._microphone.say(samples)
        except TimeoutError:
            raise CallError(f"the microphone stopped before {name} was said", "caller") from None

    async def write(self, text: str) -> Said:
        """Send the agent a message, as LiveKit's chat does; return when it was sent."""
        await self._room.local_participant.send_text(text, topic=CHAT)
        t = self._config.clock()
        return Said(t, t)

    async def mute(self, seconds: float) -> Said:
        """Mute the microphone for so long, which the server and the agent are told; return when it was."""
        start_t = self._config.clock()
        self._microphone.track.mute()
        try:
            await asyncio.sleep(seconds)
        finally:
            self._microphone.track.unmute()
        return Said(start_t, self._config.clock())

    async def leave(self, how: Departure) -> None:
        """Hang up now, or record every turn and vanish with the whole process."""
        if how == "hang_up":
            await self._say_goodbye()
            return
        if self._config.folder is not None:
            self._record_turns(
                self._config.clock(), self._config.folder
            )  # not in a thread: sound still comes in
        self._tell("vanished")
        self._config.vanish()

    async def hang_up(self) -> None:
        """Leave the room, save what was said and heard, and record every turn, whatever happened before."""
        if self._cut is not None and self._cut.fault != "agent":
            self.fail(str(self._cut), self._cut.fault)
        gone_t = await self._say_goodbye()
        if self._speaking is not None:
            self._speaking.cancel()
            await asyncio.gather(self._speaking, return_exceptions=True)
        await self._earphone.close()
        await self._transcripts.close()
        await self._reports.close()
        if self._config.folder is not None:
            await asyncio.to_thread(self._record_turns, gone_t, self._config.folder)

    async def _say_goodbye(self) -> float:
        """Leave the room, if that was not done; return when it was."""
        if self._gone_t is not None:
            return self._gone_t
        self._gone_t = self._config.clock()
        with contextlib.suppress(TimeoutError, rtc.ConnectError):
            await asyncio.wait_for(self._disconnect(), _DISCONNECT_S)
        self._tell("hung_up", t=self._gone_t)
        return self._gone_t

    async def _disconnect(self) -> None:
        """Leave the room, once it was joined: LiveKit's client ends the process when a join is cancelled in the middle."""
        if self._connecting is not None:
            await asyncio.shield(self._connecting)
        await self._room.disconnect()

    def fail(self, reason: str, fault: Fault) -> None:
        """Record that the call failed, and whose doing it was; the first reason counts."""
        if not self._has_failed:
            self._has_failed = True
            self._tell("failed", reason, fault)

    def _check_connection(self) -> None:
        if self._cut is not None:
            raise self._cut

    def check(self, when: str = "") -> None:
        """Raise CallError when the agent is gone, or the connection."""
        self._check_connection()
        if self._presence.left.is_set():
            raise CallError(f"the agent left the call{when}")

    def _attach(self) -> None:
        self._transcripts.attach(self._room)
        self._reports.attach(self._room)
        self._presence.attach()
        self._room.on("disconnected", self._on_disconnected)

    def _on_disconnected(self, reason: "rtc.DisconnectReason.ValueType") -> None:
        """Note that the caller was put out of the room; a room that somebody closed was closed by the agent."""
        name = rtc.DisconnectReason.Name(reason)
        by_agent = name in ("ROOM_DELETED", "PARTICIPANT_REMOVED")
        said = "the room was closed during the call" if by_agent else "the connection to the server was lost"
        if self._gone_t is None:
            self._cut = CallError(f"{said} ({name})", "agent" if by_agent else "server")
            if by_agent:
                self._presence.closed(str(self._cut))

    async def _publish(self) -> None:
        self._presence.look_around()
        self._speaking = asyncio.create_task(self._microphone.run(), name=f"{self.name} microphone")
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await self._room.local_participant.publish_track(self._microphone.track, options)
        self._published = True

    def _why_no_agent(self) -> CallError:
        waited = f"within {self._config.join_timeout_s:g} s"
        if not self._room.isconnected():
            return CallError(f"could not join the room {waited}", "server")
        if not self._published:
            return CallError(f"could not publish the caller's sound {waited}", "server")
        if not self._presence.joined.is_set():
            notice = self._room.metadata[:_LONGEST_NOTICE]  # where ours says that it takes no more calls
            return CallError(f"{NO_AGENT} {waited}" + (f"; the room's metadata: {notice}" if notice else ""))
        return CallError(f"{NO_SOUND} {waited}")

    def _tell(
        self,
        step: CallEventStep,
        detail: str | None = None,
        fault: Fault | None = None,
        t: float | None = None,
    ) -> None:
        at_t = self._config.clock() if t is None else t
        self._config.emit(CallEvent(at_t, self.name, step, self._room_name, self._phase, detail, fault))

    def _record_turns(self, ended_t: float, folder: Path) -> None:
        for event in self._turns.saved(self._dialed_t, ended_t, folder, whole_call=self._scripted):
            self._emit(event)

    async def _record_last_turn(self) -> None:
        self._emit(await self._turns.last(self._config.clock()))

    def _emit(self, event: Turn | CallSound) -> None:
        self._config.emit(measured_turn(event, self._config.limits) if isinstance(event, Turn) else event)


async def talk(
    caller: Caller, clips: Sequence[Clip], pauses_s: Iterable[float] = (), script: Sequence[ScriptStep] = ()
) -> None:
    """Dial and converse; record why a call failed, if it did, whatever it was. Hanging up is left to others.

    The last clips are those of the script, which comes in the end.
    """
    turns = len(clips) - sum(step.says is not None for step in script)
    try:
        await caller.dial()
        await caller.converse(clips[:turns], pauses_s)
        await caller.follow(script, clips[turns:], clips[0])
    except CallError as error:
        caller.fail(str(error), error.fault)
    except asyncio.CancelledError:
        caller.fail(BROKEN_OFF, "run")
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it costs this call and no other
        _log.exception("%s broke off", caller.name)
        caller.fail(f"{error!r}", "caller")


async def leave(caller: Caller) -> None:
    """Hang up; what goes wrong with that is a fault of this caller's, and of no other."""
    try:
        await caller.hang_up()
    except Exception as error:  # noqa: BLE001 - likewise
        _log.exception("%s could not hang up", caller.name)
        caller.fail(f"could not hang up: {error!r}", "caller")
