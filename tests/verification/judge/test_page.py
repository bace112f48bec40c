"""G5 can fail: each thing that a browser's caller notices, one at a time."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from voicegate.judge import page
from voicegate.judge.finding import Finding, Status
from voicegate.judge.registry import Rules
from voicegate.record.events import End, Page, PageCall, Recording
from voicegate.testing import MadeUpRun

GOOD = MadeUpRun(cycles=1).recording()


def judged(recording: Recording) -> Finding:
    """Judge it by the default rules."""
    return page.judge(recording, Rules())


def with_one(**changes: Any) -> Recording:
    """Change the last of the calls."""
    *others, last = GOOD.page_calls
    return replace(GOOD, page_calls=(*others, replace(last, **changes)))


def test_five_good_calls_pass() -> None:
    """The finding names the browser."""
    finding = judged(GOOD)
    assert finding.status is Status.PASS
    assert "5 calls from Chrome/156" in finding.reason


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"connected_s": None, "answered_s": None}, "calls that reached the agent: 4"),
        ({"answered_s": None}, "calls whose reply has the code that was said: 4"),
        (
            {"reply_text": "Your code is one two three four."},
            "calls whose reply has the code that was said: 4",
        ),
        ({"heard_s": 0.29}, "calls whose reply was heard: 4"),
        ({"left": False}, "calls that ended when they were hung up: 4"),
    ],
)
def test_one_call_that_goes_wrong_fails(changes: dict[str, Any], what: str) -> None:
    """Four of five are not five, whatever is wrong with the fifth."""
    finding = judged(with_one(**changes))
    assert finding.status is Status.FAIL
    assert what in finding.reason


def stalled(recording: Recording, begin_t: float, end_t: float) -> Recording:
    """Leave out the memory samples of a stretch of time."""
    memory = tuple(sample for sample in recording.memory if not begin_t < sample.t < end_t)
    return replace(recording, memory=memory)


def test_what_failed_only_where_the_machine_stalled_is_an_error() -> None:
    """A stall in another call is no excuse, nor one too short to take a word away; a call outside it that failed too is a failure."""
    silent = with_one(answered_s=None, heard_s=0.0)
    last = silent.page_calls[-1]
    held_up = judged(stalled(silent, last.began_t + 1, last.t - 1))
    assert held_up.status is Status.ERROR
    assert "failed only by what stalls explain" in held_up.reason
    first = silent.page_calls[0]
    assert judged(stalled(silent, first.began_t + 1, first.t - 1)).status is Status.FAIL
    late = tuple(
        replace(sample, t=sample.t + 0.3) if sample.t == last.began_t + 1 else sample
        for sample in silent.memory
    )
    assert judged(replace(silent, memory=late)).status is Status.FAIL
    all_silent = replace(
        silent, page_calls=tuple(replace(call, answered_s=None) for call in silent.page_calls)
    )
    assert judged(stalled(all_silent, last.began_t + 1, last.t - 1)).status is Status.FAIL
    assert judged(stalled(all_silent, first.began_t - 1, last.t + 1)).status is Status.ERROR


def test_the_code_of_a_call_in_a_stall_is_not_excused_in_another() -> None:
    """Words that come out in the wrong call are no stall's doing."""
    *others, crossed, last = GOOD.page_calls
    mixed = replace(crossed, reply_text=f"{crossed.reply_text} {last.reply_text}")
    recording = replace(GOOD, page_calls=(*others, mixed, last))
    assert judged(stalled(recording, last.began_t + 1, last.t - 1)).status is Status.FAIL


def test_another_tabs_code_fails_and_an_earlier_one_of_the_same_tab_does_not() -> None:
    """Words that come out in the wrong call; a page may go on showing the call before."""
    first, again, one, *others = GOOD.page_calls
    both = replace(again, reply_text=f"{first.reply_text} {again.reply_text}")
    assert judged(replace(GOOD, page_calls=(first, both, one, *others))).status is Status.PASS
    mixed = replace(one, reply_text=f"{one.reply_text} {others[0].reply_text}")
    assert judged(replace(GOOD, page_calls=(first, again, mixed, *others))).status is Status.FAIL


def unwritten(**changes: Any) -> Recording:
    """Make the calls of a page that writes nothing down, the last of them changed."""
    *others, last = [replace(call, reply_text=None, transcript=None) for call in GOOD.page_calls]
    return replace(GOOD, page_calls=(*others, replace(last, **changes)))


def test_a_page_that_writes_nothing_down_is_judged_by_its_sound() -> None:
    """The gate's recognizer must understand the code, but for one word."""
    assert judged(unwritten()).status is Status.PASS
    assert judged(unwritten(heard_text="your code is seven four zero")).status is Status.PASS


@pytest.mark.parametrize(
    "heard",
    ["", "thank you for calling", "your code is seven four", "seven four zero four not seven zero zero zero"],
)
def test_sound_that_has_not_the_code_fails(heard: str) -> None:
    """Silence, other words, half of the code, another caller's; also where the page writes the right reply down."""
    for recording in (with_one(heard_text=heard), unwritten(heard_text=heard)):
        finding = judged(recording)
        assert finding.status is Status.FAIL
        assert "calls whose reply was heard: 4" in finding.reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"heard_text": None}, "the gate's recognizer heard 4 of 5"),
        ({"heard_text": "hello", "fits_ears": False}, "may not know the words of 1 of 5"),
        ({"heard_text": "hello", "concealed_fraction": 0.06}, "lost or late in 1 of 5 calls"),
    ],
)
def test_ears_that_are_missing_or_do_not_fit_accuse_nobody(changes: dict[str, Any], reason: str) -> None:
    """Where the page writes the reply down, that is enough."""
    finding = judged(unwritten(**changes))
    assert finding.status is Status.ERROR
    assert reason in finding.reason
    assert judged(with_one(**changes)).status is Status.PASS


def test_ears_that_may_not_fit_and_understood_the_code_are_enough() -> None:
    """What they wrote is what was asked for."""
    assert judged(unwritten(fits_ears=False)).status is Status.PASS


def test_a_page_that_does_not_come_up_fails() -> None:
    """It is what is tested; its command's last lines are the evidence."""
    none = replace(
        GOOD.page_calls[0],
        connected_s=None,
        answered_s=None,
        heard_s=0.0,
        left=False,
        problem="exit code 1",
        heard_text=None,
    )
    finding = judged(replace(GOOD, pages=(), page_calls=(none,)))
    assert finding.status is Status.FAIL
    assert "one tab, tab 1: exit code 1" in finding.evidence


def test_what_came_and_was_not_played_is_evidence() -> None:
    """It tells a page that does not play from an agent that does not speak."""
    mute = with_one(answered_s=None, heard_s=0.0, problem="not seen within 4 s: the reply is heard")
    told = "not seen within 4 s: the reply is heard; 0.0 s heard, by ear 'your code is seven four zero four'"
    assert judged(mute).evidence[-1] == f"three tabs, tab 3: {told}"


@pytest.mark.parametrize(
    ("change", "status", "reason"),
    [
        (lambda good: replace(good, pages=(Page(1.0, "", skipped="no browser"),), page_calls=()), Status.NOT_RUN, "no browser"),
        (lambda good: replace(good, pages=(), page_calls=()), Status.NOT_RUN, "the scenario has no calls from a web page"),
        (lambda good: replace(good, pages=(Page(1.0, "", problem="it did not start"),), page_calls=()), Status.ERROR, "it did not start"),
        (
            lambda good: replace(good, page_calls=good.page_calls[:2], end=End(9.0, "interrupted")),
            Status.ERROR,
            "2 of 5 calls: the run was interrupted",
        ),
    ],
)  # fmt: skip
def test_what_was_not_tried_or_broke_off_accuses_nobody(
    change: Callable[[Recording], Recording], status: Status, reason: str
) -> None:
    """No page, no browser, a browser that fails, a run that was stopped."""
    finding = judged(change(GOOD))
    assert finding.status is status
    assert reason in finding.reason


def test_the_pages_own_errors_are_evidence() -> None:
    """What a browser's console shows helps whoever mends the page."""
    noisy: PageCall = replace(GOOD.page_calls[0], complaints=("TypeError: no",))
    finding = judged(replace(GOOD, page_calls=(noisy, *GOOD.page_calls[1:])))
    assert "the page's own errors: TypeError: no" in finding.evidence[0]
