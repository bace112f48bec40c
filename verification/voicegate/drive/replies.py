"""Hearing what an agent says in one turn to its end: fillers first, where it has any, and then the answer."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from voicegate.drive.clips.library import Clip
from voicegate.drive.earphone import Earphone
from voicegate.drive.fillers import split_fillers, without_fillers
from voicegate.drive.microphone import Said
from voicegate.drive.transcripts import Transcripts
from voicegate.expected_reply import ExpectedReply
from voicegate.record.recording import Clock

REPLY_QUIET_S = 1.2
UNTOLD_QUIET_S = 2.5
"""So long a silence ends the reply of an agent that does not say whether it speaks: what it says after a shorter one is heard."""

LONGEST_REPLY_S = 30.0
_LONGEST_GAP_S = 5.0  # in a reply of an agent that says of itself that it goes on speaking
_MOST_FILLERS = 5
_WORDS_PER_S = 6.0  # nobody speaks faster


@dataclass(frozen=True, slots=True)
class Passed:
    """Fillers that the agent said by themselves; what it says after `until_t` is its reply."""

    text: str
    until_t: float


@dataclass(slots=True)
class OpenTurn:
    """A turn that goes on: what was said, what is expected as a reply, and the fillers that may come before it and did.

    Its reply is looked for from `reply_from_t` on, and what belongs to it comes before `until_t`, or before the next turn.
    """

    clip: Clip
    said: Said
    expected_reply: ExpectedReply
    fillers: Sequence[str] = ()
    passed: Passed | None = None
    index: int = 0
    scripted: bool = False
    reply_from_t: float | None = None
    until_t: float | None = None

    def compared(self, text: str | None) -> tuple[str | None, ExpectedReply]:
        """Return of what the agent said in the turn the reply, and what is expected of that."""
        passed = "" if self.passed is None else self.passed.text
        return without_fillers(text, self.expected_reply, self.fillers, passed)


@dataclass(slots=True)
class ReplyDeadline:
    """How long to wait for the answer: `timeout_s` after each new filler, and a few times that from `began_t` on."""

    timeout_s: float
    began_t: float
    _fillers: str = ""
    _until_t: float = 0.0

    def left_s(self, fillers: str, now_t: float) -> float:
        """Tell how much longer to wait, after these fillers."""
        if fillers != self._fillers:
            self._fillers = fillers
            self._until_t = min(now_t + self.timeout_s, self.began_t + _MOST_FILLERS * self.timeout_s)
        return max(0.0, self._until_t - now_t)


@dataclass(frozen=True, slots=True)
class Replies:
    """Hears the replies of one call; `speaks` tells whether the agent says that it speaks, None if it says nothing of the kind, `timeout_s` how long to wait for a sound."""

    earphone: Earphone
    transcripts: Transcripts
    speaks: Callable[[], bool | None]
    clock: Clock
    timeout_s: float

    async def hear(self, turn: OpenTurn) -> None:
        """Hear the reply to a turn to its end, if one comes in time; fillers that are said by themselves are passed."""
        said = turn.said
        heard = await self._hear_sound(said.start_t, self.timeout_s + said.end_t - said.start_t)
        if heard:
            await self.pass_fillers(turn)

    async def _hear_sound(self, since_t: float, timeout_s: float) -> bool:
        """Hear what begins in this time to its end; whether there was anything."""
        heard = await self.earphone.wait_for_sound(since_t, timeout_s)
        if heard:
            await self.hear_out(REPLY_QUIET_S)
        return heard

    async def hear_out(self, quiet_s: float) -> None:
        """Hear what is said to its end: until it was quiet for so long, and the agent does not say that it still speaks.

        Where it does not say whether it speaks, until it was quiet for `UNTOLD_QUIET_S` at least.
        """
        if self.speaks() is None:
            quiet_s = max(quiet_s, UNTOLD_QUIET_S)
        await self.earphone.wait_for_quiet(
            quiet_s, LONGEST_REPLY_S, lambda: bool(self.speaks()), _LONGEST_GAP_S
        )

    async def pass_fillers(self, turn: OpenTurn) -> None:
        """Where the agent has fillers, wait for the sound of the answer as long as nothing but fillers was heard, and no longer than the deadline allows.

        A text that came without any further sound is that of what was heard before.
        """
        if not turn.fillers:
            return
        deadline = ReplyDeadline(self.timeout_s, self.clock())
        while True:
            now_t = self.clock()
            fillers, answer = self._said_until(now_t, turn)
            if not fillers or (answer and self._is_heard(turn, fillers, answer, now_t)):
                return
            before, turn.passed = turn.passed, Passed(fillers, now_t)
            if not await self._hear_sound(now_t, deadline.left_s(fillers, now_t)):
                if self._said_until(self.clock(), turn)[1]:
                    turn.passed = before
                return

    def _said_until(self, now_t: float, turn: OpenTurn) -> tuple[str, str]:
        return split_fillers(self.transcripts.agent_said(turn.said.start_t, now_t), turn.fillers)

    def _is_heard(self, turn: OpenTurn, fillers: str, answer: str, now_t: float) -> bool:
        """Whether an answer that is there as a text was heard too: agents may write it before they speak it."""
        if turn.passed is not None and turn.passed.text == fillers:
            return True  # there was sound after the last filler
        began_t = answer_began_t(self.transcripts.agent_growth(turn.said.start_t, now_t), turn.fillers)
        sound_t = self.earphone.last_sound_t
        if began_t is None or sound_t is None:
            return False
        return sound_t - began_t >= len(answer.split()) / _WORDS_PER_S


def answer_began_t(growth: Iterable[tuple[float, str]], fillers: Sequence[str]) -> float | None:
    """Tell when a growing text first had more than fillers; what looked so and became a filler does not count."""
    began_t: float | None = None
    for t, text in growth:
        if not split_fillers(text, fillers)[1]:
            began_t = None
        elif began_t is None:
            began_t = t
    return began_t
