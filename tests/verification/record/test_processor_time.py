"""Sampling the processors of this machine, and the control groups that bound them."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from voicegate.record.processor_time import CALLERS, GATE, SERVER, ProcessorTime, tightest_quota

BUSY = "import time\nwhile time.process_time() < 0.5: pass\nprint('done', flush=True)\ntime.sleep(600)"


@pytest.fixture
def busy_process() -> Iterator["subprocess.Popen[str]"]:
    """Start a process that works for a while and then waits."""
    process = subprocess.Popen([sys.executable, "-c", BUSY], stdout=subprocess.PIPE, text=True)
    yield process
    process.kill()
    process.wait()


def wait_for_work(process: "subprocess.Popen[str]") -> None:
    """Wait until it has done its work."""
    assert process.stdout is not None
    assert process.stdout.readline() == "done\n"


def test_what_this_process_starts_later_are_the_callers() -> None:
    """They are counted while they live, and still when they have ended."""
    sampler = ProcessorTime(os.getpid(), None, lambda: 7.0)
    before = sampler.sample()
    assert before.used_s[CALLERS] == 0.0
    assert SERVER not in before.used_s
    process = subprocess.Popen([sys.executable, "-c", BUSY], stdout=subprocess.PIPE, text=True)
    try:
        wait_for_work(process)
        during = sampler.sample()
    finally:
        process.kill()
        process.wait()
    after = sampler.sample()
    assert during.t == 7.0
    assert during.used_s[CALLERS] >= 0.3
    assert after.used_s[CALLERS] == during.used_s[CALLERS]
    assert after.busy_s >= before.busy_s + 0.2
    assert 0 < after.cores <= len(os.sched_getaffinity(0))


def test_what_was_there_before_is_no_caller(busy_process: "subprocess.Popen[str]") -> None:
    """The server is told by its PID; the agent is left to its own samples."""
    sampler = ProcessorTime(os.getpid(), busy_process.pid, time.monotonic)
    wait_for_work(busy_process)
    sample = sampler.sample()
    assert sample.used_s[SERVER] >= 0.3
    assert sample.used_s[CALLERS] == 0.0
    times = psutil.Process().cpu_times()
    assert 0 < sample.used_s[GATE] <= times.user + times.system + 0.1


def group(folder: Path, quota: str) -> None:
    """Write the limit of a control group."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cpu.max").write_text(quota + "\n")


def test_the_tightest_control_group_counts(tmp_path: Path) -> None:
    """Of those around this process, and only if it gives less than the cores there are."""
    membership = tmp_path / "cgroup"
    membership.write_text("1:name=systemd:/\n0::/slice/service\n")
    root = tmp_path / "root"
    group(root / "slice" / "service", "max 100000")
    assert tightest_quota(root, membership, 4) is None
    group(root / "slice", "150000 100000")
    quota = tightest_quota(root, membership, 4)
    assert quota is not None
    assert (quota.cores, quota.folder) == (1.5, root / "slice")
    group(root / "slice" / "service", "50000 100000")
    assert tightest_quota(root, membership, 4) is not None
    assert tightest_quota(root, membership, 4).cores == 0.5  # type: ignore[union-attr]
    group(root / "slice" / "service", "400000 100000")
    group(root / "slice", "max 100000")
    assert tightest_quota(root, membership, 4) is None
    assert tightest_quota(root, tmp_path / "absent", 4) is None
