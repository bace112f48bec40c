"""Hearing a reply to its end, by a clock that only moves when somebody waits."""

import asyncio
import itertools
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from voicegate.drive.clips.library import Clip
from voicegate.drive.earphone import Ear, Earphone
from voicegate.drive.microphone import Said
from voicegate.drive.replies import LONGEST_REPLY_S, OpenTurn, Passed, Replies, ReplyDeadline, answer_began_t
from voicegate.drive.transcripts import Segment, Transcripts

FILLER, ANSWER = "One moment please.", "Your code is 1234."
TIMEOUT_S = 15.0


@dataclass
class Agent:
    """Speaks and writes at these times, in seconds after the caller began; it is its own clock."""

    sounds: list[tuple[float, float]]
    texts: list[tuple[float, str]]
    t: float = 0.0
    ear: Ear = field(default_factory=Ear)
    earphone: Earphone = field(init=False)
    transcripts: Transcripts = field(init=False)
    says_of_itself: bool | None = False

    def __post_init__(self) -> None:
        self.earphone = Earphone(self, self.sleep)
        self.earphone.ears.append(self.ear)
        self.transcripts = Transcripts("call-01", self)

    def __call__(self) -> float:
        """Tell the time."""
        return self.t

    async def sleep(self, seconds: float) -> None:
        """Let the time go on, and what happens in it."""
        self.t += seconds
        if any(begin_t <= self.t <= end_t for begin_t, end_t in self.sounds):
            self.ear.last_sound_t = self.t
        while self.texts and self.texts[0][0] <= self.t:
            t, text = self.texts.pop(0)
            self.transcripts._segments[f"{t}"] = Segment(
                self.t, by_caller=False, final=True, pieces=[(self.t, text)]
            )
        await asyncio.sleep(0)

    async def answer(self, *fillers: str) -> OpenTurn:
        """Be heard in one turn, by a caller who knows these fillers."""
        clip = Clip("tone", "beep", "1234", "Beep.", np.zeros(1, np.int16))
        turn = OpenTurn(clip, Said(0.0, 0.5), ANSWER, fillers)
        await Replies(self.earphone, self.transcripts, lambda: self.says_of_itself, self, TIMEOUT_S).hear(
            turn
        )
        return turn


@pytest.mark.parametrize("text_t", [1.9, 2.5, 5.0, 5.5])
async def test_the_answers_sound_is_waited_for(text_t: float) -> None:
    """Its text may come while the filler is still spoken, in the silence after it, or with the sound."""
    agent = Agent([(1, 2), (5, 7)], [(1, FILLER), (text_t, ANSWER)])
    turn = await agent.answer(FILLER)
    assert turn.passed is not None
    assert turn.passed.text == FILLER
    assert 2 < turn.passed.until_t < 5
    assert agent.t == pytest.approx(8.2, abs=0.2)
    assert turn.compared(f"{FILLER} {ANSWER}") == (ANSWER, ANSWER)


async def test_an_answer_in_one_go_with_its_filler_is_one_reply() -> None:
    """It is over when it is over."""
    agent = Agent([(1, 4)], [(1, FILLER), (2, ANSWER)])
    turn = await agent.answer(FILLER)
    assert turn.passed is None
    assert agent.t == pytest.approx(5.2, abs=0.2)
    assert turn.compared(f"{FILLER} {ANSWER}") == (f"{FILLER} {ANSWER}", f"{FILLER} {ANSWER}")


@pytest.mark.parametrize("text_t", [4.5, 9.0])
async def test_a_text_that_comes_late_is_that_of_what_was_heard(text_t: float) -> None:
    """No sound follows it: nothing of the reply is cut off."""
    turn = await Agent([(1, 4)], [(1, FILLER), (text_t, ANSWER)]).answer(FILLER)
    assert turn.passed is None
    turn = await Agent([(1, 2), (5, 7)], [(1, FILLER), (text_t + 4, ANSWER)]).answer(FILLER)
    assert turn.passed is not None
    assert turn.passed.until_t < 5


async def test_no_answer_is_none() -> None:
    """The filler is no reply either."""
    agent = Agent([(1, 2)], [(1, FILLER)])
    turn = await agent.answer(FILLER)
    assert turn.passed is not None
    assert turn.passed.until_t > 2
    assert agent.t == pytest.approx(2 + 1.2 + TIMEOUT_S, abs=0.2)
    assert turn.compared(FILLER) == (None, ANSWER)


async def test_music_that_never_ends_is_given_up() -> None:
    """After the longest time that a reply may take, and once more for what may have been the answer."""
    agent = Agent([(1, float("inf"))], [(1, FILLER)])
    turn = await agent.answer(FILLER)
    assert agent.t == pytest.approx(1 + 2 * LONGEST_REPLY_S, abs=0.5)
    assert turn.compared(FILLER) == (None, ANSWER)


async def test_fillers_that_never_end_are_given_up() -> None:
    """Each new one gives the agent more time, but not for ever; the last one is no reply."""
    times = [1.0 + 10 * number for number in range(50)]
    agent = Agent([(t, t + 1) for t in times], [(t, FILLER) for t in times])
    turn = await agent.answer(FILLER)
    assert 5 * TIMEOUT_S < agent.t < 6 * TIMEOUT_S
    said = " ".join(itertools.repeat(FILLER, 8))
    assert turn.compared(said) == (None, ANSWER)


@pytest.mark.parametrize(("fillers", "text"), [((), FILLER), ((FILLER,), None), ((FILLER,), ANSWER)])
async def test_the_first_thing_said_is_the_reply(fillers: tuple[str, ...], text: str | None) -> None:
    """Without fillers, without a text, or where it is none of them."""
    agent = Agent([(1, 2), (5, 7)], [] if text is None else [(1, text)])
    turn = await agent.answer(*fillers)
    assert turn.passed is None
    assert agent.t == pytest.approx(3.2, abs=0.2)


def test_patience_is_bounded() -> None:
    """So long after each new filler, and five times that in all."""
    deadline = ReplyDeadline(10.0, began_t=100.0)
    assert deadline.left_s("a", 100.0) == 10.0
    assert deadline.left_s("a", 104.0) == 6.0
    assert deadline.left_s("a", 111.0) == 0.0
    assert deadline.left_s("a a", 111.0) == 10.0
    assert deadline.left_s("a a a", 145.0) == 5.0
    assert deadline.left_s("a a a a", 151.0) == 0.0


def test_when_the_answer_began() -> None:
    """A half written filler looks like an answer, until it is whole."""
    growth = [
        (1.0, "One"),
        (2.0, FILLER),
        (3.0, f"{FILLER} One"),
        (4.0, f"{FILLER} One code"),
        (5.0, f"{FILLER} One code."),
    ]
    assert answer_began_t(growth, (FILLER,)) == 3.0
    assert answer_began_t(growth[:2], (FILLER,)) is None


def test_a_filler_after_one_that_was_passed_belongs_to_the_reply() -> None:
    """It is in the sound that is compared."""
    turn = OpenTurn(
        Clip("tone", "beep", "1234", "Beep.", np.zeros(1, np.int16)), Said(0, 1), ANSWER, (FILLER,)
    )
    twice = f"{FILLER} {FILLER} {ANSWER}"
    passed = replace(turn, passed=Passed(FILLER, 3.0))
    assert passed.compared(twice) == (f"{FILLER} {ANSWER}", f"{FILLER} {ANSWER}")


@pytest.mark.parametrize(("says_of_itself", "over_t"), [(False, 3.2), (None, 6.5)])
async def test_an_agent_that_does_not_say_whether_it_speaks_is_heard_longer(
    says_of_itself: bool | None, over_t: float
) -> None:
    """A silence of 1.6 s may be a gap in its reply; one that says that it no longer speaks has ended it."""
    agent = Agent([(1.0, 2.0), (3.6, 4.0)], [(1.0, ANSWER)], says_of_itself=says_of_itself)
    await agent.answer()
    assert agent.t == pytest.approx(over_t, abs=0.2)
