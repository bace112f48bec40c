"""Agents that are not ours: how they are had, what they log and how they are built is in their gate files alone."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from end_to_end.gate_runs import GateRun, RunGate
from voicegate.drive.livekit_server.server import livekit_server
from voicegate.settings import LiveKitSection

pytestmark = [pytest.mark.end_to_end, pytest.mark.slow, pytest.mark.timeout(600)]

REPOSITORY = Path(__file__).parents[2]
AGENTS = REPOSITORY / "tests" / "foreign_agents"
NO_CONTRACT = {"C1", "C2", "C3", "C8"}
MODELS = REPOSITORY / "agent" / "voicegate_agent" / "models"
ONE_CALL = ("--scenario", "page")
"""A single call; those from a web page would follow, and these agents have none."""
ONE_AND_THREE = ("--scenario", "benefit")
"""A call, and three at once; the same calls without shared models would follow, and these agents name no way to have them."""
MICRO_MODELS = {"ASR_MODEL": str(MODELS / "micro"), "TTS_VOICE": str(MODELS / "voice" / "voice.onnx")}


@pytest.fixture
def rehearsal_models() -> dict[str, str]:
    """Have the full-size models, and say where they are."""
    listed = subprocess.run(
        [sys.executable, "-m", "voicegate_agent", "models", "--json"],
        cwd=REPOSITORY,
        env=os.environ | {"VOICEGATE_PROFILE": "rehearsal"},
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    paths = [Path(file["path"]) for file in json.loads(listed)["files"]]
    asr = next(path.parent for path in paths if path.name == "model.bin")
    return {"ASR_MODEL": str(asr), "TTS_VOICE": str(next(path for path in paths if path.suffix == ".onnx"))}


def test_globals_in_processes_are_no_sharing(run_gate: RunGate, rehearsal_models: dict[str, str]) -> None:
    """BestBox's agent says that it shares its models, and every call loads its own."""
    run = run_gate("verify", "--gate", str(AGENTS / "bestbox.toml"), environment=rehearsal_models)
    assert run.exit_code == 1, run.terminal
    assert {"C2", "C3", "C4", "C5"} <= run.failed, run.terminal
    assert run.failed <= {"C2", "C3", "C4", "C5", "C7", "G7"}, (
        "four loads are a lot, and its jobs outlive their calls: the models of the first are gone with it"
    )
    assert "C1" in run.with_status("pass"), "the first call looks right: that is the trap"


def test_an_agent_without_a_contract_is_judged_by_the_rest(run_gate: RunGate) -> None:
    """LiveKit's starter is called by its name, and its text log is read; it says nothing about models, and its jobs outlive their calls by 6 s."""
    run = run_gate("verify", "--gate", str(AGENTS / "starter.toml"), *ONE_AND_THREE)
    assert run.with_status("not_run") >= NO_CONTRACT
    assert {"C7", "G2", "G3", "G7", "G11"} <= run.with_status("pass"), run.terminal
    assert run.failed <= {"C5"}, "a process of its own costs about as much as a connection may"
    assert any(line["level"] == "INFO" for line in log_of(run)), "the text log was taken apart"


def test_jobs_that_outlive_their_calls_are_no_leak(run_gate: RunGate) -> None:
    """LiveKit keeps the rooms of a stock agent for 20 s: both levels are taken when they are gone. Its calls are threads; the starter's are processes."""
    run = run_gate("verify", "--gate", str(AGENTS / "stock.toml"))
    assert {"G2", "G3", "G7"} <= run.with_status("pass"), run.terminal
    assert run.failed <= {"C5"}, "a job of its own costs about as much as a connection may"


def test_an_agent_in_company_is_judged_by_its_answers(run_gate: RunGate) -> None:
    """Noise on a track that comes before the voice's is not heard, a helper who leaves is not the agent, and a filler is not the answer: its caller waits."""
    run = run_gate("verify", "--gate", str(AGENTS / "company.toml"), *ONE_CALL)
    assert run.exit_code == 0, run.terminal
    assert {"G2", "G3", "G4"} <= run.with_status("pass"), run.terminal
    turns = [event for event in events_of(run) if event["kind"] == "turn"]
    assert turns
    assert all(turn["latency_s"] > 3.0 and "moment" not in turn["reply_text"] for turn in turns)


def test_a_leak_in_an_agent_that_runs_already_is_seen(run_gate: RunGate, tmp_path: Path) -> None:
    """With its PID and its log file, what every call leaves in its threads adds up; with nothing but its server it is judged by its answers. It is left alone."""
    asyncio.run(_judge_a_running_agent(run_gate, tmp_path))


async def _judge_a_running_agent(run_gate: RunGate, folder: Path) -> None:
    async with livekit_server(
        LiveKitSection(departure_timeout_s=6),
        os.environ,
        cache=platformdirs.user_cache_path("voicegate"),
        log=folder / "server.log",
        progress=print,
        on_step=lambda *_: None,
    ) as server:
        with agent_of_somebody_else(folder, server.environment()) as agent:
            (folder / "agent.pid").write_text(str(agent.pid))
            judged = partial(judge, run_gate, folder, server.environment())
            watched = await asyncio.to_thread(judged, WATCHED, "soak", "--cycles", "4")
            assert watched.exit_code == 1, watched.terminal
            assert watched.failed == {"C6"}, watched.terminal
            assert {"C5", "G2", "G11"} <= watched.with_status("pass"), watched.terminal
            assert watched.with_status("not_run") >= NO_CONTRACT | {"G6", "G10"}
            assert any("received job request" in line["message"] for line in log_of(watched))
            unseen = await asyncio.to_thread(judged, "[agent]\nrunning = true\n", "verify", *ONE_CALL)
            assert "G2" in unseen.with_status("pass"), unseen.terminal
            assert unseen.with_status("not_run") >= {"C1", "C4", "C5", "C6", "C7", "C8", "G7", "G11"}
            assert unseen.failed == set()
            assert agent.poll() is None, "the gate does not stop what it did not start"


WATCHED = """
[agent]
pid_file = 'agent.pid'
log = 'file'
log_file = 'agent.log'
expected_reply = ''  # what it says to anything but a code is its own business
[log]
asr_initializing = ''
memory_healthy = ''
tolerated = ['data channel .* closed unexpectedly']
[limits]
cycles_needed = 3  # 20 MB a call are seen sooner than a leak that a release may have
"""


def judge(run_gate: RunGate, folder: Path, livekit: dict[str, str], text: str, *command: str) -> GateRun:
    """Run the gate on the running agent."""
    gate = folder / "gate.toml"
    gate.write_text(
        text + "[criteria]\noff = ['C4', 'G9', 'T1', 'T6']\n[scenario]\nreply_timeout_s = 30\n",
        encoding="utf-8",
    )
    return run_gate(*command, "--gate", str(gate), environment=livekit)


@contextmanager
def agent_of_somebody_else(folder: Path, livekit: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the leaky agent, registered with a server, with its log in a file."""
    log = folder / "agent.log"
    with log.open("wb") as output:
        agent = subprocess.Popen(
            [sys.executable, str(AGENTS / "leaky_threads.py"), "start"],
            env=os.environ | livekit | MICRO_MODELS,
            stdout=output,
            stderr=output,
        )
    try:
        wait_for_line(log, b"registered worker", agent)
        yield agent
    finally:
        agent.terminate()
        try:
            agent.wait(15)
        except subprocess.TimeoutExpired:
            agent.kill()
            agent.wait()


def wait_for_line(log: Path, line: bytes, agent: "subprocess.Popen[bytes]") -> None:
    """Wait until the agent has written this."""
    for _ in range(600):
        if line in log.read_bytes():
            return
        try:
            agent.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
        break
    raise AssertionError(f"the agent did not come up: {log.read_text()}")


def log_of(run: GateRun) -> list[dict[str, Any]]:
    """Return the log lines that a run recorded."""
    return [event for event in events_of(run) if event["kind"] == "log"]


def events_of(run: GateRun) -> list[dict[str, Any]]:
    """Return all that a run recorded."""
    recording = (run.out / "latest" / "recording.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in recording.splitlines()]
