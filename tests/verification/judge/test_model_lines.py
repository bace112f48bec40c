"""Typed lines about the shared models."""

from dataclasses import replace

import pytest
from fakes.recordings import ASR_ID, Run
from voicegate.judge import first_initializes, later_reuse, same_ids
from voicegate.judge.criterion import NotMeasured
from voicegate.judge.finding import Status
from voicegate.judge.model_lines import model_lines
from voicegate.judge.registry import Rules
from voicegate.log_contract import LogContract
from voicegate.record.events import LogLine, Recording

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


def test_a_log_without_any_such_line_is_not_measured() -> None:
    """Its models may be as they should: the patterns, or the log, are not. Where no call was answered, that is the reason."""
    log = (LogLine(1, "registered worker"), LogLine(2, "Loading faster-whisper model: tiny on cpu"))
    silent = replace(GOOD, log=log)
    with pytest.raises(
        NotMeasured, match=r"none of the 2 lines .*; this may be one: 'Loading faster-whisper"
    ) as raised:
        model_lines(silent, LogContract())
    assert "`livekit.`" in raised.value.advice
    assert model_lines(replace(silent, calls=()), LogContract()) == ()
    for judge in (first_initializes.judge, later_reuse.judge, same_ids.judge):
        assert judge(silent, Rules()).status is Status.ERROR


def test_nothing_to_read() -> None:
    """No log is not measured; without a pattern for the loads of one model there are no lines of it."""
    with pytest.raises(NotMeasured):
        model_lines(replace(GOOD, log=()), LogContract())
    assert model_lines(GOOD, LogContract(tts_initializing="")) == ()
    lines = model_lines(GOOD, LogContract(tts_initialized=""))
    assert {(line.engine, line.step) for line in lines} == {
        *(("ASR", step) for step in ("initializing", "initialized", "reusing")),
        *(("TTS", step) for step in ("initializing", "reusing")),
    }


def doubled() -> Recording:
    """Write each line of the good agent's log twice, as a file handler in each job does."""
    lines = [replace(line, pid=None, room=None) for line in GOOD.log]
    return replace(GOOD, log=tuple(copy for line in lines for copy in (line, replace(line, t=line.t + 0.01))))


def test_second_copies_count_once() -> None:
    """Where lines have their time, a copy is known by it."""
    stamped = tuple(replace(line, written=f"{line.t:.3f}", pid=None) for line in GOOD.log)
    copies = tuple(copy for line in stamped for copy in (line, replace(line, t=line.t + 0.01)))
    for judge in (first_initializes.judge, later_reuse.judge, same_ids.judge):
        assert judge(replace(GOOD, log=copies), Rules()).status is Status.PASS


def test_two_calls_in_one_millisecond_are_two() -> None:
    """In an agent of one process, whose lines name neither process nor room, each call has reused what it should."""
    plain = [replace(line, written=f"{line.t:.3f}", pid=None, room=None) for line in GOOD.log]
    reusing = [line for line in plain if "Reusing" in line.message]
    again = replace(reusing[-1])
    lines = model_lines(replace(GOOD, log=(*plain, again)), LogContract())
    assert len(lines) == len(model_lines(replace(GOOD, log=tuple(plain)), LogContract())) + 1


def test_copies_that_nothing_tells_from_two_loads_are_an_error() -> None:
    """It may be a file handler, or two processes that loaded: the way out is said."""
    for judge in (first_initializes.judge, later_reuse.judge, same_ids.judge):
        finding = judge(doubled(), Rules())
        assert finding.status is Status.ERROR
        assert "each line about models comes twice" in finding.reason
        assert "%(asctime)s" in finding.advice
