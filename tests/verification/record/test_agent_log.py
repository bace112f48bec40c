"""Reading the agent's log lines."""

import json

import pytest
from voicegate.record.agent_log import parse_line
from voicegate.record.container_lines import WholeLines
from voicegate.record.events import LogLine
from voicegate.settings import LogLines

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
    "raw",
    [
        "Traceback (most recent call last):",
        '  File "agent.py", line 7, in <module>',
        '{"half": ',
        '{"level": "INFO"}',
        '{"message": null}',
        "[1, 2]",
        "",
        "{}",
        '{"message": ' + "[" * 100_000,
    ],
)
def test_any_other_line_is_its_own_message(raw: str) -> None:
    """Nothing is lost that the gate does not understand."""
    assert parse_line(raw + "\n", 0.0, TEXT) == LogLine(0.0, raw)


def test_json_may_be_indented_and_say_odd_things() -> None:
    """A truth value is no process, an endless number none either, and a message need not be text."""
    raw = '  {"message": ["a", 1], "level": true, "pid": true, "room": 5}'
    assert parse_line(raw, 0.0, LogLines()) == LogLine(0.0, "['a', 1]")
    assert parse_line('{"message": "m", "pid": "' + "1" * 5000 + '"}', 0.0, LogLines()) == LogLine(0.0, "m")


def test_levels_have_the_names_of_the_gate_file() -> None:
    """Loggers of other languages number their levels."""
    lines = LogLines(message="msg", level_names={"50": "ERROR", "W": "WARNING"})

    assert parse_line('{"msg": "a", "level": 50}', 0.0, lines).level == "ERROR"
    assert parse_line('{"msg": "a", "level": 30}', 0.0, lines).level == "30"
    assert parse_line('{"msg": "a", "level": "W"}', 0.0, lines).level == "WARNING"


def test_colors_are_taken_out_of_any_text() -> None:
    """A pattern finds a line that its logger painted."""
    assert parse_line("\x1b[1;31mFAILED\x1b[0m to load", 0.0, LogLines()) == LogLine(0.0, "FAILED to load")
    assert parse_line(r'{"message": "\u001b[31mboom\u001b[0m"}', 0.0, LogLines()) == LogLine(0.0, "boom")


def test_groups_that_are_left_out_are_not_known() -> None:
    """A pattern needs no more than the message, and a group that did not take part says nothing."""
    assert parse_line("INFO hello", 0.0, LogLines(text=r"^INFO (?P<message>.*)")) == LogLine(0.0, "hello")
    lines = LogLines(text=r"^(\[(?P<pid>\d+)\] )?(?P<message>.*)")
    assert parse_line("hello", 0.0, lines) == LogLine(0.0, "hello")


@pytest.mark.parametrize(
    "escape",
    [
        "\x1b[1;31m",
        "\x1b[38:5:1m",
        "\x1b[?25l",
        "\x1b[2K",
        "\x1b]0;a title\x07",
        "\x1b]8;;http://x\x1b\\",
        "\x1bM",
    ],
)
def test_no_escape_of_a_terminal_is_left(escape: str) -> None:
    """In text, in the message of JSON and in its level: evidence is shown on a terminal."""
    text = parse_line(f"{escape}FAILED{escape} to load", 0.0, LogLines())
    assert text.message == "FAILED to load"
    raw = json.dumps({"message": f"{escape}boom{escape}", "level": f"{escape}ERROR{escape}"})
    assert parse_line(raw, 0.0, LogLines()) == LogLine(0.0, "boom", "ERROR")


DOCKERS_TIME = "2026-11-27T06:00:00.123456789Z "
BEFORE = (
    "2026-11-27T06:00:00.123456789Z stderr F ",  # Kubernetes, by CRI
    "2026-11-27T06:00:00.1+01:00 stdout P ",
    "agent-1  | ",  # docker compose logs
    f"agent-1  | {DOCKERS_TIME}",  # docker compose logs -t
    f"\x1b[36magent-1  |\x1b[0m {DOCKERS_TIME}",
    "\x1b[36magent-1  | \x1b[0m",
    DOCKERS_TIME,  # docker logs -t
    "2026-11-27T06:00:00.123456789+01:00 ",
    "",
)


@pytest.mark.parametrize("before", [*BEFORE, "agent | ", "2026-11-27T06:00:00.1Z "])
def test_what_a_container_puts_before_a_line_is_taken_off(before: str) -> None:
    """So that a level is known, and an error is not passed over."""
    raw = before + '{"message": "boom", "level": "error"}'
    assert parse_line(raw, 0.0, LogLines()) == LogLine(0.0, "boom", "error")


@pytest.mark.parametrize("before", BEFORE)
def test_a_pattern_finds_the_beginning_of_text_in_a_container(before: str) -> None:
    """What has a level has it, and what has none begins where the agent's own line does."""
    assert parse_line(f"{before}ERROR:livekit:boom", 0.0, LogLines()) == LogLine(0.0, "boom", "ERROR")
    assert parse_line(f"{before}hello", 0.0, LogLines()) == LogLine(0.0, "hello")


def test_a_time_of_the_agents_own_stays() -> None:
    """A logger may write nanoseconds too: then the level behind them is still known."""
    line = parse_line(f"{DOCKERS_TIME}INFO boom", 0.0, LogLines())
    assert (line.message, line.level) == ("boom", "INFO")
    assert (
        parse_line("2026-11-27T06:00:00.1Z hello", 0.0, LogLines()).message == "2026-11-27T06:00:00.1Z hello"
    )


def test_dockers_json_around_a_line_is_taken_off() -> None:
    """As its `json-file` logging driver writes it, around JSON and around text."""

    def wrapped(log: str) -> str:
        return json.dumps({"log": log + "\n", "stream": "stderr", "time": "2026-11-27T06:00:00Z"})

    inner = json.dumps({"message": "♻️  Reusing \U0001f527", "level": "error"})
    assert parse_line(wrapped(inner), 0.0, LogLines()) == LogLine(0.0, "♻️  Reusing \U0001f527", "error")
    assert parse_line(wrapped("plain"), 0.0, LogLines()) == LogLine(0.0, "plain")
    odd = '{"log": 5, "stream": "x", "message": "own"}'
    assert parse_line(odd, 0.0, LogLines()) == LogLine(0.0, "own")


def test_a_bar_in_a_text_line_stays() -> None:
    """Only before JSON is it Docker Compose's."""
    assert parse_line("agent | busy", 0.0, LogLines()) == LogLine(0.0, "agent | busy")


def test_a_pattern_of_the_gate_file_goes_before() -> None:
    """Whoever has written down what stands before a line is right."""
    lines = LogLines(text=r"^\S+ stderr F (?P<level>\w+): (?P<message>.*)$")
    raw = "2026-11-27T06:00:00Z stderr F error: boom"
    assert parse_line(raw, 0.0, lines) == LogLine(0.0, "boom", "error")


def test_an_agents_own_fields_go_before_a_containers() -> None:
    """A JSON line with the message field is the agent's, whatever else it has."""
    raw = '{"message": "boom", "level": "error", "log": "asr", "stream": "tts"}'
    assert parse_line(raw, 0.0, LogLines()) == LogLine(0.0, "boom", "error")
    own = LogLines(message="log", level="stream")
    assert parse_line('{"log": "boom", "stream": "stderr"}', 0.0, own) == LogLine(0.0, "boom", "stderr")


LONG = json.dumps({"message": "boom " + "x" * 40_000, "level": "error"})
PIECES = [LONG[at : at + 16_384] for at in range(0, len(LONG), 16_384)]


def by_cri() -> list[str]:
    """Cut the long line as CRI does."""
    return [f"{DOCKERS_TIME}stderr {'F' if piece is PIECES[-1] else 'P'} {piece}" for piece in PIECES]


def by_docker() -> list[str]:
    """Cut it as Docker's `json-file` driver does."""
    ends = [""] * (len(PIECES) - 1) + ["\n"]
    return [
        json.dumps({"log": piece + end, "stream": "stderr", "time": "2026-11-27T06:00:00Z"})
        for piece, end in zip(PIECES, ends, strict=True)
    ]


@pytest.mark.parametrize(
    "cut",
    [by_cri(), by_docker(), [DOCKERS_TIME + DOCKERS_TIME.join(PIECES)]],
    ids=["cri", "docker", "docker logs -t"],
)
def test_long_lines_that_a_runtime_cut_are_whole_again(cut: list[str]) -> None:
    """With their level, also where the other stream of the container writes between the pieces."""
    whole = WholeLines()
    raw = [line for piece in cut for line in (piece, f"{DOCKERS_TIME}stdout F between")]
    lines = [parse_line(line, 0.0, LogLines()) for one in raw if (line := whole.take(one)) is not None]
    (found,) = [line for line in lines if line.message != "between"]
    assert (found.level, len(found.message)) == ("error", 40_005)
    assert [line.message for line in lines].count("between") == len(cut)
    assert not list(whole.rest())


def test_pieces_whose_end_never_comes_are_not_lost() -> None:
    """They are given at the end of the log; a short line without an end is no piece."""
    whole = WholeLines()
    assert whole.take("2026-11-27T06:00:00Z stderr P half") is None
    short = '{"log": "all", "stream": "stdout"}'
    assert whole.take(short) == short
    assert list(whole.rest()) == ["half"]
    endless = f"2026-11-27T06:00:00Z stderr P {'x' * 500_000}"
    assert sum(whole.take(endless) is not None for _ in range(10)) == 2
