"""G2."""

from dataclasses import replace

import pytest
from fakes.recordings import Run, change_turn, spoken
from voicegate.judge.finding import Status
from voicegate.judge.registry import Rules
from voicegate.judge.transcripts import judge
from voicegate.record.events import Recording

GOOD = Run().recording()
TURN = next(turn for turn in GOOD.turns if turn.call == "call-04")


def heard_wrong(words_wrong: int, words_all: int) -> Recording:
    """Let one call of so many words have so many of them wrong."""
    said = " ".join(f"word{'x' * number}" for number in range(words_all))
    understood = " ".join(["wrong"] * words_wrong + said.split()[words_wrong:])
    return change_turn(GOOD, "call-04", said_text=said, transcript=understood)


@pytest.mark.parametrize(("wrong", "status"), [(19, Status.PASS), (20, Status.PASS), (21, Status.FAIL)])
def test_limit_of_one_call(wrong: int, status: Status) -> None:
    """Up to 20 % of the words of one call may be wrong."""
    assert judge(heard_wrong(wrong, 100), Rules()).status is status


@pytest.mark.parametrize(("wrong", "status"), [(3, Status.PASS), (4, Status.FAIL), (7, Status.FAIL)])
def test_limit_of_a_short_call(wrong: int, status: Status) -> None:
    """Three words may be wrong in any: two of seven are more than 20 %, and happen to anybody."""
    assert judge(heard_wrong(wrong, 7), Rules()).status is status


@pytest.mark.parametrize(("calls", "status"), [(13, Status.PASS), (14, Status.PASS), (15, Status.FAIL)])
def test_limit_of_all_calls(calls: int, status: Status) -> None:
    """Up to 10 % of the words of all calls may be wrong: 14 of 140."""
    recording = GOOD
    for number in range(1, calls + 1):
        call = f"call-{number:02d}"
        said = next(turn.said_text for turn in GOOD.turns if turn.call == call)
        recording = change_turn(recording, call, transcript=said.replace("code", "coat"))
    assert judge(recording, Rules()).status is status


def test_digits_and_words_are_the_same() -> None:
    """A transcript that writes the code in digits is right."""
    assert judge(change_turn(GOOD, "call-04", transcript="My code is 1148."), Rules()).status is Status.PASS


def test_empty_transcript_fails() -> None:
    """A call of which nothing was understood fails, empty or missing."""
    for nothing in ("", None):
        finding = judge(change_turn(GOOD, "call-04", transcript=nothing), Rules())
        assert finding.status is Status.FAIL
        assert "worst call, call-04: 100.0 %" in finding.reason


def test_code_that_does_not_come_back_fails() -> None:
    """A reply without the caller's code fails, though the transcript is right."""
    lost = change_turn(GOOD, "call-04", reply_text="thank you", heard_text="thank you")
    finding = judge(lost, Rules())
    assert finding.status is Status.FAIL
    assert any("call-04: code 1148 did not come back" in line for line in finding.evidence)


def test_code_in_the_reply_text_or_its_sound_is_enough() -> None:
    """The code came back when it was written or heard."""
    assert judge(change_turn(GOOD, "call-04", reply_text=None), Rules()).status is Status.PASS
    assert judge(change_turn(GOOD, "call-04", heard_text=None), Rules()).status is Status.PASS


def test_code_need_not_come_back_in_a_free_reply() -> None:
    """Where any wording will do, that it was understood is enough; that it was not is a failure."""
    free = change_turn(GOOD, "call-04", expected_reply="", reply_text="let me see", heard_text="let me see")
    assert judge(free, Rules()).status is Status.PASS
    finding = judge(change_turn(free, "call-04", transcript="my code is lost"), Rules())
    assert "calls whose code came back: 19, must be 20" in finding.reason


def test_free_reply_with_the_code_of_another_call_fails() -> None:
    """No wording excuses that."""
    leaked = change_turn(GOOD, "call-04", expected_reply="", reply_text=f"hello {spoken('1185')}")
    finding = judge(leaked, Rules())
    assert finding.status is Status.FAIL
    assert "codes in somebody else's call: 1" in finding.reason


def test_crossed_calls_fail() -> None:
    """Two calls that got each other's transcript and reply fail."""
    other = next(turn for turn in GOOD.turns if turn.call == "call-05")
    crossed = change_turn(GOOD, "call-04", transcript=other.transcript, reply_text=other.reply_text)
    crossed = change_turn(crossed, "call-05", transcript=TURN.transcript, reply_text=TURN.reply_text)
    finding = judge(crossed, Rules())
    assert finding.status is Status.FAIL
    assert any("code 1148 turned up in call-05" in line for line in finding.evidence)


def test_a_code_that_is_repeated_is_no_other_code() -> None:
    """In "1148, 1148" there is 4811 too, which somebody else has said."""
    other = change_turn(
        GOOD, "call-05", said_code="4811", transcript="4811", reply_text="4811", heard_text="4811"
    )
    twice = change_turn(other, "call-04", reply_text="Your code is 1148, 1148.")
    assert not any("turned up" in line for line in judge(twice, Rules()).evidence)
    crossed = change_turn(other, "call-04", transcript="my code is four eight one one", reply_text="4811")
    assert any("code 4811 turned up in call-04" in line for line in judge(crossed, Rules()).evidence)


def test_leaked_word_of_another_call_fails() -> None:
    """A reply that is right but ends in another caller's code fails."""
    leaked = change_turn(GOOD, "call-04", heard_text=f"{TURN.heard_text} {spoken('1185')}")
    assert judge(leaked, Rules()).status is Status.FAIL


def test_calls_may_share_a_code() -> None:
    """A clip that is spoken in two calls is nobody's cross-talk."""
    shared = change_turn(
        GOOD,
        "call-05",
        said_code=TURN.said_code,
        said_text=TURN.said_text,
        transcript=TURN.transcript,
        reply_text=TURN.reply_text,
        heard_text=TURN.heard_text,
    )
    assert judge(shared, Rules()).status is Status.PASS


def test_no_turns_are_an_error() -> None:
    """Calls in which nobody spoke show nothing about transcripts."""
    assert judge(replace(GOOD, turns=()), Rules()).status is Status.ERROR


def test_no_codes_are_an_error() -> None:
    """Without spoken codes cross-talk cannot be seen."""
    plain = replace(GOOD, turns=tuple(replace(turn, said_code=None) for turn in GOOD.turns))
    finding = judge(plain, Rules())
    assert finding.status is Status.ERROR
    assert "no caller said a code" in finding.reason
