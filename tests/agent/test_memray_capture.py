"""Processes of the agent that record their own allocations, each tried in a process of its own."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import memray
import pytest

RECORDED = """
import sys
from pathlib import Path
from voicegate_agent.memray_capture import Role, recorded
from voicegate_agent.settings import AgentSettings, SettingsError
kept = []
try:
    with recorded(AgentSettings(memray_dir=Path(sys.argv[1])), Role.MODEL_HOST):
        kept.append(bytearray(3_000_000))
except SettingsError as error:
    sys.exit(f"refused: {error}")
"""
WITHOUT_MEMRAY = f"import sys; sys.modules['memray'] = None\n{RECORDED}"

JOBS = """
import multiprocessing, os, sys
from pathlib import Path
from livekit.agents import JobExecutorType, JobProcess
from voicegate_agent.call import prepare_process
from voicegate_agent.settings import AgentSettings

def job(folder, ends):
    process = JobProcess(executor_type=JobExecutorType.PROCESS, user_arguments=None, http_proxy=None)
    prepare_process(AgentSettings(memray_dir=Path(folder)), process)
    kept = bytearray(2_000_000)
    print(os.getpid(), flush=True)
    if ends == "raises":
        raise RuntimeError("no call")

if __name__ == "__main__":
    context = multiprocessing.get_context("forkserver")
    process = context.Process(target=job, args=(sys.argv[1], sys.argv[2]), name="job_proc")
    process.start()
    process.join()
"""


MEMRAYS_OWN = "Memray WARNING: Correcting symbol for "
"""What memray says of a Python that has malloc in its own program, such as Debian's."""


def run(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a Python program to its end."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def never_freed_bytes(path: Path) -> int:
    """Read what a capture says was not freed."""
    with closing(memray.FileReader(path)) as reader:
        return sum(record.size for record in reader.get_leaked_allocation_records())


def test_a_process_records_itself_under_its_role(tmp_path: Path) -> None:
    """Into a folder that is made for it, uncompressed, so that its end takes no time."""
    folder = tmp_path / "new" / "captures"
    done = run(RECORDED, folder)
    said = [line for line in done.stderr.splitlines() if not line.startswith(MEMRAYS_OWN)]
    assert (done.returncode, said) == (0, [])
    (capture,) = folder.iterdir()
    role, _, rest = capture.name.rpartition("-")
    assert (role, rest.removesuffix(".bin").isdecimal()) == ("model-host", True)
    assert never_freed_bytes(capture) >= 3_000_000


def test_nothing_is_recorded_or_imported_unless_wished(tmp_path: Path) -> None:
    """An agent without memray runs as long as nobody asks for a profile."""
    program = WITHOUT_MEMRAY.replace("memray_dir=Path(sys.argv[1])", "memray_dir=None")
    done = run(program, tmp_path)
    assert (done.returncode, list(tmp_path.iterdir())) == (0, [])


def test_an_agent_without_memray_says_so(tmp_path: Path) -> None:
    """With the variable that asked for it, and what to do."""
    done = run(WITHOUT_MEMRAY, tmp_path)
    assert done.returncode == 1
    assert f"VOICEGATE_MEMRAY_DIR is '{tmp_path}', and memray is not installed" in done.stderr
    assert "pip install memray" in done.stderr


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """The message names the variable and the file."""
    (tmp_path / "file").touch()
    done = run(RECORDED, tmp_path / "file" / "captures")
    assert "refused: VOICEGATE_MEMRAY_DIR: cannot record into" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("ends", ["returns", "raises"])
def test_a_job_process_leaves_a_whole_capture(tmp_path: Path, ends: str) -> None:
    """However its function ends: multiprocessing ends a process without Python's exit handlers."""
    program, folder = tmp_path / "jobs.py", tmp_path / "captures"
    program.write_text(JOBS, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(program), str(folder), ends], capture_output=True, text=True, check=True
    )
    capture = folder / f"job-{done.stdout.strip()}.bin"
    with memray.FileReader(capture) as reader:
        snapshots = list(reader.get_memory_snapshots())
        assert reader.metadata.end_time.timestamp() >= snapshots[-1].time / 1000
        assert reader.metadata.peak_memory >= 2_000_000


@pytest.mark.slow
def test_a_job_process_without_memray_takes_its_call(tmp_path: Path) -> None:
    """The main process has refused to start by then; one that got this far loses no call over it."""
    program = tmp_path / "jobs.py"
    program.write_text(
        JOBS.replace("def job(folder, ends):", "def job(folder, ends):\n    sys.modules['memray'] = None")
    )
    done = subprocess.run(
        [sys.executable, str(program), str(tmp_path / "captures"), "returns"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "Allocations are not recorded: VOICEGATE_MEMRAY_DIR is" in done.stderr
    assert done.stdout.strip().isdecimal()
