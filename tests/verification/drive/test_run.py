"""Whole runs on a real LiveKit server, with an agent that is not ours; test_recorded_run.py has one run that goes well."""

import asyncio
from pathlib import Path

import pytest
from fakes.parrots import TWO_AT_ONCE, parrot_settings, survivors
from live import until
from voicegate.drive.agent_process import AgentError
from voicegate.drive.run import run_scenario
from voicegate.drive.scenario import Calls, Rest, Scenario, Soak, cycles
from voicegate.record.events import Recording
from voicegate.record.recording import read_recording

pytestmark = [pytest.mark.end_to_end, pytest.mark.slow]

PAIR = Scenario(TWO_AT_ONCE)


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
        AgentError, match=r"(?s)within agent\.ready_timeout_s = 12 s.*'never said'.*preloading plugins"
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
GC_VARIANT = "[variants.forced_gc]\nenv = { PARROT_REPORTS_S = '3' }\n"


async def test_more_cycles_and_variants_follow_the_main_run(tmp_path: Path) -> None:
    """Cycles while the recording so far asks for them; variants each with an agent started anew, a recording of its own in the same file, and calls numbered through.

    Whoever asks for cycles is given what is recorded until then, while the run goes on. The variant waits for a report of memory while nobody calls.
    """
    source = tmp_path / "shared.py"
    source.write_text(SOURCE)
    text = f"[source]\nfiles = ['{source}']\nnames = ['_SHARED']\n" + GC_VARIANT
    scenario = Scenario(
        (Rest("baseline", 1), *cycles(1), Rest("after-all", 1)),
        variants=("forced-gc", "unshared"),
        more_cycles=5,
    )
    so_far: list[int] = []

    def undecided(recording: Recording) -> bool:
        so_far.append(sum(event.step == "dialed" for event in recording.calls))
        assert recording.end is None
        return len(so_far) < 2

    settings = parrot_settings(tmp_path, text)
    path = await run_scenario(settings, tmp_path / "out", print, scenario, undecided=undecided)

    recording = read_recording(path)
    phases = [phase.name for phase in recording.phases if phase.edge == "begin"]
    assert phases == ["baseline", "cycle-01", "after-cycle-01", "cycle-02", "after-cycle-02", "after-all"]
    assert so_far == [1, 2]
    assert list(recording.variants) == ["forced-gc"]
    variant = recording.variants["forced-gc"]
    assert variant.variant is not None
    assert variant.variant.env == {"PARROT_REPORTS_S": "3"}
    assert variant.end is not None
    assert variant.end.outcome == "complete"
    assert {call.call for call in recording.calls} == {"call-01", "call-02"}
    assert {call.call for call in variant.calls} == {"call-03", "call-04", "call-05"}
    assert len({turn.said_code for turn in (*recording.turns, *variant.turns)}) == 5
    for part in (recording, variant):
        steps = [event.step for event in part.processes if event.what == "agent"]
        assert steps == ["started", "ready", "stopped"]
        assert part.rooms
        assert all(process.sockets for sample in part.memory[-1:] for process in sample.processes)
    assert not {p.pid for s in recording.memory for p in s.processes} & {
        p.pid for s in variant.memory for p in s.processes
    }
    assert [(one.line, one.function) for one in recording.sources[0].assignments] == [(1, None)]
    assert [disk.purpose for disk in recording.disks] == ["report", "models"] * 2
    assert (path.parent / "agent.log").is_file()
    assert "forcing garbage" in (path.parent / "agent-forced-gc.log").read_text()
    check_report_without_calls(variant)
    assert not survivors(recording)
    assert not survivors(variant)


def check_report_without_calls(variant: Recording) -> None:
    """See that there are samples from 3 s before a report to 6 s after it, in a phase without calls."""
    begin, end = (phase.t for phase in variant.phases if phase.name == "forced-gc")
    reports = [
        line.t for line in variant.log if "forcing garbage" in line.message and begin + 3 < line.t < end - 6
    ]
    samples = [sample.t for sample in variant.memory if begin < sample.t < end]
    assert any(min(samples) < t - 3 and max(samples) > t + 6 for t in reports)


async def test_a_variant_is_left_out_without_memory_and_ends_the_run_where_it_breaks_off(
    tmp_path: Path,
) -> None:
    """The recording says why, or names the variant; the main run was complete before they began."""
    variants = (
        "[variants.unshared]\nenv = { PARROT_X = '1' }\n[variants.forced_gc]\nenv = { PARROT_DIES = '1' }\n"
    )
    settings = parrot_settings(tmp_path, f"weights_bytes = {10**15}\n{variants}")
    scenario = Scenario((Rest("baseline", 1),), variants=("unshared", "forced-gc"))
    told: list[str] = []

    recording = read_recording(await run_scenario(settings, tmp_path / "out", told.append, scenario))

    assert recording.end is not None
    assert recording.end.outcome == "complete"
    left_out = recording.variants["unshared"]
    assert left_out.variant is not None
    assert "GB of memory are available, and 3 calls" in (left_out.variant.skipped or "")
    assert not [event for event in left_out.processes if event.what == "agent"]
    assert left_out.end is not None
    assert left_out.end.outcome == "complete"
    assert any(line.startswith("The variant unshared is left out: ") for line in told)
    broken_off = recording.variants["forced-gc"]
    assert broken_off.end is not None
    assert broken_off.end.outcome == "failed"
    assert (broken_off.end.detail or "").startswith(
        "In the variant forced-gc: The agent died with exit code 3"
    )
    assert not survivors(broken_off)


async def test_a_soak_goes_on_and_keeps_the_sound_of_what_went_wrong(tmp_path: Path) -> None:
    """The parrot never says the caller's code, so none of its calls is thrown away."""
    called = (
        step
        for number in (1, 2)
        for step in (
            Calls(f"cycle-{number:02}", 1, ("code",), settle_s=0),
            Rest(f"after-cycle-{number:02}", 0.5, longer_s=0),
        )
    )
    scenario = Scenario((Rest("baseline", 1), *called, Rest("after-all", 1)), soak=Soak(kept_calls=0))

    path = await run_scenario(parrot_settings(tmp_path), tmp_path / "out", print, scenario)

    recording = read_recording(path)
    assert recording.header.environment["scenario"] == "soak"
    assert [turn.call for turn in recording.turns] == ["call-01", "call-02"]
    assert all(turn.heard_audio is not None for turn in recording.turns)
    assert {file.name[:7] for file in (path.parent / "audio").iterdir()} == {"call-01", "call-02"}
