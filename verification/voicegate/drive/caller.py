"""One caller: a real WebRTC participant who dials, speaks clips, listens, and hangs up."""

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from livekit import api, rtc

from voicegate.drive.clips.library import Clip
from voicegate.drive.earphone import Earphone
from voicegate.drive.fillers import fillers_before
from voicegate.drive.joins import joining
from voicegate.drive.livekit_server.server import LiveKitServer
from voicegate.drive.microphone import Microphone, Said
from voicegate.drive.presence import Presence
from voicegate.drive.replies import LONGEST_REPLY_S, OpenTurn, Replies
from voicegate.drive.script import ScriptStep
from voicegate.drive.script_player import ScriptPlayer
from voicegate.drive.transcripts import Transcripts
from voicegate.expected_reply import ExpectedReply, filled
from voicegate.limits import TurnLimits
from voicegate.measure.missing_agent import NO_AGENT, NO_SOUND
from voicegate.measure.turns import measured_turn
from voicegate.record.call_audio import CallAudio, SpokenTurn, call_sound, recorded_turn, save_call_audio
from voicegate.record.events import CallEvent, Event, Fault
from voicegate.record.recording import Clock
from voicegate.record.wav import Samples

GREETING_QUIET_S = 0.8
_DISCONNECT_S = 5.0
_LONGEST_NOTICE = 200
BROKEN_OFF = "the run was broken off during the call"

_log = logging.getLogger(__name__)

Step = Literal["dialed", "joined", "agent_joined", "agent_audio", "hung_up", "agent_left", "failed"]


class CallError(Exception):
    """A call that did not come about or broke off; the message says at which step, `fault` whose doing it was."""

    def __init__(self, reason: str, fault: Fault = "agent") -> None:
        super().__init__(reason)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Line:
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


class Caller:
    """A participant in a room of its own. Dial, converse, hang up, in this order; hang up always."""

    def __init__(self, name: str, phase: str, line: Line) -> None:
        self.name = name
        self._phase = phase
        self._line = line
        self._room_name = f"{line.run}-{name}"
        self._room = rtc.Room()
        self._microphone = Microphone(line.clock)
        self._earphone = Earphone(line.clock)
        self._transcripts = Transcripts(name, line.clock, line.spoken)
        self._presence = Presence(self._room, self._earphone, self._transcripts, self._tell)
        self._published = False
        self._cut: CallError | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._speaking: asyncio.Task[None] | None = None
        self._dialed_t = 0.0
        self._turns: list[OpenTurn] = []
        self._scripted = False
        self._replies = Replies(
            self._earphone, self._transcripts, self._presence.speaks, line.clock, line.reply_timeout_s
        )

    async def dial(self) -> None:
        """Join the room and wait until the agent's sound arrives, be it silence. Raises CallError."""
        self._dialed_t = self._line.clock()
        self._tell("dialed")
        self._attach()
        self._connecting = joining(self._room.connect(self._line.server.url, self._token()))
        try:
            async with asyncio.timeout(self._line.join_timeout_s):
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
            self._check_agent(f" before {clip.name} was said")
            turn = self._open_turn(clip, await self._say(clip.samples, clip.name))
            await self._replies.hear(turn)
            self._check_connection()
            if self._line.folder is None:
                await self._record_last_turn()
        self._check_agent()

    async def follow(self, script: Sequence[ScriptStep], clips: Sequence[Clip]) -> None:
        """Follow a script, with a clip for each step that says one. Raises CallError when the agent is gone."""
        self._scripted = bool(script)
        player = ScriptPlayer(
            self.name,
            self._earphone,
            self._replies,
            self._line.clock,
            self._line.emit,
            self._check_agent,
            self._say,
            lambda: self._microphone.ahead_s,
            self._open_turn,
        )
        await player.play(script, clips)
        self._check_agent()

    def _open_turn(self, clip: Clip, said: Said) -> OpenTurn:
        given = self._line.expected_reply
        expected = filled(clip.expected_reply if given is None else given, clip.code, clip.text)
        fillers = fillers_before(expected, self._line.fillers)
        self._turns.append(turn := OpenTurn(clip, said, expected, fillers, index=len(self._turns)))
        return turn

    async def _say(self, samples: Samples, name: str) -> Said:
        try:
            return await self._microphone.say(samples)
        except TimeoutError:
            raise CallError(f"the microphone stopped before {name} was said", "caller") from None

    async def hang_up(self) -> None:
        """Leave the room, save what was said and heard, and record every turn, whatever happened before."""
        ended_t = self._line.clock()
        with contextlib.suppress(TimeoutError, rtc.ConnectError):
            await asyncio.wait_for(self._disconnect(), _DISCONNECT_S)
        self._tell("hung_up")
        if self._speaking is not None:
            self._speaking.cancel()
            await asyncio.gather(self._speaking, return_exceptions=True)
        await self._earphone.close()
        await self._transcripts.close()
        if self._line.folder is not None:
            await asyncio.to_thread(self._record_turns, ended_t, self._line.folder)

    async def _disconnect(self) -> None:
        """Leave the room, once it was joined: LiveKit's client ends the process when a join is cancelled in the middle."""
        if self._connecting is not None:
            await asyncio.shield(self._connecting)
        await self._room.disconnect()

    def fail(self, reason: str, fault: Fault) -> None:
        """Record that the call failed, and whose doing it was."""
        self._tell("failed", reason, fault)

    def _check_connection(self) -> None:
        if self._cut is not None:
            raise self._cut

    def _check_agent(self, when: str = "") -> None:
        self._check_connection()
        if self._presence.left.is_set():
            raise CallError(f"the agent left the call{when}")

    def _attach(self) -> None:
        self._transcripts.attach(self._room)
        self._presence.attach()
        self._room.on("disconnected", self._on_disconnected)

    def _on_disconnected(self, reason: "rtc.DisconnectReason.ValueType") -> None:
        """Note that the caller was put out of the room; a room that somebody closed was closed by the agent."""
        name = rtc.DisconnectReason.Name(reason)
        by_agent = name in ("ROOM_DELETED", "PARTICIPANT_REMOVED")
        said = "the room was closed during the call" if by_agent else "the connection to the server was lost"
        self._cut = CallError(f"{said} ({name})", "agent" if by_agent else "server")

    async def _publish(self) -> None:
        self._presence.look_around()
        self._speaking = asyncio.create_task(self._microphone.run(), name=f"{self.name} microphone")
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await self._room.local_participant.publish_track(self._microphone.track, options)
        self._published = True

    def _token(self) -> str:
        grants = api.VideoGrants(room_join=True, room=self._room_name)
        token = api.AccessToken(self._line.server.api_key, self._line.server.api_secret)
        token = token.with_identity(self.name).with_grants(grants)
        if self._line.agent_name is not None:
            dispatch = api.RoomAgentDispatch(agent_name=self._line.agent_name)
            token = token.with_room_config(api.RoomConfiguration(agents=[dispatch]))
        return token.to_jwt()

    def _why_no_agent(self) -> CallError:
        waited = f"within {self._line.join_timeout_s:g} s"
        if not self._room.isconnected():
            return CallError(f"could not join the room {waited}", "server")
        if not self._published:
            return CallError(f"could not publish the caller's sound {waited}", "server")
        if not self._presence.joined.is_set():
            notice = self._room.metadata[:_LONGEST_NOTICE]  # where ours says that it takes no more calls
            return CallError(f"{NO_AGENT} {waited}" + (f"; the room's metadata: {notice}" if notice else ""))
        return CallError(f"{NO_SOUND} {waited}")

    def _tell(self, step: Step, detail: str | None = None, fault: Fault | None = None) -> None:
        t = self._line.clock()
        self._line.emit(CallEvent(t, self.name, step, self._room_name, self._phase, detail, fault))

    def _record_turns(self, ended_t: float, folder: Path) -> None:
        if not self._turns:
            return
        audio = self._audio(self._dialed_t, ended_t)
        files = save_call_audio(audio, folder, self.name)
        starts = [turn.said.start_t for turn in self._turns]
        for index, until_t in enumerate([*starts[1:], ended_t]):
            turn = recorded_turn(self._spoken(index, self._turns[index].until_t or until_t), audio, files)
            self._line.emit(measured_turn(turn, self._line.limits))
        if self._scripted:
            self._line.emit(call_sound(self.name, audio))

    async def _record_last_turn(self) -> None:
        index, until_t = len(self._turns) - 1, self._line.clock()
        audio = self._audio(self._turns[index].said.start_t, until_t)  # not in a thread: sound still comes in
        turn = await asyncio.to_thread(recorded_turn, self._spoken(index, until_t), audio, None)
        self._line.emit(measured_turn(turn, self._line.limits))

    def _audio(self, start_t: float, end_t: float) -> CallAudio:
        return CallAudio(
            start_t=start_t,
            said=self._microphone.sent.render(start_t, end_t, arrived=False),
            heard=self._earphone.render(start_t, end_t),
        )

    def _spoken(self, index: int, until_t: float) -> SpokenTurn:
        turn = self._turns[index]
        clip, said = turn.clip, turn.said
        text, expected = turn.compared(self._transcripts.agent_said(said.start_t, until_t))
        return SpokenTurn(
            call=self.name,
            index=index,
            clip=clip.name,
            said_text=clip.text,
            said_code=clip.code,
            expected_reply=expected,
            start_t=said.start_t,
            end_t=said.end_t,
            until_t=until_t,
            transcript=self._transcripts.caller_said(said.start_t, until_t),
            reply_text=text,
            language=self._line.language,
            reply_from_t=turn.reply_from_t if turn.passed is None else turn.passed.until_t,
            scripted=turn.scripted,
        )


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
        await caller.follow(script, clips[turns:])
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
