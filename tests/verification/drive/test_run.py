"""Whole runs on a real LiveKit server, with an agent that is not ours."""

import asyncio
from datetime import datetime
from pathlib import Path

import psutil
import pytest
from fakes.offline_latency import latencies
from live import until
from voicegate.drive.agent_process import AgentError
from voicegate.drive.run import run_scenario
from voicegate.drive.scenario import Calls, Rest, Scenario, Soak, Step, cycles
from voicegate.drive.script import ScriptStep
from voicegate.judge.registry import Limits
from voicegate.measure.played_steps import played_steps
from voicegate.measure.taking_part import elsewhere
from voicegate.measure.turns import measured
from voicegate.names import StepKind
from voicegate.record.events import Recording
from voicegate.record.recording import read_recording
from voicegate.record.wav import read_wav
from voicegate.settings import GateSettings, load_settings

pytestmark = [pytest.mark.end_to_end, pytest.mark.slow]
CALLED_ONCE = pytest.mark.xdist_group("one call of the parrot")
"""In one process, which makes the call for all of them."""

PARROT = Path(__file__).parents[2] / "foreign_agents" / "parrot.py"
TWO_AT_ONCE: tuple[Step, ...] = (
    Rest("baseline", 1),
    Calls("two-at-once", 2, ("code", "code")),
    Rest("after-all", 1),
)
PAIR = Scenario(TWO_AT_ONCE)
SECRET = "parrots-like-nuts"


def parrot_settings(folder: Path, agent: str = "") -> GateSettings:
    """Make settings for the parrot; `agent` is more of the [agent] section."""
    gate = folder / "gate.toml"
    gate.write_text(f'[agent]\ncommand = ["{{python}}", "{PARROT}", "start"]\nprofile = "parrot"\n{agent}')
    return load_settings(gate)


def survivors(recording: Recording) -> list[int]:
    """List the processes of a recording that still run."""
    pids = {p.pid for p in recording.processes} | {p.pid for s in recording.memory for p in s.processes}
    return [
        pid for pid in pids if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    ]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Call the parrot once, for several tests."""
    folder = tmp_path_factory.mktemp("parrot")
    notes, agent = {"profiled": "not really"}, f"[agent.env]\nPARROT_TOKEN = '{SECRET}'\n"
    return asyncio.run(run_scenario(parrot_settings(folder, agent), folder / "out", print, PAIR, notes))


@CALLED_ONCE
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
        (step.phase, edge) for step in TWO_AT_ONCE for edge in ("begin", "end")
    ]
    assert sorted((turn.call, turn.index) for turn in recording.turns) == [
        (call, index) for call in ("call-01", "call-02") for index in (0, 1)
    ]
    assert len({turn.said_code for turn in recording.turns}) == 4
    for turn in recording.turns:
        assert turn.transcript == "my code is one two three"
        assert turn.reply_text == "Your code is one two three."
        assert turn.reply_audio_s >= 0.9  # a late packet on a busy machine lengthens a reply
        assert turn.latency_s is not None
        assert 0.2 < turn.latency_s < 10


@CALLED_ONCE
def test_memory_and_log_are_recorded_and_nothing_is_left(recorded: Path) -> None:
    """Every sample has the agent's processes, the raw log lies beside the recording, all of it has ended."""
    recording = read_recording(recorded)

    assert len(recording.memory) > 10
    assert all(sample.complete and sample.processes for sample in recording.memory)
    assert {p.role for sample in recording.memory for p in sample.processes} >= {"main"}
    assert any("registered worker" in line.message for line in recording.log)
    assert (recorded.parent / "agent.log").stat().st_size > 0
    assert not survivors(recording)


@CALLED_ONCE
def test_no_file_of_a_run_holds_a_secret(recorded: Path) -> None:
    """The agent logged what it was given, and the keys of the server; neither is in what is recorded and kept."""
    said = "It says its secrets: ***, ***, ***"
    assert sum(said in line.message for line in read_recording(recorded).log) == 2
    assert (recorded.parent / "agent.log").read_text().count(said) == 2
    files = [path for path in recorded.parent.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"recording.jsonl", "agent.log", "livekit-server.log"}
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]


@CALLED_ONCE
def test_who_used_the_processors_is_recorded(recorded: Path) -> None:
    """And how late the callers were; the agent's processes are known by their sockets."""
    recording = read_recording(recorded)
    assert len(recording.processors) >= len(recording.memory) - 1
    assert set(recording.processors[-1].used_s) == {"livekit-server", "callers", "gate"}
    assert {note.process for note in recording.callers} == {"gate"}
    assert max(note.calls for note in recording.callers) == 2
    assert elsewhere(recording) == ()
    assert any(one.call_sockets for sample in recording.memory for one in sample.processes)


@CALLED_ONCE
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


async def test_an_agent_that_dies_in_a_call_ends_the_scenario(tmp_path: Path) -> None:
    """The recording says that it died and why; what was recorded until then is kept, nothing is left running."""
    settings = parrot_settings(tmp_path, "[agent.env]\nPARROT_DIES = '1'\n")

    recording = read_recording(await run_scenario(settings, tmp_path / "out", print, PAIR))

    assert recording.end is not None
    assert recording.end.outcome == "failed"
    assert "died with exit code 3" in (recording.end.detail or "")
    assert "out of memory" in (recording.end.detail or "")
    assert [(p.what, p.step) for p in recording.processes if p.what == "agent"][-1] == ("agent", "died")
    assert {call.call for call in recording.calls if call.step == "failed"} == {"call-01", "call-02"}
    assert recording.memory
    assert not survivors(recording)


async def test_an_agent_that_never_registers_is_an_error(tmp_path: Path) -> None:
    """The error says what was waited for; the recording is kept and ends as failed."""
    settings = parrot_settings(tmp_path, "ready_timeout_s = 12\nready_pattern = 'never said'\n")

    with pytest.raises(
        AgentError, match=r"(?s)within agent\.ready_timeout_s = 12 s.*'never said'.*registered worker"
    ):
        await run_scenario(settings, tmp_path / "out", print, PAIR)

    recording = read_recording(tmp_path / "out" / "recording.jsonl")
    assert recording.end is not None
    assert recording.end.outcome == "failed"
    assert not survivors(recording)


async def test_an_agent_that_takes_no_call_fails_the_calls(tmp_path: Path) -> None:
    """An agent that waits for a dispatch nobody makes is not waited for without end, and the reason is in the logs."""
    settings = parrot_settings(tmp_path, "agent_name = 'somebody-else'\n[scenario]\njoin_timeout_s = 3\n")

    recording = read_recording(await run_scenario(settings, tmp_path / "out", print, PAIR))

    failed = {call.call: call.detail for call in recording.calls if call.step == "failed"}
    asked = "the call asked for an agent called 'somebody-else', and the agent registered under no name"
    assert failed == dict.fromkeys(("call-01", "call-02"), f"no agent joined within 3 s: {asked}")
    assert all("agent_name" in (call.advice or "") for call in recording.calls if call.step == "failed")
    assert recording.end is not None
    assert recording.end.outcome == "complete"
    assert recording.turns == ()


async def test_an_interrupted_run_keeps_its_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C in a call: the call's audio and an end that says so are in the recording, nothing is left running, no secret is told."""
    monkeypatch.setenv("HF_TOKEN", "s3cr3t-value")
    settings = parrot_settings(tmp_path)
    path = tmp_path / "out" / "recording.jsonl"

    playing = asyncio.create_task(run_scenario(settings, tmp_path / "out", print, PAIR))
    await until(lambda: path.is_file() and '"agent_audio"' in path.read_text(), 120, "a call")
    told = tmp_path / "out" / "livekit-told.log"
    told.write_text("the key is s3cr3t-value\n")
    playing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await playing

    recording = read_recording(path)
    assert recording.end is not None
    assert recording.end.outcome == "interrupted"
    assert [p.step for p in recording.processes if p.what == "agent"] == ["started", "ready", "stopped"]
    assert {call.step for call in recording.calls} >= {"dialed", "failed", "hung_up"}
    assert not survivors(recording)
    assert told.read_text() == "the key is ***\n"


SOURCE = "_SHARED = None\n"
GC_ACT = "[acts.forced_gc]\nenv = { PARROT_REPORTS_S = '3' }\n"


async def test_acts_follow_the_run_proper(tmp_path: Path) -> None:
    """Each with an agent started anew, a recording of its own in the same file, and calls numbered through.

    The act waits for a report of memory while nobody calls.
    """
    source = tmp_path / "shared.py"
    source.write_text(SOURCE)
    text = f"[source]\nfiles = ['{source}']\nnames = ['_SHARED']\n" + GC_ACT
    proper: tuple[Step, ...] = (
        Rest("baseline", 1),
        Calls("first-call", 1, ("code",)),
        Rest("after-first", 1),
    )

    path = await run_scenario(
        parrot_settings(tmp_path, text),
        tmp_path / "out",
        print,
        Scenario(proper, acts=("forced-gc", "unshared")),
    )

    recording = read_recording(path)
    assert list(recording.acts) == ["forced-gc"]
    act = recording.acts["forced-gc"]
    assert act.act is not None
    assert act.act.env == {"PARROT_REPORTS_S": "3"}
    assert act.end is not None
    assert act.end.outcome == "complete"
    assert {call.call for call in recording.calls} == {"call-01"}
    assert {call.call for call in act.calls} == {"call-02", "call-03", "call-04"}
    assert len({turn.said_code for turn in (*recording.turns, *act.turns)}) == 4
    for part in (recording, act):
        steps = [event.step for event in part.processes if event.what == "agent"]
        assert steps == ["started", "ready", "stopped"]
        assert part.rooms
        assert all(process.sockets for sample in part.memory[-1:] for process in sample.processes)
    assert not {p.pid for s in recording.memory for p in s.processes} & {
        p.pid for s in act.memory for p in s.processes
    }
    assert [(one.line, one.function) for one in recording.sources[0].assignments] == [(1, None)]
    assert [disk.purpose for disk in recording.disks] == ["report", "models"] * 2
    assert (path.parent / "agent.log").is_file()
    assert "forcing garbage" in (path.parent / "agent-forced-gc.log").read_text()
    check_report_without_calls(act)
    assert not survivors(recording)
    assert not survivors(act)


def check_report_without_calls(act: Recording) -> None:
    """See that there are samples from 3 s before a report to 6 s after it, in a phase without calls."""
    begin, end = (phase.t for phase in act.phases if phase.name == "forced-gc")
    reports = [
        line.t for line in act.log if "forcing garbage" in line.message and begin + 3 < line.t < end - 6
    ]
    samples = [sample.t for sample in act.memory if begin < sample.t < end]
    assert any(min(samples) < t - 3 and max(samples) > t + 6 for t in reports)


async def test_an_act_that_breaks_off_ends_the_run_and_leaves_the_run_proper(tmp_path: Path) -> None:
    """The end names the act; the run proper was complete before it began."""
    settings = parrot_settings(tmp_path, "[acts.forced_gc]\nenv = { PARROT_DIES = '1' }\n")

    recording = read_recording(
        await run_scenario(
            settings, tmp_path / "out", print, Scenario((Rest("baseline", 1),), acts=("forced-gc",))
        )
    )

    act = recording.acts["forced-gc"]
    assert recording.end is not None
    assert recording.end.outcome == "complete"
    assert act.end is not None
    assert act.end.outcome == "failed"
    assert (act.end.detail or "").startswith("In the act forced-gc: The agent died with exit code 3")
    assert not survivors(act)


async def test_an_act_without_memory_for_it_is_left_out(tmp_path: Path) -> None:
    """The recording says why, and the run is complete."""
    settings = parrot_settings(
        tmp_path, f"weights_bytes = {10**15}\n[acts.unshared]\nenv = {{ PARROT_X = '1' }}\n"
    )
    told: list[str] = []

    recording = read_recording(
        await run_scenario(
            settings, tmp_path / "out", told.append, Scenario((Rest("baseline", 1),), acts=("unshared",))
        )
    )

    act = recording.acts["unshared"]
    assert act.act is not None
    assert "GB of memory are available, and 3 calls" in (act.act.skipped or "")
    assert not [event for event in act.processes if event.what == "agent"]
    assert act.end is not None
    assert act.end.outcome == "complete"
    assert any(line.startswith("The act unshared is left out: ") for line in told)


async def test_a_soak_goes_on_and_keeps_the_sound_of_what_went_wrong(tmp_path: Path) -> None:
    """The parrot never says the caller's code, so none of its calls is thrown away."""
    scenario = Scenario((Rest("baseline", 1), *cycles(2), Rest("after-all", 1)), soak=Soak(kept_calls=0))

    path = await run_scenario(parrot_settings(tmp_path), tmp_path / "out", print, scenario)

    recording = read_recording(path)
    assert recording.header.environment["scenario"] == "soak"
    assert [turn.call for turn in recording.turns] == ["call-01", "call-02"]
    assert all(turn.heard_audio is not None for turn in recording.turns)
    assert {file.name[:7] for file in (path.parent / "audio").iterdir()} == {"call-01", "call-02"}


async def test_more_cycles_are_played_while_the_recording_so_far_asks_for_them(tmp_path: Path) -> None:
    """Whoever judges is given what is recorded until then, while the run goes on."""
    calls: list[int] = []

    def undecided(recording: Recording) -> bool:
        calls.append(len(recording.turns))
        assert recording.end is None
        return len(calls) < 2

    scenario = Scenario((Rest("baseline", 1), *cycles(1), Rest("after-all", 1)), more_cycles=5)
    settings = parrot_settings(tmp_path)
    path = await run_scenario(settings, tmp_path / "out", print, scenario, undecided=undecided)

    phases = [phase.name for phase in read_recording(path).phases if phase.edge == "begin"]
    assert phases == ["baseline", "cycle-01", "after-cycle-01", "cycle-02", "after-cycle-02", "after-all"]
    assert calls == [1, 2]


async def test_a_scripted_call_is_recorded(tmp_path: Path) -> None:
    """Each step with its times, both sides' sound of the whole call, and turns that are no turns of the run."""
    script = (
        ScriptStep("code"),
        ScriptStep(sound="cough", for_s=0.2, into_reply_s=0.2),
        ScriptStep("code", pause_s=0.5),
        ScriptStep(sound="silence", for_s=1.0),
    )
    calls = Calls("conversation", 1, ("code",), settle_s=0, script=script)
    path = await run_scenario(parrot_settings(tmp_path), tmp_path / "out", print, Scenario((calls,)))
    recording = read_recording(path)
    assert [step.step for step in recording.steps] == ["opening", "disturbance", "pause", "quiet"]
    assert [step.turn for step in recording.steps] == [1, 1, 2, None]
    assert [turn.index for turn in recording.turns] == [0]
    assert [turn.index for turn in recording.scripted] == [1, 2]
    assert all(one.t <= one.end_t <= one.over_t for one in recording.steps)
    (sound,) = recording.sounds
    assert len(sound.heard.dbfs) > 1000
    (phase,) = recording.header.planned or ()
    assert phase.steps == ("opening", "disturbance", "pause", "quiet")
    limits = Limits()
    kinds: tuple[StepKind, ...] = ("opening", "disturbance", "pause", "quiet")
    for kind in kinds:
        (step,), doubts = played_steps(measured(recording, limits), kind, limits)
        assert not doubts
        assert len(step.heard) >= 3  # a tone for each turn
