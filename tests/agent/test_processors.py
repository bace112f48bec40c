"""How many threads are worth having."""

import os
from pathlib import Path

import pytest
from voicegate_agent.processors import usable_cores

CORES = len(os.sched_getaffinity(0))


@pytest.fixture
def membership(tmp_path: Path) -> Path:
    """Be in a group of a group, in both versions' trees."""
    path = tmp_path / "cgroup"
    path.write_text("3:cpu,cpuacct:/pod\n1:name=systemd:/\n0::/slice/service\n")
    return path


def limit(folder: Path, quota: str) -> None:
    """Write the limit of a control group of version 2."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cpu.max").write_text(f"{quota} 100000\n")


@pytest.mark.parametrize("group", ["slice/service", "slice", ""])
def test_the_quota_of_any_group_around_counts(tmp_path: Path, membership: Path, group: str) -> None:
    """In a container its own is at the top; on a machine it may be further in."""
    limit(tmp_path / "root" / group, "100000")
    assert usable_cores(tmp_path / "root", membership) == 1


@pytest.mark.parametrize(
    ("quota", "cores"), [("50000", 1), ("100000", 1), ("199999", 1), ("99900000", CORES)]
)
def test_whole_cores_count(tmp_path: Path, membership: Path, quota: str, cores: int) -> None:
    """Half a core is worth one thread, and a quota above the cores changes nothing."""
    limit(tmp_path / "root" / "slice", quota)
    assert usable_cores(tmp_path / "root", membership) == cores


def test_the_old_version_counts_too(tmp_path: Path, membership: Path) -> None:
    """Its quota stands in two files of the tree of its own."""
    folder = tmp_path / "root" / "cpu" / "pod"
    folder.mkdir(parents=True)
    (folder / "cpu.cfs_quota_us").write_text("100000\n")
    (folder / "cpu.cfs_period_us").write_text("100000\n")
    assert usable_cores(tmp_path / "root", membership) == 1
    (folder / "cpu.cfs_quota_us").write_text("-1\n")
    assert usable_cores(tmp_path / "root", membership) == CORES


def test_without_a_limit_all_cores_count(tmp_path: Path, membership: Path) -> None:
    """No limit, no control groups at all, or nonsense in them: the cores this process is bound to."""
    assert usable_cores(tmp_path / "root", membership) == CORES
    assert usable_cores(tmp_path / "root", tmp_path / "absent") == CORES
    for quota in ("max", "many", "100000 0"):
        limit(tmp_path / "root", quota)
        assert usable_cores(tmp_path / "root", membership) == CORES
