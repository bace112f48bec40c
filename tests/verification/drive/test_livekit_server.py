"""Having a LiveKit server: found, built or refused with the ways to get one."""

import asyncio
import fcntl
import json
import os
import platform
import socket
import stat
from pathlib import Path

import aiohttp
import platformdirs
import psutil
import pytest
from aiohttp import web
from voicegate.drive.livekit_server import go_toolchain
from voicegate.drive.livekit_server.build import _only_builder, built_server, cached_program, pinned_version
from voicegate.drive.livekit_server.errors import LiveKitServerError
from voicegate.drive.livekit_server.go_toolchain import find_go, needed_version
from voicegate.drive.livekit_server.server import find_program, livekit_server
from voicegate.settings import LiveKitSection

THREE_WAYS = r"(?s)LIVEKIT_URL.*`livekit-server` program on PATH.*Go 1\.25 or newer"


def script(path: Path, text: str) -> Path:
    """Write a shell script that can be run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return path


def fake_go(folder: Path, *, version: str = "go1.26.0", build: str = "") -> dict[str, str]:
    """Put a `go` on a path of its own; `$out` is where it should build to. Return the environment that finds it."""
    script(
        folder / "go",
        f'if [ "$1" = version ]; then echo "go version {version} linux/amd64"; exit; fi\n'
        f'while [ "$1" != -o ]; do shift; done; out="$2"\n{build}',
    )
    return {"PATH": f"{folder}:/usr/bin:/bin"}


async def test_without_go_the_three_ways_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No server and no Go: the message says what would help."""
    monkeypatch.setattr(go_toolchain, "_in_package", lambda: None)

    with pytest.raises(LiveKitServerError, match=THREE_WAYS):
        await find_program(tmp_path, {"PATH": str(tmp_path)}, print)


async def test_an_old_go_is_refused_by_its_version(tmp_path: Path) -> None:
    """The message has the version found and the one needed."""
    with pytest.raises(LiveKitServerError, match=r"is Go 1\.20, .* needs Go 1\.25 or newer"):
        await find_go(fake_go(tmp_path, version="go1.20.3"))


async def test_the_oldest_good_go_is_taken(tmp_path: Path) -> None:
    """Exactly the version of go.mod is enough."""
    major, minor = needed_version()

    assert (await find_go(fake_go(tmp_path, version=f"go{major}.{minor}"))).version == (major, minor)


async def test_a_server_on_the_path_is_used_as_it_is(tmp_path: Path) -> None:
    """Nothing is built when there is one."""
    program = script(tmp_path / "bin" / "livekit-server", "exit 1")

    assert await find_program(tmp_path, {"PATH": str(program.parent)}, print) == program


async def test_the_server_is_built_once(tmp_path: Path) -> None:
    """The second run takes the program from the cache, also without any Go."""
    environment = fake_go(
        tmp_path / "bin", build='echo compiling; echo "$GOFLAGS $CGO_ENABLED $GOTOOLCHAIN" > "$out"'
    )
    messages: list[str] = []

    program = await built_server(tmp_path, environment, messages.append)

    assert program == cached_program(tmp_path)
    assert program.read_text() == "-mod=readonly 0 local\n"
    assert pinned_version() in messages[0]
    assert platform.machine() in str(program)
    assert await built_server(tmp_path, {"PATH": "/nowhere"}, messages.append) == program


async def test_two_runs_at_once_build_one_server(tmp_path: Path) -> None:
    """The second waits for the first and takes what that built."""
    count = tmp_path / "count"
    environment = fake_go(tmp_path / "bin", build=f'sleep 0.3; echo x >> {count}; echo done > "$out"')
    messages: list[str] = []

    first, second = await asyncio.gather(
        *(built_server(tmp_path, environment, messages.append) for _ in range(2))
    )

    assert first == second
    assert count.read_text() == "x\n"
    assert any("Another run is building" in message for message in messages)


async def test_a_failed_build_shows_its_last_lines_and_leaves_nothing(tmp_path: Path) -> None:
    """A half-built server is never found by the next run."""
    environment = fake_go(tmp_path / "bin", build='echo half > "$out"; echo "go: no route to host"; exit 1')

    with pytest.raises(LiveKitServerError, match=r"(?s)exit code 1.*no route to host.*LIVEKIT_URL"):
        await built_server(tmp_path, environment, print)

    assert not cached_program(tmp_path).exists()
    assert [path.name for path in cached_program(tmp_path).parent.iterdir()] == ["lock"]


async def test_what_a_killed_build_left_is_removed(tmp_path: Path) -> None:
    """The next build begins clean."""
    unfinished = cached_program(tmp_path).parent / "building-x"
    unfinished.mkdir(parents=True)

    await built_server(tmp_path, fake_go(tmp_path / "bin", build='echo done > "$out"'), print)

    assert not unfinished.exists()


async def test_an_address_without_a_key_is_refused(tmp_path: Path) -> None:
    """A server of somebody else needs its key."""
    with pytest.raises(LiveKitServerError, match="LIVEKIT_API_KEY and LIVEKIT_API_SECRET"):
        await attach(LiveKitSection(url="ws://127.0.0.1:1"), tmp_path)


async def test_an_address_where_nobody_answers_is_refused(tmp_path: Path) -> None:
    """The message has the address."""
    section = LiveKitSection.model_validate({"url": "ws://127.0.0.1:9", "api_key": "k", "api_secret": "s"})
    with pytest.raises(LiveKitServerError, match=r"No LiveKit server answers at ws://127\.0\.0\.1:9"):
        await attach(section, tmp_path)


async def test_a_server_that_answers_is_used_with_its_key(tmp_path: Path) -> None:
    """Attaching starts no process; the agent gets the same address and key."""
    app = web.Application()
    app.router.add_get("/", say_ok)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    section = LiveKitSection.model_validate(
        {"url": f"ws://127.0.0.1:{port}", "api_key": "k", "api_secret": "s"}
    )

    environment = await attach(section, tmp_path)
    await runner.cleanup()

    assert environment == {
        "LIVEKIT_URL": f"ws://127.0.0.1:{port}",
        "LIVEKIT_API_KEY": "k",
        "LIVEKIT_API_SECRET": "s",
    }


async def test_a_configured_port_that_is_taken_is_named(tmp_path: Path) -> None:
    """The message says which setting to change."""
    program = script(tmp_path / "livekit-server", "exit 1")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(LiveKitServerError, match=rf"Port {port} is taken.*livekit\.port"):
            await attach(LiveKitSection(port=port), tmp_path, {"PATH": str(program.parent)})


async def test_chosen_ports_that_are_taken_meanwhile_are_chosen_again(tmp_path: Path) -> None:
    """A server that finds its port taken is started again on others, a few times."""
    program = script(tmp_path / "livekit-server", "echo listen tcp: bind: address already in use; exit 1")

    with pytest.raises(LiveKitServerError, match="ports taken 5 times"):
        await attach(LiveKitSection(), tmp_path, {"PATH": f"{program.parent}:/usr/bin:/bin"})


async def test_a_server_that_ends_at_once_shows_its_last_lines(tmp_path: Path) -> None:
    """What it said is in the message."""
    program = script(tmp_path / "livekit-server", "echo bad configuration; exit 1")

    with pytest.raises(LiveKitServerError, match=r"(?s)did not come up.*bad configuration"):
        await attach(LiveKitSection(), tmp_path, {"PATH": f"{program.parent}:/usr/bin:/bin"})


async def say_ok(_: web.Request) -> web.Response:
    """Answer as LiveKit does."""
    return web.Response(text="OK")


async def attach(
    section: LiveKitSection, folder: Path, environment: dict[str, str] | None = None
) -> dict[str, str]:
    """Have a server for a moment and return how an agent would find it."""
    async with livekit_server(
        section,
        environment or {},
        cache=folder,
        log=folder / "server.log",
        progress=print,
        on_step=lambda *_: None,
    ) as server:
        return server.environment()


@pytest.mark.end_to_end
async def test_our_server_is_private_and_gone_afterwards(tmp_path: Path) -> None:
    """It listens on loopback only, its secret is in no log and no listing, and its process ends with the run."""
    steps: list[str] = []
    async with livekit_server(
        LiveKitSection(departure_timeout_s=6),
        os.environ,
        cache=user_cache(),
        log=tmp_path / "server.log",
        progress=print,
        on_step=lambda step, *_: steps.append(step),
    ) as server:
        assert server.process is not None
        process = psutil.Process(server.process.pid)
        config = Path(process.cmdline()[-1])
        assert stat.S_IMODE(config.stat().st_mode) == 0o600
        assert json.loads(config.read_text())["room"] == {"departure_timeout": 6}
        assert {c.laddr.ip for c in process.net_connections("inet") if c.status == "LISTEN"} == {"127.0.0.1"}
        assert len(server.api_secret) >= 32
        assert server.api_secret not in repr(server)
        async with (
            aiohttp.ClientSession() as session,
            session.get(server.url.replace("ws", "http")) as response,
        ):
            assert response.status == 200
    assert server.api_secret not in (tmp_path / "server.log").read_text()
    assert steps == ["started", "ready", "stopped"]
    assert not process.is_running()
    assert not config.exists()


def user_cache() -> Path:
    """Return the cache in which the server is built once."""
    return platformdirs.user_cache_path("voicegate")


async def test_another_builder_is_waited_for_but_not_for_ever(tmp_path: Path) -> None:
    """It is told of while it goes on; the message names the lock that it holds."""
    told: list[str] = []
    lock = tmp_path / "lock"
    with lock.open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(LiveKitServerError, match=rf"(?s)holds {lock}.*LIVEKIT_URL"):
            async with _only_builder(lock, told.append, longest_s=0.3):
                pass
    assert told == ["Another run is building the LiveKit server: waiting for it, 0 s"]
    async with _only_builder(lock, told.append, longest_s=0.3):
        pass
