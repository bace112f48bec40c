"""Why no agent came, from what the logs say."""

import json

import pytest
from fakes.livekit_lines import (
    ASSIGNED,
    BELOW,
    CRASH,
    FULL,
    JOINED,
    NO_SERVERS,
    OFFERED,
    ROOM,
    agent_line,
    on_server,
    registered,
    server_line,
)
from voicegate.measure.caveats import Caveat
from voicegate.measure.missing_agent import LogAt, Missed, why_missing
from voicegate.settings import LogLines


def why(
    *,
    before: tuple[str, ...] = (),
    agent: tuple[str, ...] = (),
    server: tuple[str, ...] = (),
    asked: str | None = None,
) -> Caveat:
    """Ask about a call on a server of our own, on which an agent without a name is registered unless something else is said."""
    known = before if any("registered" in line for line in before) else (on_server(""), *before)
    found = why_missing(Missed(ROOM, asked, LogAt(known, agent), LogAt(known, (JOINED, *server))))
    assert found is not None
    return found


def test_a_forgotten_name_is_told_with_what_to_write() -> None:
    """LiveKit gives an agent that has a name no other calls."""
    found = why(before=(registered("BestBoxVoiceAgent"),))
    assert "registered as 'BestBoxVoiceAgent'" in found.reason
    assert 'agent_name = "BestBoxVoiceAgent"' in found.advice


def test_a_wrong_name_is_told() -> None:
    """Another name, or none, on the agent's side; the server's log tells of it too, as does LiveKit's text log."""
    for line in (
        registered("Desk"),
        on_server("Desk"),
        'INFO livekit.agents - registered worker {"agent_name": "Desk"}',
    ):
        found = why(before=(line,), asked="desk")
        assert (
            found.reason == "the call asked for an agent called 'desk', and the agent registered under 'Desk'"
        )
    assert "take agent_name out" in why(before=(on_server(""),), asked="desk").advice
    gone = (on_server("desk"), on_server("desk", "last worker deregistered"), on_server("Desk"))
    assert "'Desk'" in why(before=gone, asked="desk").reason


def test_a_right_name_is_no_reason() -> None:
    """Then it is something else."""
    found = why(before=(on_server("desk"), registered("desk"), FULL), asked="desk")
    assert "full capacity" in found.reason


def test_full_capacity_is_quoted_with_its_figures() -> None:
    """Said before the call, and not taken back until it was dialed; or while the caller waited."""
    for found in (why(before=(FULL,)), why(agent=(FULL, BELOW)), why(before=(BELOW, FULL), agent=(BELOW,))):
        assert (
            "worker is at full capacity, marking as unavailable' (load 0.714, threshold 0.7)" in found.reason
        )
        assert "load_fnc" in found.advice


def test_capacity_that_came_back_is_no_reason() -> None:
    """What the agent said last before the call counts."""
    assert why_missing(Missed(ROOM, None, LogAt((registered(""), FULL, BELOW)))) is None


def test_a_server_without_room_is_quoted() -> None:
    """The agent's own log says nothing of it where it knows no threshold."""
    found = why(server=(NO_SERVERS,))
    assert "no servers available (received 1 responses)" in found.reason
    assert "load_fnc" in found.advice


def test_nobody_registered() -> None:
    """Never, or not any more; what the agent says of its attempts is quoted."""
    trying = agent_line("failed to connect to livekit, retrying in 2s", "WARNING", retry_count=2)
    found = why(before=(trying, "registered-nowhere"))
    assert found.reason.startswith(
        "no agent is registered with the LiveKit server; its log: failed to connect"
    )
    assert "LIVEKIT_URL" in found.advice
    assert (
        "no agent is registered"
        in why(before=(on_server(""), on_server("", "last worker deregistered"))).reason
    )


def test_of_a_server_that_is_not_ours_nothing_is_claimed() -> None:
    """Its log is not there."""
    assert why_missing(Missed(ROOM, None)) is None


@pytest.mark.parametrize("offered", [{"agent": (OFFERED, CRASH)}, {"agent": (CRASH,), "server": (ASSIGNED,)}])
def test_a_crashed_job_is_quoted_with_its_exception(offered: dict[str, tuple[str, ...]]) -> None:
    """Whichever log says that the call was offered."""
    found = why(**offered)  # type: ignore[arg-type]
    assert found.reason.startswith("the agent took the call, and then its log says: unhandled exception")
    assert found.reason.endswith("ValueError: no voice.onnx")


def test_a_process_that_died_is_quoted() -> None:
    """What killed it may have left no traceback."""
    died = agent_line("process exited with non-zero exit code -9", "ERROR", room=ROOM)
    assert "exit code -9" in why(agent=(OFFERED, died)).reason


def test_a_traceback_in_text_is_quoted_by_its_last_line() -> None:
    """The header says nothing."""
    lines = ("Traceback (most recent call last):", '  File "agent.py", line 7', "OSError: no such model")
    assert why(agent=(OFFERED, *lines)).reason.endswith("its log says: OSError: no such model")


def test_errors_of_other_calls_are_left_out() -> None:
    """Several callers may have dialed at once."""
    other = agent_line("boom", "ERROR", room="voicegate-d385a7-call-02")
    assert "boom" not in why(agent=(OFFERED, other)).reason


def test_a_call_that_was_taken_slowly() -> None:
    """It may be loading: then waiting longer helps."""
    found = why(
        agent=(OFFERED, agent_line("no warmed process available for job, waiting for one to be created"))
    )
    assert "did not join in time; it had no process ready" in found.reason
    assert "join_timeout_s" in found.advice


def test_a_call_that_was_refused() -> None:
    """By the agent's own request function, which the server tells of."""
    refused = server_line(
        "service/agentservice.go:427",
        "failed to assign job to worker",
        error="worker not available",
        room=ROOM,
    )
    assert "(LiveKit server: worker not available)" in why(agent=(OFFERED,), server=(refused,)).reason
    silent = agent_line(
        "no answer was given inside the job_request_fnc, automatically rejecting the job", "WARNING"
    )
    assert "the agent refused the call" in why(agent=(OFFERED, silent)).reason


def test_a_job_that_never_connects() -> None:
    """LiveKit warns of it after ten seconds."""
    warning = agent_line(
        "The room connection was not established within 10 seconds after calling job_entry.",
        "WARNING",
        room=ROOM,
    )
    found = why(agent=(OFFERED, warning))
    assert "did not connect" in found.reason
    assert "ctx.connect()" in found.advice


def test_of_an_agent_that_joined_nothing_is_said_that_contradicts_it() -> None:
    """Whatever else the logs say: its own errors, or that it was not heard."""
    odd = LogAt((registered("other"), FULL), (NO_SERVERS,))
    found = why_missing(Missed(ROOM, "desk", LogAt((FULL,), (OFFERED, CRASH)), odd, joined=True))
    assert found is not None
    assert found.reason.endswith("ValueError: no voice.onnx")
    for agent, log in ((LogAt((), (OFFERED,)), "its log names no error; "), (LogAt(), "")):
        found = why_missing(Missed(ROOM, "desk", agent, odd, joined=True))
        assert found is not None
        assert found.reason == f"{log}either its session had not begun by then, or it has no audio output"
        assert "session.start" in found.advice


def test_lines_are_read_as_the_gate_file_says() -> None:
    """An agent for Node has numbers for levels."""
    lines = LogLines(message="msg", level_names={"50": "ERROR"})
    node = json.dumps({"msg": "boom", "level": 50, "err": {"type": "Error", "message": "no key"}})
    found = why_missing(Missed(ROOM, None, LogAt((), (node,)), lines=lines))
    assert found is not None
    assert found.reason == "the agent's log says: boom: Error: no key"
