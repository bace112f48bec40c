"""The gate as people run it: a command, its exit code, its report, and nothing left running."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from end_to_end.gate_runs import GateRun, RunGate
from our_agent import AGENT_GATE

REPOSITORY = Path(__file__).parents[2]
MARK = "VOICEGATE_TEST_RUN"


@pytest.fixture
def run_gate(tmp_path: Path) -> Iterator[RunGate]:
    """Give a function that runs the gate, on our agent unless a gate file is named, and see afterwards that no process of it is left."""
    mark = uuid.uuid4().hex

    def run(
        *arguments: str, environment: dict[str, str] | None = None, prefix: tuple[str, ...] = ()
    ) -> GateRun:
        out = tmp_path / "out"
        ours = () if "--gate" in arguments or arguments[0] == "prove" else ("--gate", str(AGENT_GATE))
        command = [*prefix, sys.executable, "-m", "voicegate", *arguments, *ours, "--out", str(out)]
        done = subprocess.run(
            command,
            cwd=REPOSITORY,
            env=os.environ | {MARK: mark} | (environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=600,
            check=False,
        )
        return GateRun(done.returncode, done.stdout, out)

    yield run
    assert _still_running(mark) == []


def _still_running(mark: str) -> list[str]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark:
                found.append(f"{process.pid} {' '.join(process.cmdline())}")
        except psutil.Error:
            continue
    return found
