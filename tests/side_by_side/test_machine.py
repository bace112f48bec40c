"""What other programs use is what is left of the machine's use."""

import subprocess
import sys

import psutil
import pytest
from side_by_side.machine import CpuUse, cpu_use, others_share


@pytest.mark.parametrize(
    ("machine_s", "own_s", "share"),
    [(20.0, 20.0, 0.0), (20.0, 10.0, 0.5), (10.0, 10.1, 0.0), (25.0, 0.0, 1.0)],
    ids=["nobody", "half of two cores", "rounded", "no more than all"],
)
def test_the_share_of_others(machine_s: float, own_s: float, share: float) -> None:
    """Of two cores over ten seconds."""
    before, after = CpuUse(5.0, 100.0, 7.0), CpuUse(15.0, 100.0 + machine_s, 7.0 + own_s)
    assert others_share(before, after, cores=2) == pytest.approx(share)


def test_descendants_are_no_others() -> None:
    """The work of a child counts as ours, while it lives and after it has ended."""
    script = "import sys, time\nwhile time.process_time() < 0.5: pass\nprint(flush=True); sys.stdin.read()"
    before = cpu_use()
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        alive = cpu_use()
        child.communicate()
    ended = cpu_use()
    assert alive.own_s - before.own_s >= 0.4
    assert ended.own_s - before.own_s >= 0.4
    assert ended.machine_s - before.machine_s >= 0.4
    assert 0 <= others_share(before, ended, psutil.cpu_count() or 1) <= 1
