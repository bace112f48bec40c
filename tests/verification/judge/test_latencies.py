"""Waits against the sound files, and the criteria that rest on them."""

from dataclasses import replace

import pytest
from fakes.recordings import Run, change_turn
from voicegate.judge import cycles, playback
from voicegate.judge.calls import by_turn, calls_in_order
from voicegate.judge.finding import Status
from voicegate.judge.latencies import agreement, disagreements
from voicegate.judge.registry import Rules

GOOD = Run(acts=()).recording()
IN_CYCLE = "call-14"


@pytest.mark.parametrize(
    ("offline_s", "agrees"), [(0.519, True), (0.52, True), (0.521, False), (0.48, True), (0.479, False)]
)
def test_agreement_limit(offline_s: float, agrees: bool) -> None:
    """The two may be 20 ms apart, in either direction; more makes G4 and G9 an error."""
    recording = change_turn(GOOD, IN_CYCLE, offline_latency_s=offline_s)
    doubts = disagreements(list(by_turn(calls_in_order(recording))))
    assert (doubts == ()) is agrees
    for criterion in (playback.judge, cycles.judge):
        assert criterion(recording, Rules()).status is (Status.PASS if agrees else Status.ERROR)


def test_silence_in_one_of_the_two_is_a_disagreement() -> None:
    """A reply that only the live measurement or only the files know of is named."""
    finding = playback.judge(change_turn(GOOD, IN_CYCLE, offline_latency_s=None), Rules())
    assert finding.status is Status.ERROR
    assert "call-14 (0.500 s, silent)" in finding.reason
    finding = cycles.judge(change_turn(GOOD, IN_CYCLE, latency_s=None), Rules())
    assert finding.status is Status.ERROR
    assert "call-14 (silent, 0.500 s)" in finding.reason


def test_disagreement_outside_the_cycles_is_not_their_matter() -> None:
    """G9 looks at the turns of its cycles only."""
    recording = change_turn(GOOD, "call-03", offline_latency_s=9.0)
    assert cycles.judge(recording, Rules()).status is Status.PASS
    assert playback.judge(recording, Rules()).status is Status.ERROR


def test_old_recording_is_not_doubted() -> None:
    """Where no wait was measured again there is nothing to compare, and the finding says so."""
    old = replace(GOOD, turns=tuple(replace(turn, offline_latency_s=None) for turn in GOOD.turns))
    finding = playback.judge(old, Rules())
    assert finding.status is Status.PASS
    assert "not measured again" in finding.stability


def test_agreement_is_said_in_milliseconds() -> None:
    """The finding's stability tells how far the two are apart at most."""
    turns = list(by_turn(calls_in_order(change_turn(GOOD, IN_CYCLE, offline_latency_s=0.5123))))
    assert agreement(turns) == "waits agree with the sound files within 12.3 ms"
