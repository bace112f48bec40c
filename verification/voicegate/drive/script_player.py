"""Following a script in a call: speaking with pauses and into replies, writing, making noises, going; noting when each step began and ended."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from voicegate.drive.clips.library import Clip
from voicegate.drive.earphone import Earphone
from voicegate.drive.microphone import Said
from voicegate.drive.replies import LONGEST_REPLY_S, OpenTurn, Replies
from voicegate.drive.script import AFTER_TURN_S, LISTEN_S, ScriptStep, kinds
from voicegate.drive.sounds import make_sound
from voicegate.expected_reply import ANY_REPLY, filled
from voicegate.names import Departure, StepKind
from voicegate.record.events import CallStep, Event, Expected
from voicegate.record.recording import Clock
from voicegate.record.timeline import RATE
from voicegate.record.wav import Samples

_LONGEST_SILENCE_S = 8.0  # so long a caller listens for what should not come
_STOPPED_S = 0.3  # a reply that a message stops is silent for so long before another one begins
_LONGEST_STOP_S = 1.5


class Scripted(Protocol):
    """A caller who does what a script says. Each deed returns when it is done, and says when it was."""

    @property
    def name(self) -> str:
        """What the call is called."""

    @property
    def ahead_s(self) -> float:
        """How long from now what is said next leaves the microphone."""

    def check(self) -> None:
        """Raise when the call is over."""

    def open_turn(self, clip: Clip, said: Said) -> OpenTurn:
        """Begin a turn with what was said or written."""

    async def say(self, samples: Samples, name: str) -> Said:
        """Send sound, called by a name in messages."""

    async def write(self, text: str) -> Said:
        """Send a message to the agent."""

    async def mute(self, seconds: float) -> Said:
        """Mute the microphone for so long."""

    async def leave(self, how: Departure) -> None:
        """Be gone."""


@dataclass(frozen=True, slots=True)
class ScriptPlayer:
    """Follows a script in one call, by what a caller can do and hears."""

    caller: Scripted
    earphone: Earphone
    replies: Replies
    clock: Clock
    emit: Callable[[Event], None]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def play(self, script: Sequence[ScriptStep], clips: Sequence[Clip], background: Clip) -> None:
        """Take the steps one after the other, with a clip for each that says one; `background` is what others say where the script has no clip.

        A step into a reply that does not come is left out; leaving is not. Raises what the caller's deeds raise.
        """
        left = iter(clips)
        turn: OpenTurn | None = None
        for index, (step, kind, following) in enumerate(
            zip(script, kinds(script), (*script, None)[1:], strict=True)
        ):
            self.caller.check()
            clip = next(left) if step.says is not None else None
            in_time = step.into_reply_s is None or await self._wait_into_reply(turn, step.into_reply_s)
            if step.leaves is not None:
                await self._leave(index, step, step.leaves, turn)
                return
            if not in_time:
                continue
            if step.is_answered:
                turn = await self._utter(step, kind, clip)
                said = turn.said
                if not _speaks_into_reply(following):
                    await self._hear(turn, step, kind)
            else:
                said = await self._make(step, (clips[-1] if clips else background).samples)
                if kind == "disturbance" or following is None or following.is_answered:
                    await self.earphone.wait_for_quiet(LISTEN_S, LONGEST_REPLY_S)
            over_t = self.clock()
            if turn is not None and kind != "quiet":
                turn.until_t = None if _speaks_into_reply(following) else over_t
            self.emit(self._noted(index, step, kind, said, over_t, turn, clip))

    async def _utter(self, step: ScriptStep, kind: StepKind, clip: Clip | None) -> OpenTurn:
        """Say the clip, or write the step's message, and begin a turn with it."""
        if clip is not None:
            said = await self.caller.say(_spoken(clip, step.pause_s), clip.name)
            return self._opened(clip, said, kind, step.expects)
        text = step.writes or ""
        said = await self.caller.write(text)
        message = Clip(step.what, text, None, ANY_REPLY, np.zeros(0, np.int16))
        turn = self._opened(message, said, kind, step.expects)
        if step.into_reply_s is not None:
            stopped = await self.earphone.wait_for_quiet(_STOPPED_S, _LONGEST_STOP_S)
            turn.reply_from_t = self.clock() if stopped else said.end_t
        return turn

    async def _leave(self, index: int, step: ScriptStep, how: Departure, turn: OpenTurn | None) -> None:
        t = self.clock()
        if turn is not None and turn.until_t is None:
            turn.until_t = t
        self.emit(self._noted(index, step, how, Said(t, t), t, None, None))
        await self.caller.leave(how)

    def _opened(self, clip: Clip, said: Said, kind: StepKind, expects: Expected | None) -> OpenTurn:
        turn = self.caller.open_turn(clip, said)
        turn.scripted = True
        if expects is not None and expects.answer is not None:
            turn.expected_reply = filled(expects.answer, clip.code, clip.text)
        if kind == "interruption":
            turn.reply_from_t = said.end_t
        return turn

    async def _wait_into_reply(self, turn: OpenTurn | None, into_reply_s: float) -> bool:
        """Wait until the reply to a turn has sounded for so long; False when none came."""
        if turn is None or not await self.earphone.wait_for_sound(turn.said.end_t, self.replies.timeout_s):
            return False
        await self.sleep(max(0.0, into_reply_s - self.caller.ahead_s))
        return True

    async def _hear(self, turn: OpenTurn, step: ScriptStep, kind: StepKind) -> None:
        """Hear the reply to its end, and what comes after fillers."""
        once = step.expects is not None and step.expects.once
        since_t = turn.said.end_t
        if kind == "message" and turn.reply_from_t is not None:
            since_t = turn.reply_from_t
        if await self.earphone.wait_for_sound(since_t, self._patience_s(step)):
            await self.replies.hear_out(LISTEN_S if kind == "pause" or once else AFTER_TURN_S)
            await self.replies.pass_fillers(turn)

    def _patience_s(self, step: ScriptStep) -> float:
        """Say how long to wait for the reply to a step: as long as for any other, and for what is expected of it."""
        expects = step.expects
        if expects is not None and expects.no_answer:
            return _LONGEST_SILENCE_S
        within_s = expects.within_s if expects is not None and expects.within_s is not None else 0.0
        return max(self.replies.timeout_s, within_s + 1)

    async def _make(self, step: ScriptStep, background: Samples) -> Said:
        """Make a sound, or none for as long."""
        if step.muted:
            return await self.caller.mute(step.for_s)
        if step.sound == "silence":
            start_t = self.clock()
            await self.sleep(step.for_s)
            return Said(start_t, self.clock())
        sound = make_sound(step.sound, step.for_s, background, step.level_db)
        return await self.caller.say(sound, step.sound)

    def _noted(
        self,
        index: int,
        step: ScriptStep,
        kind: StepKind,
        said: Said,
        over_t: float,
        turn: OpenTurn | None,
        clip: Clip | None,
    ) -> CallStep:
        pause_t = said.start_t + pause_place_s(clip) if clip is not None and step.pause_s else None
        return CallStep(
            t=said.start_t,
            call=self.caller.name,
            index=index,
            step=kind,
            what=step.what if clip is None else clip.name,
            end_t=said.end_t,
            over_t=over_t,
            turn=None if turn is None or kind == "quiet" else turn.index,
            pause=None if pause_t is None else (pause_t, pause_t + step.pause_s),
            into_reply_s=step.into_reply_s,
            expects=step.expects,
        )


def _speaks_into_reply(step: ScriptStep | None) -> bool:
    return step is not None and step.into_reply_s is not None


def pause_place_s(clip: Clip) -> float:
    """Tell where in a clip a speaker can pause: where its manifest says, else at the quietest point of its middle third."""
    if clip.pause_s is not None:
        return clip.pause_s
    third, window = len(clip.samples) // 3, RATE * 30 // 1000
    power = np.convolve(clip.samples.astype(np.float64) ** 2, np.ones(window), "same")
    return (third + int(np.argmin(power[third : 2 * third]))) / RATE


def _spoken(clip: Clip, pause_s: float) -> Samples:
    """Put a pause into a clip."""
    if not pause_s:
        return clip.samples
    place = round(pause_place_s(clip) * RATE)
    return np.insert(clip.samples, place, np.zeros(round(pause_s * RATE), np.int16))
