"""Failures of calls, with what the logs say about them."""

from pathlib import Path

from fakes.livekit_lines import CRASH, FULL, JOINED, NO_SERVERS, OFFERED, ROOM, agent_line, on_server
from voicegate.drive.missing_agent import CallLogs
from voicegate.record.events import CallEvent
from voicegate.settings import LogLines

FAILED = "no agent joined within 20 s"


def step(name: str, detail: str | None = None) -> CallEvent:
    """Make a step of the call."""
    return CallEvent(1.0, "call-01", name, ROOM, "first-call", detail, "agent" if detail else None)  # type: ignore[arg-type]


def logs(folder: Path) -> CallLogs:
    """Read the logs of a run in this folder."""
    return CallLogs((folder / "agent.log",), folder / "livekit-server.log", None, LogLines())


def write(path: Path, *lines: str) -> None:
    """Add lines to a log."""
    with path.open("a") as file:
        file.writelines(f"{line}\n" for line in lines)


def test_a_call_that_no_agent_came_to_is_told_with_the_reason(tmp_path: Path) -> None:
    """From what the logs say since it was dialed; advice comes with it."""
    known = logs(tmp_path)
    write(tmp_path / "livekit-server.log", on_server(""), NO_SERVERS)
    assert known.explained(step("dialed")) == step("dialed")
    write(tmp_path / "livekit-server.log", JOINED)
    assert known.explained(step("failed", FAILED)) == step("failed", FAILED), "that line was another call's"
    write(tmp_path / "livekit-server.log", NO_SERVERS)
    event = known.explained(step("failed", FAILED))
    assert event.detail is not None
    assert event.detail.startswith(f"{FAILED}: the LiveKit server found no agent with room")
    assert "load_fnc" in (event.advice or "")


def test_what_an_agent_said_long_before_the_call_is_known(tmp_path: Path) -> None:
    """Its state counts until it says something else; a line that is half written is read when it is whole."""
    known = logs(tmp_path)
    path = tmp_path / "agent.log"
    write(path, FULL, *["chatter"] * 6000)
    known.explained(step("dialed"))
    write(path, *["chatter"] * 6000)
    with path.open("a") as file:
        file.write("half")
    assert "full capacity" in (known.explained(step("failed", FAILED)).detail or "")


def test_what_was_written_of_a_call_before_it_was_known_to_be_dialed_counts(tmp_path: Path) -> None:
    """In a load run its dialing is heard late: all from the first line on that names its room belongs to it, and nothing before."""
    known = logs(tmp_path)
    earlier = agent_line("boom", "ERROR")
    write(tmp_path / "agent.log", earlier, OFFERED, CRASH)
    known.explained(step("dialed"))
    detail = known.explained(step("failed", FAILED)).detail or ""
    assert detail.endswith("ValueError: no voice.onnx")
    assert "boom" not in detail


def test_a_long_traceback_is_read_whole(tmp_path: Path) -> None:
    """A line of JSON that is cut is none, and its error would be taken for slowness."""
    known = logs(tmp_path)
    known.explained(step("dialed"))
    write(tmp_path / "agent.log", OFFERED, CRASH.replace("entry", "entry " * 20_000))
    assert (known.explained(step("failed", FAILED)).detail or "").endswith("ValueError: no voice.onnx")


def test_a_log_of_long_lines_is_kept_by_its_size(tmp_path: Path) -> None:
    """The last of them are, each up to a bound; what came first is gone."""
    known = logs(tmp_path)
    known.explained(step("dialed"))
    path = tmp_path / "agent.log"
    write(path, OFFERED, CRASH, *["x " * 150_000] * 25)
    found = known.explained(step("failed", FAILED)).detail or ""
    assert "voice.onnx" not in found
    write(path, OFFERED, CRASH)
    assert "voice.onnx" in (known.explained(step("failed", FAILED)).detail or "")


def test_an_agent_that_joined_is_asked_for_its_sound(tmp_path: Path) -> None:
    """That it was at full capacity is no reason then."""
    known = logs(tmp_path)
    write(tmp_path / "agent.log", FULL)
    known.explained(step("dialed"))
    silent = step("failed", "the agent joined but published no audio within 20 s")
    event = known.explained(silent)
    assert event.detail == (
        f"{silent.detail}: either its session had not begun by then, or it has no audio output"
    )
    assert "session.start" in (event.advice or "")


def test_other_failures_are_as_they_were(tmp_path: Path) -> None:
    """The logs are not asked about an agent that left, nor about a call of which nobody knows when it was dialed."""
    known = logs(tmp_path)
    write(tmp_path / "agent.log", FULL)
    assert known.explained(step("failed", FAILED)) == step("failed", FAILED)
    known.explained(step("dialed"))
    left = step("failed", "the agent left the call")
    assert known.explained(left) == left
    known.explained(step("hung_up"))
    assert known.explained(step("failed", FAILED)) == step("failed", FAILED)
