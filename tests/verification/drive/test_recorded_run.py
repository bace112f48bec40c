"""One whole run on a real LiveKit server, with an agent that is not ours, and what its recording holds."""

import asyncio
from datetime import datetime
from pathlib import Path

import pytest
from fakes.offline_latency import latencies
from fakes.parrots import TWO_AT_ONCE, parrot_settings, survivors
from voicegate.drive.run import run_scenario
from voicegate.drive.scenario import Calls, Scenario, Step
from voicegate.drive.script import ScriptStep
from voicegate.judge.registry import Limits
from voicegate.measure.played_steps import played_steps
from voicegate.measure.taking_part import elsewhere
from voicegate.measure.turns import measured
from voicegate.names import StepKind
from voicegate.record.recording import read_recording
from voicegate.record.wav import read_wav

pytestmark = [pytest.mark.end_to_end, pytest.mark.slow]

SCRIPT = (
    ScriptStep("code"),
    ScriptStep(sound="cough", for_s=0.2, into_reply_s=0.2),
    ScriptStep("code", pause_s=0.5),
    ScriptStep(sound="silence", for_s=1.0),
)
STEPS: tuple[Step, ...] = (*TWO_AT_ONCE, Calls("conversation", 1, ("code",), settle_s=0, script=SCRIPT))
SECRET = "parrots-like-nuts"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Call the parrot once, for several tests."""
    folder = tmp_path_factory.mktemp("parrot")
    notes, agent = {"profiled": "not really"}, f"[agent.env]\nPARROT_TOKEN = '{SECRET}'\n"
    scenario = Scenario(STEPS)
    return asyncio.run(run_scenario(parrot_settings(folder, agent), folder / "out", print, scenario, notes))


def test_a_foreign_agent_is_called_and_recorded(recorded: Path) -> None:
    """Two callers at once, two turns each: what was said, understood, written and heard is all there."""
    recording = read_recording(recorded)

    assert recording.end is not None
    assert recording.end.outcome == "complete"
    assert recording.header.profile == "parrot"
    assert recording.header.environment["profiled"] == "not really"
    assert recording.header.environment["ears"].startswith("the gate's own micro model")
    began_unix_s = recording.header.environment["began_unix_s"]
    earliest_unix_s = datetime.fromisoformat(recording.header.started_at).timestamp()
    # the end is written when all calls were listened to
    latest_unix_s = recorded.stat().st_mtime - recording.end.t
    assert earliest_unix_s <= began_unix_s <= latest_unix_s + 0.01
    assert [(p.name, p.edge) for p in recording.phases] == [
        (step.phase, edge) for step in STEPS for edge in ("begin", "end")
    ]
    assert sorted((turn.call, turn.index) for turn in recording.turns) == [
        *((call, index) for call in ("call-01", "call-02") for index in (0, 1)),
        ("call-03", 0),
    ]
    assert len({turn.said_code for turn in recording.turns}) == 5
    for turn in recording.turns:
        assert turn.transcript == "my code is one two three"
        assert turn.reply_text == "Your code is one two three."
        assert turn.reply_audio_s >= 0.9  # a late packet on a busy machine lengthens a reply
        assert turn.latency_s is not None
        assert 0.2 < turn.latency_s < 10


def test_memory_and_log_are_recorded_and_nothing_is_left(recorded: Path) -> None:
    """Every sample has the agent's processes, the raw log lies beside the recording, all of it has ended."""
    recording = read_recording(recorded)

    assert len(recording.memory) > 10
    assert all(sample.complete and sample.processes for sample in recording.memory)
    assert {p.role for sample in recording.memory for p in sample.processes} >= {"main"}
    assert any("registered worker" in line.message for line in recording.log)
    assert (recorded.parent / "agent.log").stat().st_size > 0
    assert not survivors(recording)


def test_no_file_of_a_run_holds_a_secret(recorded: Path) -> None:
    """The agent logged what it was given, and the keys of the server; neither is in what is recorded and kept."""
    said = "It says its secrets: ***, ***, ***"
    assert sum(said in line.message for line in read_recording(recorded).log) == 3, "once a call"
    assert (recorded.parent / "agent.log").read_text().count(said) == 3
    files = [path for path in recorded.parent.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"recording.jsonl", "agent.log", "livekit-server.log"}
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]


def test_who_used_the_processors_is_recorded(recorded: Path) -> None:
    """And how late the callers were; the agent's processes are known by their sockets."""
    recording = read_recording(recorded)
    assert len(recording.processors) >= len(recording.memory) - 1
    assert set(recording.processors[-1].used_s) == {"livekit-server", "callers", "gate"}
    assert {note.process for note in recording.callers} == {"gate"}
    assert max(note.calls for note in recording.callers) == 2
    assert elsewhere(recording) == ()
    assert any(one.call_sockets for sample in recording.memory for one in sample.processes)


def test_the_audio_alone_gives_the_latency_again(recorded: Path) -> None:
    """Both files of a call begin together: measuring the pair anew, by another method, finds the recorded latencies."""
    recording = read_recording(recorded)

    for call in ("call-01", "call-02"):
        turns = sorted((turn for turn in recording.turns if turn.call == call), key=lambda turn: turn.index)
        said, rate = read_wav(recorded.parent / str(turns[0].said_audio))
        heard, _ = read_wav(recorded.parent / str(turns[0].heard_audio))
        assert len(said) == len(heard)
        again_s = latencies(said, heard, rate, len(turns))
        assert again_s == pytest.approx([turn.latency_s for turn in turns], abs=0.02)


def test_a_scripted_call_is_recorded(recorded: Path) -> None:
    """Each step with its times, both sides' sound of the whole call, and turns that are no turns of the run."""
    recording = read_recording(recorded)
    assert [step.step for step in recording.steps] == ["opening", "disturbance", "pause", "quiet"]
    assert [step.turn for step in recording.steps] == [1, 1, 2, None]
    assert [turn.index for turn in recording.scripted] == [1, 2]
    assert {turn.call for turn in recording.scripted} == {"call-03"}
    assert all(one.t <= one.end_t <= one.over_t for one in recording.steps)
    (sound,) = recording.sounds
    assert len(sound.heard.dbfs) > 1000
    (phase,) = (phase for phase in recording.header.planned or () if phase.steps)
    assert phase.steps == ("opening", "disturbance", "pause", "quiet")
    limits = Limits()
    kinds: tuple[StepKind, ...] = ("opening", "disturbance", "pause", "quiet")
    for kind in kinds:
        (step,), caveats = played_steps(measured(recording, limits), kind, limits)
        assert not caveats
        assert len(step.heard) >= 3  # a tone for each turn
