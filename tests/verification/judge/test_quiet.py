"""T5."""

from dataclasses import replace

import pytest
from fakes.conversations import QUIET, conversation
from voicegate.judge.finding import Status
from voicegate.judge.quiet import judge
from voicegate.judge.registry import Rules


@pytest.mark.parametrize("begin_s", [0.5, 4.9])
def test_anything_that_it_says_is_too_much(begin_s: float) -> None:
    """A word is enough, whenever it comes."""
    finding = judge(conversation(heard={QUIET: [(begin_s, begin_s + 0.3)]}), Rules())
    assert finding.status is Status.FAIL
    assert "spoke after" in finding.evidence[0]


def test_what_comes_after_the_sound_counts_too() -> None:
    """The answer to music comes when it ends."""
    assert judge(conversation(heard={QUIET + 1: [(6.5, 7.5)]}), Rules()).status is Status.FAIL


def test_a_reply_that_began_before_is_none() -> None:
    """What the caller had asked for may still be heard."""
    assert (
        judge(conversation(heard={QUIET - 1: [(2.5, 5.7)], QUIET: [(0.0, 0.4)]}), Rules()).status
        is Status.PASS
    )


def test_without_a_scripted_call_it_is_not_run() -> None:
    """Other scenarios have no time in which nobody speaks to the agent."""
    assert judge(replace(conversation(), steps=(), sounds=(), scripted=()), Rules()).status is Status.NOT_RUN
