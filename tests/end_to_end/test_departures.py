"""Callers who write, mute, hang up and vanish, in real calls with our agent."""

from pathlib import Path

import pytest
from end_to_end.gate_runs import RunGate
from our_agent import EXTENDS_OURS
from voicegate.record.recording import read_recording

pytestmark = [pytest.mark.end_to_end, pytest.mark.slow, pytest.mark.timeout(400)]

GATE = f"""{EXTENDS_OURS}
[agent]
profile = "micro"
[livekit]
departure_timeout_s = 6
[scenario]
file = "calls.toml"
join_timeout_s = 60
[criteria]
on = ["T3", "T5", "T8", "G11"]
"""
CALLS = """
[[calls]]
callers = 2
steps = [
    { say = "code" },
    { vanish = true, into_reply_ms = 400 },
]
[[calls]]
steps = [
    { text = "hello", expect = { answer = { words = ["hello"] }, within_ms = 4000 } },
    { mute_ms = 2000 },
    { sound = "noise", for_ms = 1000, level_db = -6 },
    { say = "code" },
    { mute_ms = 800, into_reply_ms = 400 },
    { say = "code" },
    { hang_up = true, into_reply_ms = 400 },
]
"""


def test_callers_write_and_go(run_gate: RunGate, tmp_path: Path) -> None:
    """The agent answers a message, is quiet while nobody can speak, goes on over a mute, and is rid of callers who are gone.

    Those who vanish come first: LiveKit lets go of them while the other one talks.
    """
    (tmp_path / "gate.toml").write_text(GATE)
    (tmp_path / "calls.toml").write_text(CALLS)
    run = run_gate("verify", "--gate", str(tmp_path / "gate.toml"))
    assert run.exit_code == 0, run.terminal

    recording = read_recording(run.out / "latest" / "recording.jsonl")
    ends = {
        (event.call, event.step)
        for event in recording.calls
        if event.step in ("hung_up", "vanished", "failed")
    }
    assert ends == {("call-01", "vanished"), ("call-02", "vanished"), ("call-03", "hung_up")}
    assert [step.step for step in recording.steps if step.call == "call-01"] == ["opening", "vanish"]
    assert {turn.call for turn in recording.scripted} == {"call-01", "call-02", "call-03"}
    assert recording.rooms[-1].names == ()
