"""The host is there before it is needed, comes back when it dies, and is gone when its parent is."""

import asyncio
import os
import signal
import stat
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil
import pytest
from voicegate_agent.host_settings import HostSettings
from voicegate_agent.model_host.client import ModelHostClient, Timeouts
from voicegate_agent.model_host.config import HostConfig
from voicegate_agent.model_host.protocol import ModelHostUnavailableError, ModelKind
from voicegate_agent.model_host.supervisor import ModelHostSupervisor, SupervisorTimeouts, host_command
from voicegate_agent.models.files import ModelFiles

QUICK = SupervisorTimeouts(ready_s=20, stop_s=1, first_backoff_s=0.01, longest_backoff_s=0.1)

TINY_HOST = textwrap.dedent("""
    import os, signal, socket, sys, threading

    def leave():
        while os.read(0, 1): pass
        os._exit(0)

    if "deaf" in sys.argv: signal.signal(signal.SIGTERM, signal.SIG_IGN)
    else: threading.Thread(target=leave, daemon=True).start()
    path = sys.argv[1]
    if os.path.exists(path): os.unlink(path)
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen()
    while True:
        connection, _ = server.accept()
        connection.recv(65536)
        body = b'{"asr": "stuck"}' if "stuck" in sys.argv else b"{}"
        head = b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\nConnection: close\\r\\n\\r\\n" % len(body)
        connection.sendall(head + body)
        connection.close()
""")


def tiny_host(_: HostConfig, socket_path: Path) -> Sequence[str]:
    """Start something that answers and leaves when it is told to."""
    return [sys.executable, "-c", TINY_HOST, str(socket_path)]


def deaf_host(_: HostConfig, socket_path: Path) -> Sequence[str]:
    """Start something that answers and has to be killed."""
    return [sys.executable, "-c", TINY_HOST, str(socket_path), "deaf"]


@pytest.fixture
def config() -> HostConfig:
    """Give a configuration that no tiny host looks at."""
    return HostConfig(ModelFiles("own", Path("/nowhere"), "nothing", Path("/nowhere.onnx")), HostSettings())


async def until(condition: Callable[[], bool], timeout_s: float = 20) -> None:
    """Wait until a function returns something true."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not come true in time"
        await asyncio.sleep(0.01)


def ended(pid: int) -> bool:
    """Tell whether a process is gone, or only waits to be reaped."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def test_inside_the_context_the_host_answers(config: HostConfig) -> None:
    """Entering waits until it does; leaving ends it and removes its folder."""
    async with ModelHostSupervisor(config, timeouts=QUICK, command=tiny_host) as supervisor:
        pid = supervisor.pid
        folder = Path(supervisor.address.socket_path or "").parent
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        async with ModelHostClient(supervisor.address) as client:
            assert await client.is_healthy()
    assert pid is not None
    assert not psutil.pid_exists(pid)
    assert not folder.exists()


async def test_a_host_that_dies_is_started_again(config: HostConfig) -> None:
    """At the same address, as another process, as often as it takes."""
    pids = set()
    async with (
        ModelHostSupervisor(config, timeouts=QUICK, command=tiny_host) as supervisor,
        ModelHostClient(supervisor.address) as client,
    ):
        for _ in range(3):
            while not await client.is_healthy():
                await asyncio.sleep(0.01)
            pid = supervisor.pid
            assert pid is not None
            pids.add(pid)
            os.kill(pid, signal.SIGKILL)
            await until(partial(ended, pid))
    assert len(pids) == 3


async def test_a_host_that_hangs_is_replaced(config: HostConfig, caplog: pytest.LogCaptureFixture) -> None:
    """One that runs and does not answer two probes is ended, and the next one has the models loaded at once."""
    timeouts = replace(QUICK, probe_every_s=0.02, probe_s=0.3)
    async with ModelHostSupervisor(config, timeouts=timeouts, command=tiny_host) as supervisor:
        hanging = supervisor.pid
        assert hanging is not None
        assert supervisor.ready
        os.kill(hanging, signal.SIGSTOP)
        await until(lambda: not supervisor.ready)
        await until(lambda: supervisor.ready and supervisor.pid != hanging)
        assert ended(hanging)
    assert "did not answer a probe within 0 s, twice: it hangs" in caplog.text


async def test_a_host_that_is_stuck_in_loading_is_replaced(
    config: HostConfig, caplog: pytest.LogCaptureFixture
) -> None:
    """It answers, and no call would ever have speech; calls are not taken until the next one has it."""
    starts: list[int] = []

    def command(config: HostConfig, socket_path: Path) -> Sequence[str]:
        starts.append(1)
        return [*tiny_host(config, socket_path), *(["stuck"] if len(starts) == 1 else [])]

    async with ModelHostSupervisor(config, timeouts=QUICK, command=command) as supervisor:
        await until(lambda: not supervisor.ready)
        await until(lambda: supervisor.ready)
    assert len(starts) == 2
    assert "has been loading a model for too long" in caplog.text


async def test_a_host_that_does_not_stay_up_is_told(
    config: HostConfig, caplog: pytest.LogCaptureFixture
) -> None:
    """After the third failure in a row somebody should look, and is told at the highest level; calls are not taken."""
    starts = []

    def command(config: HostConfig, socket_path: Path) -> Sequence[str]:
        starts.append(1)
        return tiny_host(config, socket_path) if len(starts) == 1 else [sys.executable, "-c", "exit(7)"]

    async with ModelHostSupervisor(config, timeouts=QUICK, command=command) as supervisor:
        assert supervisor.pid is not None
        os.kill(supervisor.pid, signal.SIGKILL)
        await until(lambda: "has failed 3 times" in caplog.text)
        assert not supervisor.ready
    assert [record.levelname for record in caplog.records][:3] == ["ERROR", "ERROR", "CRITICAL"]


async def test_a_start_that_fails_in_any_way_is_tried_again(config: HostConfig) -> None:
    """A full disk or a bug in one attempt must not be the end of all calls."""
    attempts = []

    def command(config: HostConfig, socket_path: Path) -> Sequence[str]:
        attempts.append(1)
        if len(attempts) == 2:
            raise ValueError("a bug")
        return tiny_host(config, socket_path)

    async with ModelHostSupervisor(config, timeouts=QUICK, command=command) as supervisor:
        assert supervisor.pid is not None
        os.kill(supervisor.pid, signal.SIGKILL)
        await until(lambda: len(attempts) == 3 and supervisor.pid is not None)


async def test_a_host_knows_no_secret(config: HostConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    """It reads what strangers send, and could be made to tell."""
    monkeypatch.setenv("LIVEKIT_API_SECRET", "hush")
    monkeypatch.setenv("VOICEGATE_REPLIES_API_KEY", "hush")
    async with ModelHostSupervisor(config, timeouts=QUICK, command=tiny_host) as supervisor:
        assert "hush" not in psutil.Process(supervisor.pid).environ().values()


async def test_a_host_that_does_not_listen_is_killed(config: HostConfig) -> None:
    """Leaving is bounded, whatever the host does."""
    async with ModelHostSupervisor(
        config, timeouts=replace(QUICK, stop_s=0.2), command=deaf_host
    ) as supervisor:
        pid = supervisor.pid
    assert pid is not None
    assert not psutil.pid_exists(pid)


async def test_a_host_that_ends_at_once_is_an_error(config: HostConfig) -> None:
    """Entering fails with its status, and leaves nothing behind."""
    before = set(Path(tempfile.gettempdir()).glob("voicegate-*"))
    supervisor = ModelHostSupervisor(
        config, timeouts=QUICK, command=lambda *_: [sys.executable, "-c", "raise SystemExit(7)"]
    )
    with pytest.raises(ModelHostUnavailableError, match="status 7"):
        await supervisor.__aenter__()
    assert set(Path(tempfile.gettempdir()).glob("voicegate-*")) <= before


async def test_a_host_that_never_answers_is_an_error(config: HostConfig) -> None:
    """Entering gives up, and ends the process that it started."""
    pids: list[int | None] = []

    class Watched(ModelHostSupervisor):
        async def _end_process(self) -> None:
            pids.append(self.pid)
            await super()._end_process()

    supervisor = Watched(
        config,
        timeouts=replace(QUICK, ready_s=0.3),
        command=lambda *_: [sys.executable, "-c", "input()"],
    )
    with pytest.raises(ModelHostUnavailableError, match="not ready"):
        await supervisor.__aenter__()
    assert pids[0] is not None
    assert not psutil.pid_exists(pids[0])


async def test_a_long_temporary_folder_is_avoided(
    config: HostConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A socket's path has at most 107 bytes; where TMPDIR is longer, /tmp is used."""
    long = tmp_path / ("x" * 120)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    async with ModelHostSupervisor(config, timeouts=QUICK, command=tiny_host) as supervisor:
        assert str(supervisor.address).startswith("unix:/tmp/voicegate-")
    assert list(long.iterdir()) == []


async def test_a_restarted_host_loads_a_new_instance(host_config: HostConfig) -> None:
    """The real host: a kill costs nobody who asks later, and the number shows that it is another load.

    The models are loaded again without anybody asking; in the middle of a call the next sentence is spoken.
    """
    async with (
        ModelHostSupervisor(host_config, timeouts=QUICK) as supervisor,
        ModelHostClient(supervisor.address, Timeouts(restart_s=60)) as client,
    ):
        first = await client.load(ModelKind.TTS)
        assert supervisor.pid is not None
        os.kill(supervisor.pid, signal.SIGKILL)
        second = await client.load(ModelKind.TTS)
        os.kill(supervisor.pid, signal.SIGKILL)
        speech = [piece async for piece in client.speak("my code is seven", second.sample_rate_hz)]
        third = await client.load(ModelKind.TTS)
    assert len(b"".join(speech)) > second.sample_rate_hz
    assert first.fresh
    assert not third.fresh
    assert len({first.id, second.id, third.id}) == 3


PARENT = textwrap.dedent("""
    import asyncio, sys
    from argparse import ArgumentParser
    from voicegate_agent.model_host.config import add_arguments, read_config
    from voicegate_agent.model_host.supervisor import ModelHostSupervisor

    async def main():
        parser = ArgumentParser()
        add_arguments(parser)
        config = read_config(parser.parse_args(), print)
        async with ModelHostSupervisor(config) as supervisor:
            print(supervisor.pid, supervisor.address, flush=True)
            await asyncio.sleep(600)

    asyncio.run(main())
""")


async def test_the_host_goes_with_a_parent_that_is_killed(host_config: HostConfig) -> None:
    """After SIGKILL nobody is there to stop it: it leaves by itself, and takes its socket along."""
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, *host_config.to_arguments(), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    pid, address = (await parent.stdout.readline()).decode().split()
    assert not ended(int(pid))
    parent.kill()
    await parent.wait()
    await until(partial(ended, int(pid)))
    assert not Path(address.removeprefix("unix:")).parent.exists()


def test_the_command_line_shows_the_role(host_config: HostConfig) -> None:
    """Whoever watches the process tree knows the host by its module's name."""
    assert "voicegate_agent.model_host" in host_command(host_config, Path("host.sock"))
