"""Turns measured again by the limits that a recording is judged by."""

from dataclasses import replace

import numpy as np
import pytest
from fakes.recordings import Run
from voicegate.judge import playback
from voicegate.judge.finding import Status
from voicegate.judge.registry import Limits, Rules
from voicegate.measure.turns import measured, measured_turn
from voicegate.record.events import Loudness, Recording, Turn
from voicegate.record.loudness import loudness_of
from voicegate.record.timeline import RATE
from voicegate.record.wav import Samples

OLD = Run(variants=("forced-gc",)).recording()


def sound(*spans: tuple[float, float]) -> Samples:
    """Make eight seconds with a tone from each first to each second time."""
    samples = np.zeros(8 * RATE, np.int16)
    for begin_s, end_s in spans:
        t = np.arange(round(begin_s * RATE), round(end_s * RATE))
        samples[t] = (np.sin(2 * np.pi * 300 * t / RATE) * 9000).astype(np.int16)
    return samples


def with_loudness(turn: Turn, *heard: tuple[float, float]) -> Turn:
    """Let the caller speak for two seconds, and the reply sound in these spans."""
    return replace(
        turn,
        said_loudness=loudness_of(sound((0.0, 2.0)), RATE),
        heard_loudness=loudness_of(sound(*heard), RATE),
    )


def with_holes(recording: Recording) -> Recording:
    """Let every reply have a hole of 0.15 s."""
    heard = (2.5, 3.5), (3.65, 5.0)
    variants = {name: with_holes(variant) for name, variant in recording.variants.items()}
    turns = tuple(with_loudness(turn, *heard) for turn in recording.turns)
    return replace(recording, turns=turns, variants=variants)


def test_times_gaps_and_waits_come_from_the_loudness() -> None:
    """Whatever stood in the turn before."""
    stale = replace(OLD.turns[0], latency_s=9.0, reply_audio_s=9.0)
    turn = measured_turn(with_loudness(stale, (2.5, 3.5), (3.8, 5.0)), Limits())
    times = (turn.speech_start_t, turn.speech_end_t, turn.reply_start_t, turn.reply_end_t)
    assert times == pytest.approx((turn.t, turn.t + 2.0, turn.t + 2.5, turn.t + 5.0), abs=0.011)
    assert (turn.latency_s, turn.reply_audio_s) == pytest.approx((0.5, 2.2), abs=0.021)
    assert [round(gap.duration_s, 2) for gap in turn.gaps] == [0.3]


def test_silence_is_no_reply() -> None:
    """Nothing is left of one that was measured before."""
    turn = measured_turn(with_loudness(OLD.turns[0]), Limits())
    assert (turn.reply_start_t, turn.reply_end_t, turn.latency_s, turn.reply_audio_s) == (
        None,
        None,
        None,
        0.0,
    )


def test_a_caller_who_is_not_heard_spoke_as_long_as_the_clip() -> None:
    """As it was recorded."""
    mute = replace(with_loudness(OLD.turns[0], (2.5, 3.5)), said_loudness=Loudness(0.0, ""))
    turn = measured_turn(mute, Limits())
    assert (turn.speech_start_t, turn.speech_end_t) == (mute.speech_start_t, mute.speech_end_t)


def test_an_old_recording_judged_by_a_new_limit_really_is() -> None:
    """A hole of 0.15 s fails a limit of 0.1 s, in the variants too."""
    recording = with_holes(OLD)
    for gap_s, status, gaps in ((0.2, Status.PASS, 0), (0.1, Status.FAIL, 1)):
        rules = Rules(Limits(gap_s=gap_s))
        again = measured(recording, rules.limits)
        assert playback.judge(again, rules).status is status
        assert len(again.variants["forced-gc"].turns[0].gaps) == gaps


def test_measuring_twice_changes_nothing() -> None:
    """A measured recording may be measured by anybody."""
    once = measured(with_holes(OLD), Limits())
    assert measured(once, Limits()) == once


def test_gaps_that_an_older_version_did_not_record_do_not_pass_a_smaller_limit() -> None:
    """Its turns stay as they are, and G4 is an error by a limit below 0.2 s."""
    assert measured(OLD, Limits(gap_s=0.1)) == OLD
    new = with_loudness(OLD.turns[0], (2.5, 5.0))
    for recording in (OLD, replace(OLD, turns=(new, *OLD.turns[1:]))):  # one old turn is enough
        finding = playback.judge(recording, Rules(Limits(gap_s=0.1)))
        assert finding.status is Status.ERROR
        assert "gaps shorter than 0.2 s" in finding.reason
