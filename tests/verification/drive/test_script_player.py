"""Following a script, by a clock that only moves when somebody waits or speaks."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from voicegate.drive.clips.library import Clip
from voicegate.drive.earphone import Ear, Earphone
from voicegate.drive.microphone import Said
from voicegate.drive.replies import OpenTurn, Replies
from voicegate.drive.script import AFTER_TURN_S, LISTEN_S, ScriptStep
from voicegate.drive.script_player import ScriptPlayer, pause_place_s
from voicegate.drive.transcripts import Transcripts
from voicegate.expected_reply import ReplyWords
from voicegate.names import Departure
from voicegate.record.events import CallStep, Event, Expected
from voicegate.record.timeline import RATE
from voicegate.record.wav import Samples

CLIP_S, WAIT_S, REPLY_S, AHEAD_S = 2.0, 0.5, 2.5, 0.2
CLIP = Clip("code-1234", "one two three four", "1234", "Your code is 1234.", np.ones(32_000, np.int16), 1.2)


@dataclass
class Call:
    """A call with an agent that answers every clip: half a second later, for two seconds and a half, if it `answers`."""

    answers: bool = True
    wait_s: float = WAIT_S
    name: str = "call-01"
    ahead_s: float = AHEAD_S
    t: float = 0.0
    reply: tuple[float, float] = (0.0, -1.0)
    sent: list[Samples] = field(default_factory=list)
    steps: list[CallStep] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    turns: list[OpenTurn] = field(default_factory=list)
    ear: Ear = field(default_factory=Ear)

    def __call__(self) -> float:
        """Tell the time."""
        return self.t

    async def sleep(self, seconds: float) -> None:
        """Let the time go on, and hear what is said in it."""
        self.t += seconds
        if self.reply[0] <= self.t <= self.reply[1]:
            self.ear.last_sound_t = self.t
        await asyncio.sleep(0)

    async def say(self, samples: Samples, name: str) -> Said:
        """Send sound; an agent that is spoken over is silent at once, and a clip is answered."""
        start_t = self.t + AHEAD_S
        self.sent.append(samples)
        self.t = start_t + len(samples) / RATE
        if name == CLIP.name and self.answers:
            self.reply = (self.t + self.wait_s, self.t + self.wait_s + REPLY_S)
        return Said(start_t, self.t)

    def check(self) -> None:
        """Go on."""

    async def write(self, text: str) -> Said:
        """Send a message, which is answered."""
        self.done.append(f"wrote {text}")
        self.reply = (self.t + self.wait_s, self.t + self.wait_s + REPLY_S)
        return Said(self.t, self.t)

    async def mute(self, seconds: float) -> Said:
        """Be muted."""
        start_t = self.t
        await self.sleep(seconds)
        self.done.append(f"was muted for {seconds:g} s")
        return Said(start_t, self.t)

    async def leave(self, how: Departure) -> None:
        """Go."""
        self.done.append(f"{how} after {len(self.steps)} steps")

    def note(self, event: Event) -> None:
        """Keep a step."""
        assert isinstance(event, CallStep)
        self.steps.append(event)

    def open_turn(self, clip: Clip, said: Said) -> OpenTurn:
        """Begin a turn."""
        self.turns.append(OpenTurn(clip, said, clip.expected_reply, index=len(self.turns)))
        return self.turns[-1]

    async def follow(self, *script: ScriptStep) -> Sequence[CallStep]:
        """Follow a script, and return what was noted."""
        earphone = Earphone(self, self.sleep)
        earphone.ears.append(self.ear)
        replies = Replies(earphone, Transcripts("call-01", self), lambda: False, self, 15.0)
        player = ScriptPlayer(self, earphone, replies, self, self.note, self.sleep)
        await player.play(script, [CLIP for step in script if step.says is not None], CLIP)
        return self.steps


async def test_a_plain_turn_is_heard_to_its_end() -> None:
    """The step is over when the reply is, and a silence has followed."""
    call = Call()
    (step,) = await call.follow(ScriptStep("code"))
    assert (step.step, step.what, step.turn, step.pause) == ("turn", CLIP.name, 0, None)
    assert step.end_t - step.t == CLIP_S
    assert step.over_t == pytest.approx(step.end_t + WAIT_S + REPLY_S + AFTER_TURN_S, abs=0.1)
    assert call.turns[0].until_t == step.over_t
    assert call.turns[0].scripted


async def test_a_call_without_a_script_takes_no_step() -> None:
    """As most calls do."""
    assert await Call().follow() == []


async def test_a_pause_is_put_where_the_clip_has_room_for_it() -> None:
    """What is sent is longer by the pause, and the step says when it was."""
    call = Call()
    (step,) = await call.follow(ScriptStep("code", pause_s=0.5))
    assert step.pause is not None
    assert step.pause[0] - step.t == pytest.approx(1.2)
    assert step.pause[1] - step.t == pytest.approx(1.7)
    (sent,) = call.sent
    assert len(sent) == round((CLIP_S + 0.5) * RATE)
    assert not sent[round(1.2 * RATE) : round(1.7 * RATE)].any()
    assert step.over_t == pytest.approx(step.end_t + WAIT_S + REPLY_S + LISTEN_S, abs=0.1)


async def test_an_interruption_begins_in_the_reply() -> None:
    """So long after the reply began as was asked for; its own reply is looked for when the caller has finished."""
    call = Call()
    opening, step = await call.follow(ScriptStep("code"), ScriptStep("code", into_reply_s=0.4))
    assert (opening.step, step.step, step.into_reply_s) == ("opening", "interruption", 0.4)
    assert step.t == pytest.approx(opening.end_t + WAIT_S + 0.4, abs=0.06)
    first, second = call.turns
    assert (first.until_t, second.reply_from_t) == (None, step.end_t)


async def test_a_noise_in_a_reply_belongs_to_its_turn() -> None:
    """What is heard until it is over does too."""
    call = Call()
    opening, step = await call.follow(
        ScriptStep("code"), ScriptStep(sound="cough", for_s=0.4, into_reply_s=0.4)
    )
    assert (step.step, step.what, step.turn) == ("disturbance", "cough", 0)
    assert step.over_t == pytest.approx(opening.end_t + WAIT_S + REPLY_S + LISTEN_S, abs=0.1)
    assert call.turns[0].until_t == step.over_t


async def test_a_step_into_a_reply_that_does_not_come_is_left_out() -> None:
    """And the script goes on."""
    call = Call(answers=False)
    steps = await call.follow(
        ScriptStep("code"), ScriptStep(sound="cough", for_s=0.4, into_reply_s=0.4), ScriptStep("code")
    )
    assert [step.step for step in steps] == ["opening", "turn"]
    assert [step.index for step in steps] == [0, 2]


async def test_quiet_steps_follow_each_other_and_the_last_one_is_listened_to() -> None:
    """Silence sends nothing; a voice in the background is somebody's clip, softly."""
    call = Call()
    silence, voice = await call.follow(
        ScriptStep(sound="silence", for_s=5), ScriptStep(sound="noise", for_s=5)
    )
    assert (silence.step, silence.turn) == ("quiet", None)
    assert silence.over_t - silence.t == 5
    assert voice.over_t - voice.end_t == pytest.approx(LISTEN_S, abs=0.1)
    assert len(call.sent) == 1


def test_where_to_pause_in_a_clip_that_does_not_say_it() -> None:
    """At the quietest point of its middle third."""
    samples = np.full(3 * RATE, 5000, np.int16)
    samples[round(1.4 * RATE) : round(1.5 * RATE)] = 0
    assert pause_place_s(Clip("own", "a b", None, "", samples)) == pytest.approx(1.45, abs=0.06)


async def test_the_reply_to_an_interruption_can_be_disturbed() -> None:
    """The caller does not hear it out first."""
    call = Call()
    cough = ScriptStep(sound="cough", for_s=0.4, into_reply_s=0.4)
    _, interruption, step = await call.follow(ScriptStep("code"), ScriptStep("code", into_reply_s=0.4), cough)
    assert (step.step, step.turn) == ("disturbance", 1)
    assert step.t == pytest.approx(interruption.end_t + WAIT_S + 0.4, abs=0.06)
    assert [turn.until_t for turn in call.turns] == [None, step.over_t]


async def test_what_a_step_expects_is_noted() -> None:
    """An answer that it names is the one that its turn expects."""
    call = Call()
    expected = Expected(answer=ReplyWords(("{code}",)), once=True)
    (step,) = await call.follow(ScriptStep("code", expects=expected))
    assert step.expects == expected
    assert call.turns[0].expected_reply == ReplyWords(("1234",))
    assert step.over_t == pytest.approx(step.end_t + WAIT_S + REPLY_S + LISTEN_S, abs=0.1)


async def test_a_scripted_caller_is_as_patient_as_others() -> None:
    """A reply after 9 s is heard out, and waited for longer still where the step expects it later."""
    for wait_s, expected in ((9.0, None), (19.0, Expected(within_s=20.0))):
        call = Call(wait_s=wait_s)
        (step,) = await call.follow(ScriptStep("code", expects=expected))
        assert step.over_t == pytest.approx(step.end_t + wait_s + REPLY_S + AFTER_TURN_S, abs=0.1)


async def test_what_should_not_be_answered_is_not_waited_for_as_long() -> None:
    """Eight seconds of silence are enough."""
    call = Call(answers=False)
    (step,) = await call.follow(ScriptStep("code", expects=Expected(no_answer=True)))
    assert step.over_t - step.end_t == pytest.approx(8, abs=0.1)


async def test_a_voice_in_the_background_needs_nothing_to_be_said() -> None:
    """It says what the caller has said before the script."""
    call = Call()
    (voice,) = await call.follow(ScriptStep(sound="voice", for_s=3))
    assert (voice.step, len(call.sent[0])) == ("quiet", 3 * RATE)
    assert call.sent[0].any()


async def test_a_message_is_answered() -> None:
    """It is a turn of its own, without sound, and its reply is heard to the end."""
    call = Call()
    expected = Expected(answer=ReplyWords(("{text}",)))
    (step,) = await call.follow(ScriptStep(writes="hello", expects=expected))
    assert (step.step, step.what, step.turn, call.done) == ("message", "message", 0, ["wrote hello"])
    (turn,) = call.turns
    assert (turn.clip.text, len(turn.clip.samples)) == ("hello", 0)
    assert turn.expected_reply == ReplyWords(("hello",))
    assert step.over_t == pytest.approx(step.end_t + WAIT_S + REPLY_S + AFTER_TURN_S, abs=0.1)


async def test_the_reply_to_a_message_comes_after_the_one_that_it_stops() -> None:
    """What is still heard of that is not taken for it."""
    call = Call()
    _, step = await call.follow(ScriptStep("code"), ScriptStep(writes="stop", into_reply_s=0.4))
    assert step.into_reply_s == 0.4
    assert call.turns[1].reply_from_t == pytest.approx(step.end_t + 0.35, abs=0.1)
    assert step.over_t == pytest.approx(step.end_t + WAIT_S + REPLY_S + AFTER_TURN_S, abs=0.1)


async def test_a_reply_that_follows_at_once_is_the_one_to_the_message() -> None:
    """There is no silence between the two of an agent that is quick."""
    call = Call(wait_s=0.1)
    _, step = await call.follow(ScriptStep("code"), ScriptStep(writes="stop", into_reply_s=0.4))
    assert call.turns[1].reply_from_t == pytest.approx(step.end_t, abs=0.1)
    assert step.over_t == pytest.approx(step.end_t + 0.1 + REPLY_S + AFTER_TURN_S, abs=0.1)


async def test_a_caller_can_be_muted() -> None:
    """Between turns as a time in which nobody speaks, in a reply as something that does not stop it."""
    call = Call()
    muted = ScriptStep(muted=True, for_s=3.0)
    quiet, _, over = await call.follow(
        muted, ScriptStep("code"), ScriptStep(muted=True, for_s=1.0, into_reply_s=0.4)
    )
    assert (quiet.step, quiet.what, over.step) == ("quiet", "mute", "disturbance")
    assert quiet.end_t - quiet.t == 3
    assert call.done == ["was muted for 3 s", "was muted for 1 s"]


@pytest.mark.parametrize("how", ["hang_up", "vanish"])
async def test_a_caller_can_go_in_the_middle_of_a_reply(how: Departure) -> None:
    """The step is noted before; what was heard until then belongs to the turn."""
    call = Call()
    opening, step = await call.follow(ScriptStep("code"), ScriptStep(leaves=how, into_reply_s=0.4))
    assert (step.step, step.what, step.turn, call.done) == (how, how, None, [f"{how} after 2 steps"])
    assert step.t == pytest.approx(opening.end_t + WAIT_S + 0.4 - AHEAD_S, abs=0.06)
    assert call.turns[0].until_t == step.t


async def test_a_caller_goes_also_when_no_reply_comes() -> None:
    """Else the call would not end as it is to."""
    call = Call(answers=False)
    await call.follow(ScriptStep("code"), ScriptStep(leaves="hang_up", into_reply_s=0.4))
    assert call.done == ["hang_up after 2 steps"]


async def test_a_sound_has_its_level() -> None:
    """So many dB more or less than usual."""
    call = Call()
    await call.follow(*(ScriptStep(sound="noise", for_s=0.2, level_db=level_db) for level_db in (0.0, -20.0)))
    usual, soft = (np.sqrt(np.mean(np.square(one, dtype=np.float64))) for one in call.sent)
    assert 20 * np.log10(soft / usual) == pytest.approx(-20, abs=0.2)
