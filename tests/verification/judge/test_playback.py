"""G4."""

from dataclasses import replace

import pytest
from fakes.recordings import Run, change_turn
from voicegate.judge.finding import Status
from voicegate.judge.playback import judge
from voicegate.judge.registry import Limits, Rules
from voicegate.record.events import AudioGap

GOOD = Run().recording()


def test_reply_that_is_not_heard_fails() -> None:
    """Reply text without sound fails."""
    for silence in ({"reply_start_t": None, "reply_end_t": None, "latency_s": None}, {"reply_audio_s": 0.0}):
        finding = judge(change_turn(GOOD, "call-04", **silence), Rules())
        assert finding.status is Status.FAIL
        assert any("call-04 turn 1: no reply was heard" in line for line in finding.evidence)


@pytest.mark.parametrize(
    ("gap_s", "status"), [(0.199, Status.PASS), (0.2, Status.PASS), (0.201, Status.FAIL)]
)
def test_gap_limit(gap_s: float, status: Status) -> None:
    """A silence of more than 200 ms inside a sentence fails."""
    gaps = (AudioGap(0.5, 0.05), AudioGap(1.0, gap_s))
    assert judge(change_turn(GOOD, "call-04", gaps=gaps), Rules()).status is status


@pytest.mark.parametrize(("clipped", "status"), [(0, Status.PASS), (1, Status.FAIL)])
def test_clipping_limit(clipped: int, status: Status) -> None:
    """A clipped sample fails."""
    assert judge(change_turn(GOOD, "call-04", clipped_samples=clipped), Rules()).status is status


@pytest.mark.parametrize(("calls", "status"), [(3, Status.PASS), (4, Status.PASS), (5, Status.FAIL)])
def test_intelligibility_limit(calls: int, status: Status) -> None:
    """Up to 20 % of the words of the replies may be misheard: 36 of 180, nine in each wholly misheard reply."""
    recording = GOOD
    for number in range(1, calls + 1):
        recording = change_turn(recording, f"call-{number:02d}", heard_text="x x x x x x x x x")
    assert judge(recording, Rules()).status is status


def test_sound_without_words_fails() -> None:
    """Replies in which the recognizer hears no word are not speech."""
    noise = replace(GOOD, turns=tuple(replace(turn, heard_text="") for turn in GOOD.turns))
    assert judge(noise, Rules()).status is Status.FAIL


def test_recognizer_that_did_not_run_is_an_error() -> None:
    """A reply that our own recognizer did not hear is not shown to be intelligible."""
    finding = judge(change_turn(GOOD, "call-04", heard_text=None), Rules())
    assert finding.status is Status.ERROR
    assert "did not hear 1 of 20 replies" in finding.reason
    assert "[recognizer]" in finding.advice


FREE = {
    "expected_reply": "",
    "reply_text": "We have 1,240 units in stock.",
    "heard_text": "me want balance of how new minutes stop",
    "unknown_words": ("We", "have", "1,240", "units", "in", "stock"),
}
"""A free reply, as the micro model really heard it."""


def test_ears_that_do_not_fit_are_an_error() -> None:
    """Words that they cannot write make no FAIL, and no PASS: the ears are named, the words, and the setting."""
    finding = judge(change_turn(GOOD, "call-04", **FREE), Rules())
    assert finding.status is Status.ERROR
    assert "misheard 1 of 20 replies" in finding.reason
    assert "we, have, 1,240, units" in finding.reason
    assert "[recognizer] model" in finding.advice
    assert any("call-04 turn 1: spoken 'We have 1,240" in line for line in finding.evidence)


def test_ears_are_named_in_the_error() -> None:
    """As the recording has them."""
    header = replace(
        GOOD.header, environment=GOOD.header.environment | {"ears": "my ears, which know 2 words"}
    )
    finding = judge(change_turn(replace(GOOD, header=header), "call-04", **FREE), Rules())
    assert "the gate's recognizer (my ears, which know 2 words) misheard" in finding.reason


def test_where_no_reply_could_be_understood_the_rest_is_judged() -> None:
    """An agent whose every reply is free: an error, and a FAIL if its sound is bad."""
    free = replace(GOOD, turns=tuple(replace(turn, **FREE) for turn in GOOD.turns))  # type: ignore[arg-type]
    assert judge(free, Rules()).status is Status.ERROR
    clipped = judge(change_turn(free, "call-04", clipped_samples=1), Rules())
    assert clipped.status is Status.FAIL


def test_a_free_reply_that_is_understood_passes() -> None:
    """What ears make of words that they should not know counts."""
    understood = FREE | {"heard_text": "we have one thousand two hundred and forty units in stock"}
    assert judge(change_turn(GOOD, "call-04", **understood), Rules()).status is Status.PASS


def test_a_limit_that_no_hearing_exceeds_asks_for_no_other_ears() -> None:
    """Who writes heard_wer = 10.0 wants gaps and clipping judged alone."""
    free = change_turn(GOOD, "call-04", **FREE)
    assert judge(free, Rules(limits=Limits(heard_wer=10.0))).status is Status.PASS


def test_no_turns_are_an_error() -> None:
    """Calls in which nobody spoke show nothing about replies."""
    assert judge(replace(GOOD, turns=()), Rules()).status is Status.ERROR
