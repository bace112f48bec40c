"""Typed lines about the shared models."""

from dataclasses import replace

import pytest
from fakes.recordings import ASR_ID, Run, models_per_call
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
    near = (
        "Loading faster-whisper model: tiny on cpu",
        "TTS engine initialised",
        "loaded voice",
        "model reused",
    )
    log = [LogLine(at, text) for at, text in enumerate(("registered worker", *near, *near))]
    silent = replace(GOOD, log=tuple(log))
    with pytest.raises(
        NotMeasured, match=r"none of the 9 lines .* fits \[log\] asr_initializing = "
    ) as raised:
        model_lines(silent, LogContract())
    assert "these may be meant: 'Loading faster-whisper model: tiny on cpu' and" in raised.value.reason
    assert "'loaded voice'" in raised.value.reason
    assert "model reused" not in raised.value.reason, "three are enough"
    assert "`livekit.`" in raised.value.advice
    assert "`voicegate judge recording.jsonl --gate gate.toml`" in raised.value.advice
    assert model_lines(replace(silent, calls=()), LogContract()) == ()
    for judge in (first_initializes.judge, later_reuse.judge, same_ids.judge):
        assert judge(silent, Rules()).status is Status.ERROR


@pytest.mark.parametrize("engine", ["ASR", "TTS"])
def test_a_model_that_no_line_is_about_is_not_measured(engine: str) -> None:
    """Nothing is said against it, and what is wrong with the other one still fails."""
    for run, status in ((Run(cycles=0), Status.ERROR), (Run(cycles=0, lines=models_per_call), Status.FAIL)):
        whole = run.recording()
        half = replace(whole, log=tuple(line for line in whole.log if engine not in line.message))
        for judge in (later_reuse.judge, same_ids.judge):
            assert judge(half, Rules()).status is status
        finding = first_initializes.judge(half, Rules())
        assert finding.status is Status.ERROR
        assert f"fits [log] {engine.lower()}_initializing = " in finding.reason


def test_reuse_that_no_line_of_the_log_names_is_not_measured() -> None:
    """Unless a line says that the model was loaded again: then it is plain what the calls did instead."""
    log = tuple(
        replace(line, message=line.message.replace("Reusing existing", "Taking the")) for line in GOOD.log
    )
    finding = later_reuse.judge(replace(GOOD, log=log), Rules())
    assert finding.status is Status.ERROR
    assert "fits [log] asr_reusing = " in finding.reason
    assert f"these may be meant: '♻️  Taking the shared ASR model (ID: {ASR_ID})'" in finding.reason


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
