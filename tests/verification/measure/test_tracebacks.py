"""Tracebacks in text lines."""

import pytest
from voicegate.measure.tracebacks import is_header, with_exceptions
from voicegate.record.agent_log import TRACEBACK
from voicegate.record.events import LogLine

HEADER = f"{TRACEBACK}:"
FRAME = '  File "agent.py", line 7, in entry'


def exceptions(*messages: str) -> list[str | None]:
    """Read these lines and give what each one's traceback ends with."""
    return [line.exception for line in with_exceptions([LogLine(1.0, text) for text in messages])]


def test_a_traceback_is_given_its_exception() -> None:
    """Its other lines are as they were."""
    assert exceptions("hi", HEADER, FRAME, "    boom()", "ValueError: no", "bye") == [
        None,
        "ValueError: no",
        *[None] * 4,
    ]


def test_a_traceback_that_another_follows_has_its_own() -> None:
    """Python joins them by a sentence."""
    joined = "During handling of the above exception, another exception occurred:"
    found = exceptions(HEADER, FRAME, "KeyError: 1", "", joined, "", HEADER, FRAME, "ValueError: no")
    assert [found[0], found[6]] == ["KeyError: 1", "ValueError: no"]


@pytest.mark.parametrize("rest", [(), (FRAME,), (FRAME, HEADER)])
def test_a_traceback_that_is_cut_off_has_none(rest: tuple[str, ...]) -> None:
    """Nothing is made up."""
    assert exceptions(HEADER, *rest)[0] is None


def test_lines_with_a_level_are_no_part_of_it() -> None:
    """Another process wrote in between."""
    lines = [LogLine(1.0, HEADER), LogLine(1.0, "busy", "INFO"), LogLine(1.0, "ValueError: no")]
    assert with_exceptions(lines)[0].exception == "ValueError: no"


def test_a_whole_traceback_in_one_message_is_no_header() -> None:
    """It says what happened."""
    assert is_header(LogLine(1.0, HEADER))
    assert not is_header(LogLine(1.0, f"{HEADER}\n{FRAME}\nValueError: no"))
