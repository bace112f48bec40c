"""Sampling the memory of real process trees."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from voicegate.record.call_sockets import CallSockets, port_of, read_tables
from voicegate.record.events import Left, MemorySample
from voicegate.record.process_tree import ProcessTree
from voicegate.settings import RoleRule

HOG = 30_000_000
RULES = (
    RoleRule(role="model-host", command="the_host"),
    RoleRule(role="job", command="the_job", parent="the_pool"),
)
SLEEP = "import time; time.sleep(600)"


def child(program: str, name: str) -> str:
    """Return program text that starts another program with "the_" and this name in its command line, and only there."""
    return (
        f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {program!r}, 'the_' + '{name}']);"
    )


@contextmanager
def holder(program: str) -> Iterator[psutil.Popen]:
    """Run a program below this test that says `up` when its tree stands; end the tree afterwards."""
    process = psutil.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        for descendant in [*process.children(recursive=True), process]:
            descendant.kill()
        process.wait()
        process.stdout.close()


def sample_when(tree: ProcessTree, count: int) -> MemorySample:
    """Sample until there are so many processes with memory of their own."""
    deadline = time.monotonic() + 20
    while len((sample := tree.sample()).processes) != count:
        assert time.monotonic() < deadline, sample
        time.sleep(0.05)
    return sample


def test_every_process_is_found_with_its_role() -> None:
    """Main, host and a pool's job are told apart; a job without a pool above it is something else."""
    pool = child(SLEEP, "job") + SLEEP
    program = child(SLEEP, "host") + child(pool, "pool") + child(SLEEP, "job") + SLEEP
    with holder(child(program, "agent") + SLEEP) as process:
        while not process.children():
            time.sleep(0.05)
        main = process.children()[0]
        tree = ProcessTree(process.pid, main.pid, RULES, lambda: 5.0)
        expected = ["job", "main", "model-host", "other", "other"]
        deadline = time.monotonic() + 20
        sample = sample_when(tree, 5)
        while sorted(p.role for p in sample.processes) != expected:
            assert time.monotonic() < deadline, sample  # not every child has become what it is
            sample = sample_when(tree, 5)

    assert sample.t == 5.0
    assert sample.complete
    assert 0 < sample.duration_s < 5


def test_cpu_time_is_read_in_seconds() -> None:
    """What a process has used since it began."""
    busy = "import time\nwhile time.process_time() < 0.5: pass\n" + SLEEP
    with holder(child(busy, "agent") + SLEEP) as process:
        tree = ProcessTree(process.pid, 0, RULES, lambda: 0.0)
        deadline = time.monotonic() + 20
        while (sample_when(tree, 1).processes[0].cpu_s or 0.0) < 0.45:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        used_s = sample_when(tree, 1).processes[0].cpu_s
    assert used_s is not None
    assert 0.45 <= used_s < 2.0


def test_what_nobody_collected_is_named_and_weighs_nothing() -> None:
    """A child that has ended, and whose parent does not ask how."""
    ends = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', '']);" + SLEEP
    with holder(child(ends, "agent") + SLEEP) as process:
        tree = ProcessTree(process.pid, 0, RULES, lambda: 0.0)
        deadline = time.monotonic() + 20
        while not (zombies := tree.sample().zombies) or not zombies.count:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        sample = tree.sample()
    assert sample.zombies == zombies
    assert zombies.count == 1
    assert re.fullmatch(r"python.* \(PID \d+\)", zombies.names[0])
    assert (len(sample.processes), sample.complete) == (1, True)


def test_shared_memory_that_is_never_given_back_is_seen(tmp_path: Path) -> None:
    """A process opened it, and has ended since; what others have there, and temporary files elsewhere, do not count."""
    name = f"voicegate-test-{os.getpid()}"
    (tmp_path / "left").touch()
    made = f"import time; x = open('/dev/shm/{name}', 'w'); time.sleep(2)"
    with holder(child(made, "agent") + SLEEP) as process:
        tree = ProcessTree(process.pid, 0, RULES, lambda: 0.0, temporary=tmp_path)
        try:
            while len(tree.sample().processes) == 0 or tree.sample().shared == Left(0):
                time.sleep(0.05)
            last = sample_when(tree, 0)
        finally:
            Path("/dev/shm", name).unlink(missing_ok=True)
        assert tree.sample().shared == Left(0)
    assert (last.shared, last.temporary) == (Left(1, (name,)), Left(1, ("left",)))


def test_memory_is_measured_in_bytes() -> None:
    """30 MB that a process writes to are in all three of its sizes."""
    with holder(
        child(f"x = bytearray({HOG}); x[::4096] = b'x' * len(x[::4096]); {SLEEP}", "agent") + SLEEP
    ) as process:
        tree = ProcessTree(process.pid, 0, RULES, lambda: 0.0)
        deadline = time.monotonic() + 20
        while sample_when(tree, 1).processes[0].uss_bytes < HOG:
            assert time.monotonic() < deadline
        (hog,) = tree.sample().processes

    assert HOG < hog.uss_bytes <= hog.pss_bytes <= hog.rss_bytes < 2 * HOG
    assert hog.threads == 1
    assert hog.descriptors >= 3


def test_sockets_are_told_from_other_descriptors() -> None:
    """Three sockets more are three descriptors more, and a file is one that is no socket."""
    program = "import os, socket; x = [socket.socket() for _ in range(3)]; y = open('/dev/zero'); " + SLEEP
    with holder(child(program, "agent") + child(SLEEP, "other") + SLEEP) as process:
        tree = ProcessTree(process.pid, 0, (RoleRule(role="main", command="the_agent"),), lambda: 0.0)
        deadline = time.monotonic() + 20
        while True:
            first, second = sorted(sample_when(tree, 2).processes, key=lambda one: one.role)
            if first.sockets == 3 and first.descriptors == second.descriptors + 4:
                break
            assert time.monotonic() < deadline, (first, second)
            time.sleep(0.05)

    assert (first.role, second.sockets) == ("main", 0)


def test_sockets_that_may_carry_calls_are_counted() -> None:
    """A UDP socket is one, and a connection to the server's port; a connection to another port is none."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_server(("127.0.0.1", 0)) as other:
        port, elsewhere = (one.getsockname()[1] for one in (server, other))
        program = (
            f"import socket; x = socket.socket(type=socket.SOCK_DGRAM); x.bind(('127.0.0.1', 0));"
            f"y = [socket.create_connection(('127.0.0.1', port)) for port in ({port}, {elsewhere})]; {SLEEP}"
        )
        with holder(child(program, "agent") + child(SLEEP, "other") + SLEEP) as process:
            tree = ProcessTree(process.pid, 0, RULES, time.monotonic, port)
            expected = [(0, 0), (3, 2)]
            deadline = time.monotonic() + 20
            while sorted((p.sockets, p.call_sockets) for p in sample_when(tree, 2).processes) != expected:
                assert time.monotonic() < deadline, tree.sample()
                time.sleep(0.05)


def test_sockets_that_cannot_be_looked_up_are_not_known(tmp_path: Path) -> None:
    """No namespace, or no table: nobody knows, and that is not none; IPv6 alone may be missing."""
    assert CallSockets(7880, time.monotonic).seen_by(2**22 - 1) is None
    assert read_tables(tmp_path, 7880) is None
    heading = "  sl  local_address rem_address   st\n"
    (tmp_path / "udp").write_text(heading + " 7: 0100007F:E0A1 00000000:0000 07 0:0 00:0 0 0 0 11 2 0\n")
    (tmp_path / "tcp").write_text(
        heading
        + " 0: 0100007F:E0A1 0100007F:1EC8 01 0:0 00:0 0 0 0 22 2 0\n 1: 0100007F:E0A1 0100007F:1EC9 01 0:0 00:0 0 0 0 33 2 0\n"
    )
    assert read_tables(tmp_path, 7880) == frozenset({"11", "22"})
    (tmp_path / "tcp").write_text(heading + "what is no row\n")
    assert read_tables(tmp_path, 7880) is None


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("ws://127.0.0.1:7880", 7880),
        ("wss://x.livekit.cloud", 443),
        ("http://x", 80),
        ("wss://[::1]:7/rtc", 7),
    ],
)
def test_the_servers_port_is_that_of_its_address(url: str, port: int) -> None:
    """Or that of its scheme, where the address says none."""
    assert port_of(url) == port


def test_a_process_that_ends_is_gone_and_the_sample_complete() -> None:
    """Only a living process that cannot be read makes a sample incomplete."""
    with holder(child(SLEEP, "agent") + SLEEP) as process:
        tree = ProcessTree(process.pid, 0, RULES, lambda: 0.0)
        (agent,) = sample_when(tree, 1).processes
        os.kill(agent.pid, 9)
        sample = sample_when(tree, 0)

    assert sample.complete


def test_a_tree_whose_holder_is_gone_is_empty() -> None:
    """A sample after the end is empty, not an error."""
    with holder(SLEEP) as process:
        tree = ProcessTree(process.pid, 0, RULES, lambda: 0.0)
    assert tree.sample().processes == ()


def test_a_living_process_that_cannot_be_read_makes_the_sample_incomplete(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its memory is missing from every sum, and the sample says so."""

    def refuse(self: psutil.Process) -> None:
        raise psutil.AccessDenied(self.pid)

    with holder(child(SLEEP, "agent") + SLEEP) as process:
        tree = ProcessTree(process.pid, 0, RULES, lambda: 0.0)
        sample_when(tree, 1)
        monkeypatch.setattr(psutil.Process, "memory_full_info", refuse)
        sample = tree.sample()

    assert not sample.complete
