"""Runs of a benchmark whose time is made up: measured in turns, kept, compared with the last one."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from voicegate.history.history_file import read_history

pytestmark = pytest.mark.slow

TESTS = Path(__file__).parents[1]
CONFTEST = dedent('''
    import json, os
    import pytest
    from side_by_side.machine import CpuUse

    pytest_plugins = ["side_by_side.plugin"]


    @pytest.fixture
    def read_cpu_use():
        """Have a machine that others use as much as is planned."""
        others_s = json.loads(os.environ["PLAN"]).get("others_s", 0) * os.cpu_count()
        readings = iter([CpuUse(0, 0, 0), CpuUse(10, others_s, 0)])
        return lambda: next(readings)
''')
BENCHMARK = dedent('''
    import json, os
    import pytest

    plan = json.loads(os.environ["PLAN"])
    elapsed_s, done = 0.0, []


    def clock():
        return elapsed_s


    def taking(name, seconds, units):
        def way():
            global elapsed_s
            done.append(name)
            elapsed_s += seconds[done.count(name) % len(seconds)]
            assert not plan.get("broken")
            if len(done) == plan.get("interrupted_after"):
                raise KeyboardInterrupt
            return units
        return way


    @pytest.mark.benchmark(group="toys", timer=clock, min_rounds=5, max_time=0)
    def bench_toy(side_by_side):
        """Take time in turns."""
        ours, beside = taking("ours", plan["ours_s"], plan.get("units", 1)), taking("beside", [0.5], 1)
        side_by_side(ours, beside, unit="toy", beside_is="another toy", conditions=plan.get("conditions"))
        print("in turns:", *done)
''')

Bench = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Give a function that runs the benchmark in a process of its own, with the configuration of the real ones."""
    folder = tmp_path / "toys"
    folder.mkdir()
    shutil.copy(TESTS / "benchmarks" / "pytest.toml", folder)
    (folder / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    (folder / "bench_toy.py").write_text(BENCHMARK, encoding="utf-8")

    def run(*options: str, **plan: object) -> "subprocess.CompletedProcess[str]":
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-c",
            str(folder / "pytest.toml"),
            str(folder),
            "-s",
            *options,
        ]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        environment = inherited | {"PLAN": json.dumps(plan), "PYTHONPATH": str(TESTS)}
        return subprocess.run(
            command,
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    return run


def saved(tmp_path: Path) -> Sequence[dict[str, Any]]:
    """Read what was kept, in the order of the runs."""
    files = sorted((tmp_path / "reports" / "out" / "benchmarks").glob("*/*.json"))
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


def test_both_ways_are_measured_in_turns_and_kept(bench: Bench, tmp_path: Path) -> None:
    """One round to warm up, then five; what is kept is per unit, with the ratio."""
    done = bench(ours_s=[0.2], units=2)
    assert done.returncode == 0, done.stdout
    assert f"in turns: {' '.join(['beside ours'] * 6)}" in done.stdout
    assert "Nothing to compare with yet" in done.stdout
    (run,) = saved(tmp_path)
    (one,) = run["benchmarks"]
    assert one["stats"]["rounds"] == 5
    pair = one["extra_info"]["side_by_side"]
    assert (pair["ours_s"], pair["beside_s"]) == pytest.approx((0.1, 0.5))
    assert pair["ratio"] == pytest.approx({"median": 0.2, "low": 0.2, "high": 0.2, "count": 5})
    assert not any(name.startswith("hz_") for name in run["machine_info"]["cpu"])


def test_slower_than_the_last_run_fails(bench: Bench, tmp_path: Path) -> None:
    """It says what, by how much and against which file; the next run is compared with that one."""
    assert bench(ours_s=[0.1]).returncode == 0
    slower = bench(ours_s=[0.12])
    assert slower.returncode == 1, slower.stdout
    assert "SLOWER: toys: toy: ratio 0.240, was 0.200 (+20.0 %) in " in slower.stdout
    summary = (tmp_path / "reports" / "out" / "benchmarks" / "summary.md").read_text(encoding="utf-8")
    assert "1 benchmark slower than last time, by 20.0 % or more" in summary
    again = bench(ours_s=[0.12])
    assert again.returncode == 0, again.stdout
    assert "1 benchmark compared with last time" in again.stdout
    assert len(saved(tmp_path)) == 3
    history = read_history(tmp_path / "reports" / "out" / "history.jsonl")
    assert [one.figures[0].value for one in history.entries] == pytest.approx([0.2, 0.24, 0.24])
    assert [one.verdict for one in history.entries] == ["pass", "fail", "pass"]


def test_another_run_than_the_last_can_be_chosen(bench: Bench) -> None:
    """By its number, with pytest-benchmark's option: what became slower bit by bit is seen."""
    for ours_s in (0.1, 0.11):
        bench(ours_s=[ours_s])
    creeping = bench(ours_s=[0.121])
    assert creeping.returncode == 0, creeping.stdout
    since_first = bench("--benchmark-compare=0001", ours_s=[0.121])
    assert since_first.returncode == 1, since_first.stdout
    assert "was 0.200 (+21.0 %) in Linux" in since_first.stdout


def test_what_may_be_noise_does_not_fail(bench: Bench) -> None:
    """Medians 50 % apart whose middle halves overlap: it is said, and the exit code is 0."""
    bench(ours_s=[0.1, 0.1, 0.1, 0.2, 0.2])
    noisy = bench(ours_s=[0.1, 0.1, 0.15, 0.2, 0.2])
    assert noisy.returncode == 0, noisy.stdout
    assert "PERHAPS SLOWER, run again: toys: toy: ratio 0.300, was 0.200 (+50.0 %)" in noisy.stdout
    assert "the middle halves of both runs overlap" in noisy.stdout


def test_a_busy_machine_does_not_fail(bench: Bench, tmp_path: Path) -> None:
    """What others used is kept with the ratio."""
    bench(ours_s=[0.1])
    busy = bench(ours_s=[0.2], others_s=3)
    assert busy.returncode == 0, busy.stdout
    assert "other programs used 30% of the cores this time" in busy.stdout
    pair = saved(tmp_path)[1]["benchmarks"][0]["extra_info"]["side_by_side"]
    assert pair["others_share"] == pytest.approx(0.3)


def test_other_conditions_are_said(bench: Bench) -> None:
    """Neither fails the run nor is it passed over."""
    bench(ours_s=[0.1], conditions={"model": "micro"})
    other = bench(ours_s=[0.9], conditions={"model": "rehearsal"})
    assert other.returncode == 0, other.stdout
    assert "Not compared: toys: toy: model: rehearsal, last time micro" in other.stdout


def test_a_broken_benchmark_is_not_kept(bench: Bench, tmp_path: Path) -> None:
    """It fails as a test does, and the next run is compared with the one before it."""
    bench(ours_s=[0.1])
    broken = bench(ours_s=[0.9], broken=True)
    assert broken.returncode == 1, broken.stdout
    assert [len(run["benchmarks"]) for run in saved(tmp_path)][:1] == [1]
    after = bench(ours_s=[0.1])
    assert after.returncode == 0, after.stdout
    assert "1 benchmark compared with last time" in after.stdout


@pytest.mark.parametrize("after", [1, 3, 4])
def test_an_interrupted_benchmark_is_not_kept(bench: Bench, tmp_path: Path, after: int) -> None:
    """In the first try, in a round of the other way, in one of ours: pytest says so, and nothing breaks."""
    interrupted = bench(ours_s=[0.1], interrupted_after=after)
    assert interrupted.returncode == pytest.ExitCode.INTERRUPTED, interrupted.stdout
    assert "INTERNALERROR" not in interrupted.stdout
    assert [one for run in saved(tmp_path) for one in run["benchmarks"]] == []


def test_files_that_are_no_runs_are_passed_over(bench: Bench, tmp_path: Path) -> None:
    """A file that was cut off is warned about; the run before it counts."""
    bench(ours_s=[0.1])
    (file,) = (tmp_path / "reports" / "out" / "benchmarks").glob("*/*.json")
    file.with_name("0002_cut-off.json").write_text('{"benchmarks": [', encoding="utf-8")
    done = bench(ours_s=[0.2])
    assert done.returncode == 1, done.stdout
    assert "0002_cut-off.json" in done.stderr


def test_nothing_is_measured_when_nothing_is_asked(bench: Bench, tmp_path: Path) -> None:
    """With pytest-benchmark turned off each way is tried once, and nothing is kept."""
    done = bench("--benchmark-disable", ours_s=[0.1])
    assert done.returncode == 0, done.stdout
    assert "in turns: beside ours\n" in done.stdout
    assert saved(tmp_path) == []
