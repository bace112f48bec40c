"""Every log line names its process and its call, and is never escaped."""

import json
import logging
import re

import pytest
from voicegate_agent.host_settings import LogFormat
from voicegate_agent.log_output import JsonFormatter, TextFormatter, configure_logging


def record(message: str = "♻️  Reusing", **fields: object) -> logging.LogRecord:
    """Make a record as logging does, with extra fields."""
    made = logging.LogRecord("voicegate_agent.call", logging.INFO, __file__, 1, message, None, None)
    made.process = 4711
    vars(made).update(fields)
    return made


def test_text_line_ends_in_process_and_room() -> None:
    """The message is untouched; what follows the last bar are the fields."""
    line = TextFormatter().format(record(room="desk-1"))
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} INFO voicegate_agent\.call ♻️  Reusing \| pid=4711 room=desk-1",
        line,
    )


@pytest.mark.parametrize("room", ["two words", "a|b", 'a"b', "a=b", "line\nbreak", ""])
def test_text_fields_that_would_confuse_a_reader_are_quoted(room: str) -> None:
    """A room's name is the caller's choice; it must not look like another field."""
    line = TextFormatter().format(record(room=room))
    assert line.endswith(f"| pid=4711 room={json.dumps(room)}")


def test_json_line_holds_the_same() -> None:
    """One object per line, emoji as they are."""
    line = JsonFormatter().format(record(room="desk-1", job_id="j"))
    assert "♻️" in line
    fields = json.loads(line)
    assert fields.pop("timestamp").endswith("+00:00")
    assert fields == {
        "level": "INFO",
        "name": "voicegate_agent.call",
        "message": "♻️  Reusing",
        "pid": 4711,
        "room": "desk-1",
        "job_id": "j",
    }


def test_json_line_survives_foreign_values() -> None:
    """What JSON does not know becomes text instead of a lost line."""
    line = JsonFormatter().format(record(error=ValueError("boom")))
    assert json.loads(line)["error"] == "boom"


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()])
def test_traceback_of_a_job_process_is_not_part_of_the_message(formatter: logging.Formatter) -> None:
    """LiveKit appends a job's traceback to its message; the message is restored, the traceback kept."""
    line = formatter.format(record("failed\nTraceback: x", exc_text="Traceback: x"))
    assert line.count("Traceback: x") == 1
    assert "failed |" in line or json.loads(line)["message"] == "failed"


def test_configure_logging_writes_to_stderr(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Standard output stays free for results; configuring twice does not log twice."""
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", list(root.handlers))
    monkeypatch.setattr(root, "level", root.level)
    configure_logging(LogFormat.TEXT)
    configure_logging(LogFormat.JSON)
    logging.getLogger("voicegate_agent.call").info("hello")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert json.loads(captured.err)["message"] == "hello"
