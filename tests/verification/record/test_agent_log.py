"""Reading the agent's log lines."""

import pytest

from verification.record.agent_log import parse_line
from verification.record.events import LogLine
from verification.settings import LogLines

TEXT = LogLines(text=r"^\S+ (?P<level>[A-Z]+) \[(?P<pid>\d+)\] (?P<message>.*)$")


def test_a_json_line_gives_its_fields() -> None:
    """Message, level, process and call come from the fields LiveKit's formatter uses; others are ignored."""
    raw = (
        '{"message": "♻️  Reusing", "level": "INFO", "name": "x", "room": "r1", "pid": 7, "timestamp": "t"}\n'
    )

    assert parse_line(raw, 1.5, LogLines()) == LogLine(1.5, "♻️  Reusing", "INFO", 7, "r1")


def test_json_fields_can_have_other_names() -> None:
    """Another logger's names are configured; numbers may be text."""
    lines = LogLines(message="msg", level="severity", pid="process", room="call")

    assert parse_line('{"msg": "hi", "severity": "warn", "process": "12"}', 0.0, lines) == LogLine(
        0.0, "hi", "warn", 12
    )


def test_a_text_line_is_taken_apart_by_the_pattern() -> None:
    """Colors do not get in the way."""
    raw = "\x1b[32m12:00:00 INFO [42] Memory usage: 1.0MB (healthy)\x1b[0m\n"

    assert parse_line(raw, 2.0, TEXT) == LogLine(2.0, "Memory usage: 1.0MB (healthy)", "INFO", 42)


@pytest.mark.parametrize(
    "raw", ["Traceback (most recent call last):", '{"half": ', '{"level": "INFO"}', "[1, 2]", "", "{}"]
)
def test_any_other_line_is_its_own_message(raw: str) -> None:
    """Nothing is lost that the gate does not understand."""
    assert parse_line(raw + "\n", 0.0, TEXT) == LogLine(0.0, raw)
