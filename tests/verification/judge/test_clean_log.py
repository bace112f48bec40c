"""G11."""

from dataclasses import replace
from typing import Literal

import pytest
from fakes.recordings import Run, change_variant
from voicegate.agent_section import LogLines
from voicegate.judge.clean_log import judge
from voicegate.judge.finding import Finding, Status
from voicegate.judge.registry import Rules
from voicegate.log_contract import LogContract
from voicegate.record.agent_log import parse_line
from voicegate.record.events import End, LogLine

GOOD = Run(cycles=0).recording()


def judged(*lines: LogLine, log: LogContract | None = None) -> Finding:
    """Judge a run whose agent also wrote these lines."""
    return judge(replace(GOOD, log=(*GOOD.log, *lines)), Rules(log=log or LogContract()))


@pytest.mark.parametrize("level", ["ERROR", "error", "CRITICAL", "Fatal"])
def test_level_of_trouble_fails(level: str) -> None:
    """One line of such a level fails, however it is spelled."""
    finding = judged(LogLine(50, "could not close the room", level, pid=7))
    assert finding.status is Status.FAIL
    assert f"50.0 s: {level} could not close the room (process 7)" in finding.evidence


@pytest.mark.parametrize(
    "message",
    [
        "Traceback (most recent call last):",
        "Task was destroyed but it is pending!",
        "RuntimeWarning: coroutine 'close' was never awaited",
        "Unclosed client session",
        "resource_tracker: There appear to be 1 leaked shared_memory objects to clean up",
        "Memory leak detected",
        "ResourceWarning: unclosed file",
        "Segmentation fault (core dumped)",
        "Fatal Python error: Aborted",
        "terminate called after throwing an instance of 'std::bad_alloc'",
        "2026-11-22 13:00:01 ERROR livekit: lost the connection",
    ],
)
def test_trouble_without_a_level_fails(message: str) -> None:
    """What is written past the logging is recognized by its words."""
    assert judged(LogLine(50, message)).status is Status.FAIL


@pytest.mark.parametrize(
    ("message", "level"),
    [
        ("no warmed process available for job", "WARNING"),
        ("0 ERROR lines so far", "INFO"),
        ("the terrors of sleakness", None),
        ("error handling is enabled", None),
    ],
)
def test_harmless_lines_pass(message: str, level: str | None) -> None:
    """Warnings, words that only look alike, and the word in a line whose level is known are no trouble."""
    assert judged(LogLine(50, message, level)).status is Status.PASS


def test_tolerated_lines_pass() -> None:
    """A line that the gate file names is no trouble; others still are."""
    log = LogContract(tolerated=("lost the connection",))
    known = LogLine(50, "lost the connection, trying again", "ERROR")
    assert judged(known, log=log).status is Status.PASS
    assert judged(known, LogLine(51, "gave up", "ERROR"), log=log).status is Status.FAIL


def test_trouble_in_a_stall_is_an_error() -> None:
    """What breaks while the machine holds up the gate itself is no failure, and other trouble still is one."""
    memory = tuple(one for one in GOOD.memory if not 50 <= one.t < 52)
    late = replace(GOOD, memory=memory)
    inside, outside = LogLine(51, "connection lost", "ERROR"), LogLine(60, "gave up", "ERROR")
    finding = judge(replace(late, log=(*late.log, inside)), Rules())
    assert finding.status is Status.ERROR
    assert "1 lines report trouble, written while the machine stalled" in finding.reason
    assert any("connection lost" in line for line in finding.evidence)
    finding = judge(replace(late, log=(*late.log, inside, outside)), Rules())
    assert finding.status is Status.FAIL
    assert "lines that say trouble: 1, must be 0" in finding.reason


@pytest.mark.parametrize(
    "message",
    [
        "event loop watchdog failed",
        (
            "livekit::rtc_engine::rtc_session:704:livekit::rtc_engine::rtc_session"
            " - publisher data channel '_reliable' closed unexpectedly"
        ),
        (
            "livekit::rtc_engine::rtc_session:2526:livekit::rtc_engine::rtc_session - failed to negotiate the publisher:"
            ' Rtc(RtcError { error_type: InvalidState, message: "Failed to set local offer sdp: Called in wrong state: closed" })'
        ),
    ],
)
def test_errors_of_livekits_own_are_tolerated(message: str) -> None:
    """What the framework trips over is not the agent's, unless the gate file says otherwise."""
    line = LogLine(50, message, "ERROR")
    assert judged(line).status is Status.PASS
    assert judged(line, log=LogContract(tolerated=())).status is Status.FAIL


def test_long_and_many_lines_are_shortened() -> None:
    """The first few lines stand for all, and none fills the page."""
    lines = (LogLine(50 + number, "x\ny " * 200, "ERROR") for number in range(10))
    finding = judged(*lines)
    assert "lines that say trouble: 10, must be 0" in finding.reason
    assert finding.evidence[-1] == "and 4 more"
    assert all(len(line) < 300 and "\n" not in line for line in finding.evidence)


def test_trouble_in_the_forced_collection_counts() -> None:
    """The variant with the forced collection is read too; the one without sharing is not the release."""
    trouble = (LogLine(300, "out of cheese", "ERROR"),)
    assert judge(change_variant(GOOD, "forced-gc", log=trouble), Rules()).status is Status.FAIL
    assert judge(change_variant(GOOD, "unshared", log=trouble), Rules()).status is Status.PASS


def test_trouble_torn_in_two_is_seen() -> None:
    """A JSON line that another process cut in two still says what it says, once."""
    finding = judged(LogLine(50, '{"message": "Task was destr'), LogLine(50, 'oyed but it is pending!"}'))
    assert "lines that say trouble: 1, must be 0" in finding.reason


def test_no_log() -> None:
    """No line at all is an error; an agent for which nothing is trouble is not run."""
    assert judge(replace(GOOD, log=()), Rules()).status is Status.ERROR
    off = LogContract(trouble=(), trouble_levels=(), trouble_words="")
    assert judged(log=off).status is Status.NOT_RUN


def test_an_exception_is_shown_in_place_of_the_word_traceback() -> None:
    """From the lines that follow, or from the field that came with a message."""
    lines = ("Traceback (most recent call last):", '  File "agent.py", line 7', "OSError: no such model")
    assert "50.0 s: OSError: no such model" in judged(*(LogLine(50, text) for text in lines)).evidence
    failed = LogLine(50, "job failed", "ERROR", exception="OSError: no such model")
    assert "50.0 s: ERROR job failed: OSError: no such model" in judged(failed).evidence
    told = LogLine(50, "OSError: no such model", "ERROR", exception="OSError: no such model")
    assert "50.0 s: ERROR OSError: no such model" in judged(told).evidence


def test_second_copies_are_counted_once() -> None:
    """A file handler in each job makes them; the finding tells how many there were."""
    line = LogLine(50, "boom", "ERROR", written="10:06:44,953")
    finding = judged(line, replace(line, t=50.01))
    assert finding.measurements[0].value == 1
    assert "; 1 more are parts or second copies of them" in finding.stability


def test_plain_lines_are_tolerated_as_json_lines_are() -> None:
    """A pattern with ^ is held against the message, not against the level and logger before it."""
    raw = "ERROR:livekit:livekit::rtc_engine::rtc_session:813: publisher data channel '_lossy' closed unexpectedly"
    assert judged(parse_line(raw, 50.0, LogLines())).status is Status.PASS
    assert judged(parse_line("ERROR:livekit:boom", 50.0, LogLines())).status is Status.FAIL


@pytest.mark.parametrize(
    ("outcome", "t", "status"),
    [("interrupted", 59, Status.FAIL), ("interrupted", 61, Status.ERROR), ("failed", 61, Status.FAIL)],
)
def test_what_an_interruption_breaks_is_not_the_agents_doing(
    outcome: Literal["interrupted", "failed"], t: float, status: Status
) -> None:
    """The gate ends an agent in the middle of its calls then; one that dies by itself says why."""
    phases = [
        replace(phase, t=min(phase.t, 60)) for phase in GOOD.phases if phase.t <= 60 or phase.edge == "end"
    ]
    ended = replace(GOOD, end=End(70, outcome), phases=tuple(phases))
    trouble = LogLine(t, "process exited with non-zero exit code 255", "ERROR")
    assert judge(replace(ended, log=(*GOOD.log, trouble)), Rules()).status is status
