"""The log as whole lines."""

from dataclasses import replace

import pytest
from fakes.recordings import ASR_ID, TTS_ID, Run
from voicegate.judge import later_reuse, same_ids
from voicegate.judge.criterion import NotMeasured
from voicegate.judge.finding import Status
from voicegate.judge.log_texts import log_texts
from voicegate.judge.model_lines import model_lines
from voicegate.judge.monitor import memory_reports
from voicegate.judge.registry import Rules
from voicegate.log_contract import LogContract
from voicegate.record.events import LogLine, Recording

GOOD = Run(cycles=0, variants=()).recording()
ASR = f"♻️  Reusing existing shared ASR model (ID: {ASR_ID})"
TTS = f"♻️  Reusing existing shared TTS engine (ID: {TTS_ID})"


def with_log(*messages: str) -> Recording:
    """Make a run whose log holds these raw lines and nothing else."""
    return replace(GOOD, log=tuple(LogLine(10.0 + at, text) for at, text in enumerate(messages)))


def reuse_as(*messages: str) -> Recording:
    """Let the second call's two reuse lines arrive as these raw lines."""
    own = [line for line in GOOD.log if line.room == "room-02"]
    others = [line for line in GOOD.log if line.room != "room-02"]
    raw = [LogLine(own[0].t + 0.01 * at, text) for at, text in enumerate(messages)]
    return replace(GOOD, log=tuple(sorted([*others, *raw], key=lambda line: line.t)))


@pytest.mark.parametrize(
    "messages",
    [
        (f"{ASR}{TTS}",),
        (f"{TTS} {ASR}",),
        (f'{{"message": "{ASR}", "pid": 7}}{{"message": "{TTS}", "pid": 8}}',),
        (f'{{"message": "{ASR[:30]}', f'{ASR[30:]}"}}', TTS),
        (ASR, f'{{"message": "{TTS[:12]}', f'{TTS[12:]}", "pid": 7}}'),
    ],
)
def test_torn_and_interleaved_reuses_are_neither_lost_nor_counted_twice(messages: tuple[str, ...]) -> None:
    """Two messages in one line, in any order, and one message in two lines are one reuse of each."""
    recording = reuse_as(*messages)
    lines = model_lines(recording, LogContract())
    assert len(lines) == len(model_lines(GOOD, LogContract()))
    assert later_reuse.judge(recording, Rules()).status is Status.PASS
    assert same_ids.judge(recording, Rules()).status is Status.PASS


def test_half_a_line_that_never_goes_on_is_no_reuse() -> None:
    """What was lost with a torn line is not made up."""
    finding = later_reuse.judge(reuse_as(f'{{"message": "{ASR[:30]}', TTS), Rules())
    assert finding.status is Status.FAIL


def test_one_line_with_two_ids_of_one_engine_has_both() -> None:
    """A second id that stands in the line of the first is seen."""
    found = model_lines(with_log(f"{ASR} {ASR.replace(str(ASR_ID), '7')}"), LogContract())
    assert [line.instance for line in found] == [str(ASR_ID), "7"]


def test_two_reports_in_one_line_are_two() -> None:
    """Memory reports that arrived as one line count as what they are."""
    text = "Memory usage: 835.2MB (healthy)Memory usage: 900.0MB (healthy)"
    reports = memory_reports(with_log(text), LogContract())
    assert [report.memory_bytes for report in reports] == [835_200_000, 900_000_000]


def test_whole_lines_stay_apart() -> None:
    """Only what begins as JSON and does not end is put together with what follows."""
    for messages in (("{}", "a"), ("a", "b"), ('{"a": 1', '{"b": 2}'), ("plain {", "more")):
        assert [line.message for line in log_texts(with_log(*messages))] == list(messages)


def test_parsed_line_is_nobodys_rest() -> None:
    """A line that was read as JSON does not belong to the torn one before it."""
    log = (LogLine(1, '{"message": "half'), LogLine(1, "whole", "INFO", pid=7))
    assert len(log_texts(replace(GOOD, log=log))) == 2


def test_line_in_three_pieces() -> None:
    """A line may be cut more than once."""
    (line,) = log_texts(with_log('{"mess', 'age": "a', '"}'))
    assert line.message == "a"


def test_a_line_that_was_torn_has_its_level_again() -> None:
    """So that an error that another process cut in two is one."""
    (line,) = log_texts(with_log('{"message": "boom", "lev', 'el": "error", "pid": 7}'))
    assert (line.message, line.level, line.pid) == ("boom", "error", 7)


def test_no_log_cannot_be_read() -> None:
    """Nothing recorded is not a clean log."""
    with pytest.raises(NotMeasured, match="no line of the agent's log"):
        log_texts(replace(GOOD, log=()))
