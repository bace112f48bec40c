"""What is wrong with a turn or a call, and whose doing it is: decided here, for judges, report, soak and load alike."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from voicegate.expected_reply import ReplyPattern, ReplyWords, described
from voicegate.limits import TurnLimits
from voicegate.measure.calls import Call
from voicegate.measure.spoken_words import as_written, by_words, codes_in, contains, word_errors, words
from voicegate.measure.stalls import Stall, is_stalled
from voicegate.record.events import Fault, Turn

Owner = Fault | Literal["machine"]
"""Whose doing it is that something went wrong: only the agent's speaks against the agent."""

FlawKind = Literal[
    "failed",
    "no agent",
    "no turn",
    "crossed",
    "unheard",
    "misunderstood",
    "no reply",
    "wrong reply",
    "code lost",
    "gap",
    "clipped",
    "unclear",
]

SOUND: tuple[FlawKind, ...] = ("gap", "clipped", "unclear")
"""What is wrong with how a reply sounds."""

BREAKS_CALL: tuple[FlawKind, ...] = ("failed", "no agent", "no turn", "no reply", "unheard")
"""What leaves a caller without an answer."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong; `text` says what was seen."""

    kind: FlawKind
    text: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is wrong with a turn, or with a call and its turns, the worst first; `owner` is None when nothing is."""

    flaws: tuple[Flaw, ...]
    owner: Owner | None

    def of(self, *kinds: FlawKind) -> tuple[Flaw, ...]:
        """List the flaws of these kinds."""
        return tuple(flaw for flaw in self.flaws if flaw.kind in kinds)


def assess_turn(
    turn: Turn, limits: TurnLimits, foreign_codes: Collection[str] = (), *, stalled: bool = False
) -> Assessment:
    """Say what is wrong with a turn. `foreign_codes` are those of other calls; `stalled` is one that the machine held up."""
    flaws = (*_crossed(turn, foreign_codes), *_text_flaws(turn, limits), *_sound_flaws(turn, limits))
    return Assessment(flaws, None if not flaws else "machine" if stalled else "agent")


def assess_call(call: Call, limits: TurnLimits, stalls: Sequence[Stall] = ()) -> Assessment:
    """Say what is wrong with a call and its turns; what went wrong in stalls only is the machine's doing."""
    turns = [assess_turn(turn, limits, stalled=is_stalled(call, turn, stalls)) for turn in call.turns]
    flaws = (*_call_flaws(call), *(flaw for turn in turns for flaw in turn.flaws))
    owners = {turn.owner for turn in turns} - {None}
    if not flaws or call.fault is not None:
        return Assessment(flaws, call.fault)
    return Assessment(flaws, "machine" if owners == {"machine"} else "agent")


def is_beyond_ears(turn: Turn, limits: TurnLimits) -> bool:
    """Whether a reply was not understood that has words which the gate's recognizer cannot write: that says nothing about the reply."""
    return bool(turn.unknown_words) and _is_misheard(turn, limits)


def _call_flaws(call: Call) -> Iterator[Flaw]:
    if call.failure is not None:
        yield Flaw("failed", call.failure)
    elif call.answered_t is None:
        yield Flaw("no agent", "no agent answered")
    if call.is_over and not call.turns:
        yield Flaw("no turn", f"came to no turn{': ' + call.failure if call.failure else ''}")


def _crossed(turn: Turn, foreign_codes: Collection[str]) -> Iterator[Flaw]:
    texts = (turn.transcript, turn.reply_text, turn.heard_text)
    if foreign_codes and codes_in(texts, by_words(foreign_codes, turn.language), turn.language):
        yield Flaw("crossed", "the code of another call came back")


def _text_flaws(turn: Turn, limits: TurnLimits) -> Iterator[Flaw]:
    if turn.reply_start_t is None or turn.reply_audio_s <= 0:
        yield Flaw("unheard", "no reply was heard")
    if not _is_understood(turn, limits):
        yield Flaw("misunderstood", f"said {turn.said_text!r}, understood {_shown(turn.transcript)}")
    if not words(turn.reply_text, turn.language):
        yield Flaw("no reply", "a turn got no reply text")
    elif not _is_as_expected(turn):
        yield Flaw("wrong reply", f"expected {described(turn.expected_reply)}, got {_shown(turn.reply_text)}")
    if turn.said_code and not _code_came_back(turn):
        yield Flaw("code lost", f"code {turn.said_code} did not come back")


def _is_understood(turn: Turn, limits: TurnLimits) -> bool:
    """Whether the transcript has the code, or of a sentence at most as many errors as are allowed in a call."""
    if turn.said_code:
        return _has_code(turn, turn.transcript)
    return word_errors(turn.said_text, turn.transcript, turn.language).rate <= limits.call_wer


def _is_as_expected(turn: Turn) -> bool:
    """Whether the reply is what was expected; patterns and words may fit it as it is written or as it is spoken."""
    reply, expected = words(turn.reply_text, turn.language), turn.expected_reply
    match expected:
        case ReplyPattern(pattern):
            written = (turn.reply_text or "", " ".join(reply))
            return any(re.search(pattern, text, re.IGNORECASE) for text in written)
        case ReplyWords(parts):
            plain = as_written(turn.reply_text)
            return all(
                contains(reply, words(part, turn.language)) or contains(plain, as_written(part))
                for part in parts
            )
        case _:
            return words(expected, turn.language) in ((), reply)


def _code_came_back(turn: Turn) -> bool:
    """Whether the agent gave the code back; where no word of its reply is to be the code, it need not say it, only understand it."""
    expected = turn.expected_reply
    asked = expected.words if isinstance(expected, ReplyWords) else (turn.expected_text,)
    owed = any(_has_code(turn, part) for part in asked)
    texts = (turn.reply_text, turn.heard_text) if owed else (turn.transcript,)
    return any(_has_code(turn, text) for text in texts)


def _has_code(turn: Turn, text: str | None) -> bool:
    return contains(words(text, turn.language), words(turn.said_code, turn.language))


def _sound_flaws(turn: Turn, limits: TurnLimits) -> Iterator[Flaw]:
    for gap in turn.gaps:
        if gap.duration_s > limits.gap_s:
            text = f"{gap.duration_s * 1000:.0f} ms of silence at {gap.start_s:.2f} s of the reply"
            yield Flaw("gap", text)
    if turn.clipped_samples:
        yield Flaw("clipped", f"{turn.clipped_samples} clipped samples")
    if _is_misheard(turn, limits) and not turn.unknown_words:
        yield Flaw("unclear", f"spoken {turn.spoken_text!r}, heard {turn.heard_text!r}")


def _is_misheard(turn: Turn, limits: TurnLimits) -> bool:
    spoken, heard = turn.spoken_text, turn.heard_text
    if not spoken or heard is None:
        return False
    return word_errors(spoken, heard, turn.language).rate > limits.heard_wer


def _shown(text: str | None) -> str:
    return repr(text) if text else "nothing"
