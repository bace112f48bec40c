"""Text lines in the formats that loggers have."""

import json
import re

import pytest
from voicegate.agent_section import LogLines
from voicegate.log_contract import LogContract
from voicegate.record.agent_log import exception_of, parse_line
from voicegate.record.events import LogLine
from voicegate.record.text_lines import text_fields

EXTRA = json.dumps({"agent_name": "", "room": "r1", "pid": 7})


@pytest.mark.parametrize(
    ("raw", "level", "message"),
    [
        ("ERROR:livekit:livekit::rtc_engine boom", "ERROR", "livekit::rtc_engine boom"),
        ("INFO:root:", "INFO", ""),
        ("2026-11-27 10:02:48,122 - INFO livekit.agents - registered worker", "INFO", "registered worker"),
        ("2026-11-27 10:02:48,122 - bestbox - WARNING - slow", "WARNING", "slow"),
        ("2026-11-27 10:02:48,122 - bestbox  - ERROR    - slow", "ERROR", "slow"),
        ("2026-11-27 10:02:48,122 - ERROR - bestbox - slow", "ERROR", "slow"),
        ("2026-11-27 10:02:48,122 - ERROR - slow", "ERROR", "slow"),
        ("2026-11-27 10:02:48,122 [ERROR   ] agent: boom", "ERROR", "agent: boom"),
        ("2026-11-27 10:02:48,122 bestbox.tts ERROR no voice", "ERROR", "no voice"),
        ("2026-11-27 10:02:48,122 [bestbox] ERROR: no voice", "ERROR", "no voice"),
        ("2026-11-27 10:02:48,122 ERROR -5 degrees", "ERROR", "-5 degrees"),
        ("2026-11-27 10:02:48.122 | ERROR    | agent:load:12 - boom", "ERROR", "boom"),
        ("2026-11-27 10:02:48,122 WARN Loaded - at last", "WARN", "Loaded - at last"),
        ("[2026-11-27 10:02:48] [error] boom", "error", "boom"),
        ("2026-11-27T10:02:48.122Z\terror\tboom", "error", "boom"),
        ("2026-11-27T10:00:01Z [error    ] could not speak", "error", "could not speak"),
        ("[INFO] hello", "INFO", "hello"),
        ("[ERROR   ] agent: boom", "ERROR", "agent: boom"),
        ("[   ERROR] boom", "ERROR", "boom"),
        ("error: boom", "error", "boom"),
        ("time=10:02 level=error msg=boom", "error", "msg=boom"),
    ],
)
def test_known_formats_need_no_pattern(raw: str, level: str, message: str) -> None:
    """Level and message are known, with colors and line ends of other systems too."""
    for text in (raw, raw + "\r\n", "\r" + raw.replace(level, f"\x1b[31m{level}\x1b[0m")):
        line = parse_line(text, 0.0, LogLines())
        assert (line.level, line.message) == (level, message)


@pytest.mark.parametrize(
    "raw",
    [
        "10:00:01 ERROR livekit {}",
        "10:00:01 ERROR livekit: {}",
        "10:00:01 ERROR [livekit.agents] {}",
        "10:00:01 | ERROR | livekit.agents | {}",
        "10:00:01 livekit ERROR {}",
        "2026-11-27 10:00:01,122 - ERROR - livekit - {}",
        "[ERROR] livekit: {}",
        "2026-11-27T10:00:01.122Z [error    ] {}     [livekit.agents] room=r1 pid=7",
        "ERROR   :livekit:{}",
    ],
)
def test_livekits_loggers_are_no_part_of_the_message(raw: str) -> None:
    """Wherever a format has the name, what is tolerated from its beginning to its end fits; a blank at the end does no harm."""
    text = "livekit::rtc_engine:540:livekit::rtc_engine - data channel lossy closed unexpectedly"
    line = parse_line(raw.format(text), 0.0, LogLines())
    assert line.message == text
    assert (line.level or "").upper() == "ERROR"
    assert any(re.search(pattern, line.message) for pattern in LogContract().tolerated)
    assert parse_line("10:00:01 ERROR livekit.agents boom ", 0.0, LogLines()).message == "boom"


@pytest.mark.parametrize(
    "raw",
    [
        "error initializing process",
        "Error: no",
        "ValueError: no",
        "2026-11-27 10:02 error rate 5 %",
        "INFORMATION: x",
        "  File 'error: x'",
        "the level=error is odd",
    ],
)
def test_sentences_are_no_levels(raw: str) -> None:
    """A word that is also a level's name is not one wherever it stands."""
    assert parse_line(raw, 0.0, LogLines()) == LogLine(0.0, raw)


def test_the_object_behind_a_message_is_taken_off() -> None:
    """LiveKit's console writes it there; process and room are in it."""
    line = parse_line(f"2026-11-27 10:02:48,122 - INFO livekit.agents - hello {EXTRA}", 0.0, LogLines())
    assert line == LogLine(0.0, "hello", "INFO", 7, "r1", written="2026-11-27 10:02:48,122")
    line = parse_line('10:02:48 INFO livekit.agents hello {"load": 0.7, "pid": 7}', 0.0, LogLines())
    assert line == LogLine(0.0, "hello", "INFO", 7)
    assert parse_line("INFO:x:a {b}", 0.0, LogLines()).message == "a {b}"
    assert parse_line('INFO:x:a {"b}', 0.0, LogLines()).message == 'a {"b}'


def test_an_object_of_the_agents_own_stays() -> None:
    """A pattern of [log] may look into it; process and room are read from it all the same."""
    text = 'loaded {"model": "whisper", "room": "r1", "pid": 7}'
    assert parse_line(f"INFO:bestbox:{text}", 0.0, LogLines()) == LogLine(0.0, text, "INFO", 7, "r1")


def test_escaped_characters_are_themselves_again() -> None:
    """Python escapes them where its output is not UTF-8; halves of a pair and what is no character do no harm."""
    for text in (r"INFO:x:\U0001f527 go", r"INFO:x:\ud83d\udd27 go"):
        assert text_fields(text, None)["message"] == "\U0001f527 go"
    assert text_fields(r"INFO:x:\ud83d go", None)["message"] == "\ufffd go"
    assert text_fields(r"C:\users \Uffffffff", None)["message"] == r"C:\users \Uffffffff"


def test_times_are_kept_that_tell_two_lines_apart() -> None:
    """To the millisecond; a runtime's time around a line is not the line's."""
    raw = '{"message": "a", "timestamp": "2026-11-27T10:02:48.122283+00:00"}'
    assert parse_line(raw, 0.0, LogLines()).written == "2026-11-27T10:02:48.122283+00:00"
    assert parse_line('{"message": "a", "time": 1700000000}', 0.0, LogLines()).written is None
    assert parse_line("10:02:48 INFO x", 0.0, LogLines()).written is None
    cri = "2026-11-27T06:00:00.123456789Z stderr F "
    assert parse_line(cri + "INFO:x:hello", 0.0, LogLines()) == LogLine(0.0, "hello", "INFO")


def test_an_exception_in_a_field_is_kept() -> None:
    """Of what loggers put there only the last line; a message that has all of it tells too."""
    text = 'Traceback (most recent call last):\n  File "a.py"\nValueError: no\n'
    for values in ({"exc_info": text}, {"exception": text}, {"err": {"type": "ValueError", "message": "no"}}):
        line = parse_line(json.dumps({"message": "boom"} | values), 0.0, LogLines())
        assert line == LogLine(0.0, "boom", exception="ValueError: no")
    assert parse_line(json.dumps({"message": text}), 0.0, LogLines()).exception == "ValueError: no"
    assert parse_line('{"message": "a", "exc_info": true}', 0.0, LogLines()).exception is None
    assert exception_of("all is well") is None
    assert exception_of("Traceback (most recent call last):\n  File") is None
