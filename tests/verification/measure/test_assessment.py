"""What is wrong with turns and calls, and whose doing it is."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from fakes.recordings import Run, spoken, with_stall
from voicegate.expected_reply import ExpectedReply, ReplyPattern, ReplyWords
from voicegate.judge.registry import Limits
from voicegate.measure.assessment import FlawKind, assess_call, assess_turn, is_beyond_ears
from voicegate.measure.calls import Call, calls_in_order
from voicegate.measure.stalls import stalls
from voicegate.record.events import AudioGap, CallEvent, Fault, Recording

GOOD = Run().recording()
TURN = next(turn for turn in GOOD.turns if turn.call == "call-04")
SENTENCE = replace(
    TURN, said_code=None, said_text="reset my password please", transcript="reset my password please"
)


def call_of(recording: Recording) -> Call:
    """Find call-04."""
    return next(call for call in calls_in_order(recording) if call.name == "call-04")


def kinds(changes: Mapping[str, object], **limits: float) -> list[FlawKind]:
    """Name what is wrong with the good turn after these changes."""
    turn = replace(TURN, **changes)  # type: ignore[arg-type]
    return [flaw.kind for flaw in assess_turn(turn, Limits.model_validate(limits)).flaws]


def test_nothing_is_wrong_with_a_good_call() -> None:
    """And it is nobody's fault."""
    for assessed in (assess_turn(TURN, Limits()), assess_call(call_of(GOOD), Limits())):
        assert (assessed.flaws, assessed.owner) == ((), None)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"transcript": None}, ["misunderstood"]),
        ({"transcript": "my code is lost"}, ["misunderstood"]),
        ({"reply_text": None}, ["no reply"]),
        ({"reply_text": "something else"}, ["wrong reply", "unclear"]),
        ({"reply_text": "thank you", "heard_text": "thank you"}, ["wrong reply", "code lost"]),
        ({"reply_start_t": None, "latency_s": None}, ["unheard"]),
        ({"reply_audio_s": 0.0}, ["unheard"]),
        ({"gaps": (AudioGap(0.5, 0.2), AudioGap(1.0, 0.201))}, ["gap"]),
        ({"clipped_samples": 1}, ["clipped"]),
        ({"heard_text": "thank you"}, ["unclear"]),
        ({"heard_text": None}, []),
    ],
)
def test_everything_wrong_with_a_turn_is_named(changes: dict[str, object], expected: list[FlawKind]) -> None:
    """Each by itself, the worst first."""
    assert kinds(changes) == expected


@pytest.mark.parametrize(("call_wer", "understood"), [(0.24, False), (0.25, True), (0.26, True)])
def test_a_sentence_is_understood_with_as_many_errors_as_are_allowed(
    call_wer: float, understood: bool
) -> None:
    """One of its four words is wrong."""
    turn = replace(SENTENCE, transcript="reset my password now")
    flaws = assess_turn(turn, Limits(call_wer=call_wer)).of("misunderstood")
    assert (not flaws) is understood


def test_what_ears_that_do_not_fit_misheard_is_no_flaw() -> None:
    """A reply that has words which the recognizer cannot write; unless it was understood all the same."""
    free = {"expected_reply": "", "reply_text": "we open at nine", "unknown_words": ("we", "at")}
    misheard, understood = free | {"heard_text": "my code"}, free | {"heard_text": "we open at 9"}
    for changes, beyond in ((misheard, True), (understood, False)):
        assert kinds(changes) == []
        assert is_beyond_ears(replace(TURN, **changes), Limits()) is beyond  # type: ignore[arg-type]
    assert kinds(misheard | {"unknown_words": ()}) == ["unclear"]
    assert kinds(misheard, heard_wer=10.0) == []


def test_limits_decide() -> None:
    """What is a gap, how many words may be misheard."""
    assert kinds({"gaps": (AudioGap(0.5, 0.4),)}, gap_s=0.5) == []
    assert kinds({"heard_text": "thank you"}, heard_wer=1.0) == []


@pytest.mark.parametrize(
    ("text", "wrong"), [("reset my password", True), ("Reset my password, please.", False)]
)
def test_a_sentence_may_have_so_many_errors(text: str, wrong: bool) -> None:
    """One word of four is more than 20 %."""
    assessed = assess_turn(replace(SENTENCE, transcript=text), Limits())
    assert bool(assessed.of("misunderstood")) is wrong


def test_a_free_reply_may_say_anything_but_not_nothing() -> None:
    """The code need not come back in it: that it was understood is enough."""
    free = {"expected_reply": "", "reply_text": "let me see", "heard_text": "let me see"}
    assert kinds(free) == []
    assert kinds(free | {"reply_text": ""}) == ["no reply"]
    assert kinds(free | {"transcript": "my code is lost"}) == ["misunderstood", "code lost"]


@pytest.mark.parametrize(
    ("expected", "reply", "fits"),
    [
        (ReplyPattern(r"^your code is \d{4}\.$"), "Your code is 1148.", True),
        (ReplyPattern("code is 1 1 4 8"), "Your code is one one four eight.", True),
        (ReplyPattern(r"code is 1\W*1\W*4\W*8"), "Your code is eleven forty-eight.", True),
        (ReplyPattern(r"code is 1\W*1\W*4\W*8"), "Your code is 1149.", False),
        (ReplyPattern("^thank you$"), "Thank you, goodbye", False),
        (ReplyWords(("1148", "thank you")), "Thank you! That was one one four eight.", True),
        (ReplyWords(("1148", "thank you")), "Thanks! That was 1148.", False),
        (ReplyWords(("five dollars",)), "It costs $5.", True),
        (ReplyWords(("dollars",)), "It costs 50 dollars.", True),
        ("That is $5.", "that is five dollars", True),
    ],
)
def test_a_reply_may_be_expected_by_pattern_or_words(expected: ExpectedReply, reply: str, fits: bool) -> None:
    """A pattern is found in the reply as it is written or as it is spoken, words as they are spoken."""
    assert ("wrong reply" not in kinds({"expected_reply": expected, "reply_text": reply})) is fits


@pytest.mark.parametrize(
    ("expected", "owed"),
    [
        (ReplyWords(("1148", "thank you")), True),
        (ReplyWords(("thank you",)), False),
        (ReplyPattern("thank you"), False),
        ("thank you", False),
    ],
)
def test_a_code_is_to_come_back_in_a_reply_that_is_expected_to_have_it(
    expected: ExpectedReply, owed: bool
) -> None:
    """Elsewhere it is enough that it was understood."""
    polite = {"expected_reply": expected, "reply_text": "thank you", "heard_text": "thank you"}
    assert ("code lost" in kinds(polite)) is owed
    assert "code lost" in kinds(polite | {"transcript": "my code is lost"})


@pytest.mark.parametrize("transcript", ["Mein Code ist 1 1 4 8.", "mein Code ist eins eins vier acht"])
def test_codes_of_other_languages_come_back_as_digits_or_words(transcript: str) -> None:
    """However they are written."""
    german = {"language": "de", "expected_reply": "", "said_text": "mein Code ist 1148"}
    assert kinds(german | {"transcript": transcript}) == []
    assert kinds(german | {"transcript": "mein Code ist weg"}) == ["misunderstood", "code lost"]


@pytest.mark.parametrize("text", ["transcript", "reply_text", "heard_text"])
def test_the_code_of_another_call_is_a_crossing(text: str) -> None:
    """Wherever it turns up, and before all else."""
    crossed = replace(TURN, **{text: f"{TURN.reply_text} {spoken('9876')}"})  # type: ignore[arg-type]
    assert assess_turn(crossed, Limits(), ("9876", "5555")).flaws[0].kind == "crossed"
    assert not assess_turn(crossed, Limits(), ("5555",)).of("crossed")


@pytest.mark.parametrize("fault", ["agent", "server", "caller", "caller-process", "run"])
def test_a_call_that_failed_is_the_fault_of_who_failed_it(fault: Fault) -> None:
    """As it was recorded; what its turns lacked too."""
    failed = CallEvent(TURN.t + 5, "call-04", "failed", "room-04", "second-call", "it stopped", fault)
    assessed = assess_call(call_of(replace(GOOD, calls=(*GOOD.calls, failed))), Limits())
    assert (assessed.owner, assessed.flaws[0].text) == (fault, "it stopped")


def test_a_call_without_agent_or_turn_is_the_agents_fault() -> None:
    """If nobody else is known to have failed it."""
    mute = assess_call(replace(call_of(GOOD), answered_t=None, turns=()), Limits())
    assert ([flaw.kind for flaw in mute.flaws], mute.owner) == (["no agent", "no turn"], "agent")
    assert assess_call(replace(call_of(GOOD), turns=(), left_t=None), Limits()).flaws == ()


def test_what_went_wrong_in_a_stall_is_the_machines_fault() -> None:
    """As long as nothing else did."""
    wrong = replace(GOOD, turns=tuple(replace(turn, reply_text="something else") for turn in GOOD.turns))
    found = stalls(with_stall(wrong, "call-04"), Limits())
    owners = {call.name: assess_call(call, Limits(), found).owner for call in calls_in_order(wrong)}
    assert {name for name, owner in owners.items() if owner == "machine"} >= {"call-04"}
    assert owners["call-01"] == "agent"
    assert assess_turn(replace(TURN, reply_text=None), Limits(), stalled=True).owner == "machine"
