"""Typed lines about the shared models."""

from dataclasses import replace

import pytest
from fakes.recordings import ASR_ID, Run
from voicegate.judge.criterion import NotMeasured
from voicegate.judge.model_lines import model_lines
from voicegate.log_contract import LogContract
from voicegate.record.events import LogLine

GOOD = Run(cycles=0).recording()


def test_lines_carry_engine_step_and_id() -> None:
    """The first call's four lines come first, each with what it says."""
    lines = model_lines(GOOD, LogContract())
    assert [(line.engine, line.step) for line in lines[:4]] == [
        ("ASR", "initializing"),
        ("ASR", "initialized"),
        ("TTS", "initializing"),
        ("TTS", "initialized"),
    ]
    assert (lines[0].instance, lines[1].instance) == (None, str(ASR_ID))
    assert "process 20" in lines[0].describe()


def test_prefixes_and_unknown_lines_do_not_disturb() -> None:
    """A time stamp before the text is fine, and lines that nobody knows are passed over."""
    odd = (
        LogLine(1, f"2026-11-22 INFO ♻️  Reusing existing shared ASR model (ID: {ASR_ID}) job=7"),
        LogLine(2, "Python 3.12+ detected, skipping Coqui TTS and using Piper fallback"),
        LogLine(3, "♻️ Reusing existing shared ASR model (ID: 1)"),
    )
    (line,) = model_lines(replace(GOOD, log=odd), LogContract())
    assert (line.t, line.step) == (1, "reusing")


def test_own_patterns() -> None:
    """An agent with other words is read by its own patterns."""
    contract = LogContract(asr_reusing=r"stt (?P<id>\w+) shared")
    (line,) = model_lines(replace(GOOD, log=(LogLine(1, "stt abc shared", room="r"),)), contract)
    assert (line.instance, line.room) == ("abc", "r")


def test_nothing_to_read() -> None:
    """No log is not measured; without a pattern for each line there are none."""
    with pytest.raises(NotMeasured):
        model_lines(replace(GOOD, log=()), LogContract())
    assert model_lines(GOOD, LogContract(tts_initialized="")) == ()
