"""Having a LiveKit server for the length of a run: attach to one, or start our own on loopback."""

import asyncio
import json
import os
import random
import secrets
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from voicegate.drive import processes
from voicegate.drive.livekit_server.build import built_server
from voicegate.drive.livekit_server.errors import THREE_WAYS, LiveKitServerError
from voicegate.drive.livekit_server.program import HOST
from voicegate.drive.livekit_server.reach import reach
from voicegate.progress import Progress
from voicegate.settings import LiveKitSection

SERVER_LOG = "livekit-server.log"
"""Where a server of a run's own writes its log, in the run's folder."""

_READY_S = 20.0
_ATTEMPTS = 5
_MEDIA_PORTS = 400
_TAKEN = "address already in use"

ServerStep = Literal["started", "ready", "stopped", "died"]
OnStep = Callable[[ServerStep, int, int | None], None]
"""Told about the server's life: step, pid, exit code."""


@dataclass(frozen=True, slots=True)
class LiveKitServer:
    """A server to call through. `process` is None for one that was already running."""

    url: str
    api_key: str
    api_secret: str = field(repr=False)
    process: processes.LeashedProcess | None = None

    def environment(self) -> dict[str, str]:
        """Return the variables by which an agent finds this server."""
        return {
            "LIVEKIT_URL": self.url,
            "LIVEKIT_API_KEY": self.api_key,
            "LIVEKIT_API_SECRET": self.api_secret,
        }


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of one server: signaling, and the first of its row of ports for media."""

    http: int
    media_first: int


@asynccontextmanager
async def livekit_server(
    settings: LiveKitSection,
    environment: Mapping[str, str],
    *,
    cache: Path,
    log: Path,
    progress: Progress,
    on_step: OnStep,
) -> AsyncIterator[LiveKitServer]:
    """Yield a server that answers; stop it afterwards if it is ours. Raises LiveKitServerError."""
    if settings.url:
        yield await _attach(settings)
        return
    program = await find_program(cache, environment, progress)
    with tempfile.TemporaryDirectory(prefix="voicegate-livekit-") as folder:
        server = await _start(program, settings, Path(folder), log, on_step)
        assert server.process is not None
        try:
            yield server
        finally:
            died = server.process.exit_code is not None
            exit_code = await asyncio.shield(asyncio.ensure_future(server.process.stop()))
            on_step("died" if died else "stopped", server.process.pid, exit_code)


async def find_program(cache: Path, environment: Mapping[str, str], progress: Progress) -> Path:
    """Return the server on PATH, else the one built into the cache, building it if need be."""
    found = shutil.which("livekit-server", path=environment.get("PATH", os.defpath))
    return Path(found) if found else await built_server(cache, environment, progress)


async def _attach(settings: LiveKitSection) -> LiveKitServer:
    assert settings.url is not None
    if settings.api_key is None or settings.api_secret is None:
        raise LiveKitServerError(
            f"A LiveKit server is given ({settings.url}), but no key for it: set LIVEKIT_API_KEY and LIVEKIT_API_SECRET."
        )
    if not (await reach(settings.url)).answers:
        raise LiveKitServerError(
            f"No LiveKit server answers at {settings.url}. Is the address right?\n{THREE_WAYS}"
        )
    return LiveKitServer(settings.url, settings.api_key, settings.api_secret.get_secret_value())


async def _start(
    program: Path, settings: LiveKitSection, folder: Path, log: Path, on_step: OnStep
) -> LiveKitServer:
    port = settings.port
    if port is not None and not _is_free(port):
        raise LiveKitServerError(
            f"Port {port} is taken. Give another one as livekit.port in the gate file, or leave it out for a free one."
        )
    for _ in range(_ATTEMPTS):
        ports = _choose_ports(port)
        server = await _start_on(program, ports, settings.departure_timeout_s, folder, log, on_step)
        if server is not None:
            return server
    raise LiveKitServerError(f"{program} found its ports taken {_ATTEMPTS} times in a row; see {log}")


async def _start_on(
    program: Path, ports: Ports, departure_timeout_s: int, folder: Path, log: Path, on_step: OnStep
) -> LiveKitServer | None:
    """Start the server on these ports and wait until it answers; return None when a port was taken meanwhile."""
    key, secret = f"voicegate{secrets.token_hex(6)}", secrets.token_urlsafe(36)
    config = folder / "livekit.yaml"
    config.touch(mode=0o600)
    config.write_text(json.dumps(_config(ports, departure_timeout_s, key, secret)))  # JSON is YAML
    with log.open("wb") as output:
        try:
            process = await processes.start(
                [str(program), "--config", str(config)],
                stdout=output.fileno(),
                stderr=output.fileno(),
                env={"PATH": os.defpath, "HOME": str(folder)},
                grace_s=5,
            )
        except processes.ProcessError as error:
            raise LiveKitServerError(f"{error}\n{THREE_WAYS}") from error
    on_step("started", process.pid, None)
    url = f"ws://{HOST}:{ports.http}"
    try:
        ready = await _wait_until_ready(process, url)
    except BaseException:
        await asyncio.shield(asyncio.ensure_future(process.stop()))
        raise
    if ready:
        on_step("ready", process.pid, None)
        return LiveKitServer(url, key, secret, process)
    exit_code = await process.stop()
    on_step("died", process.pid, exit_code)
    lines = _last_lines(log)
    if any(_TAKEN in line for line in lines):
        return None
    raise LiveKitServerError(
        f"{program} did not come up within {_READY_S:.0f} s. Its last lines:\n" + "\n".join(lines)
    )


def _last_lines(log: Path) -> list[str]:
    return log.read_text(errors="replace").splitlines()[-8:]


def _config(ports: Ports, departure_timeout_s: int, key: str, secret: str) -> dict[str, object]:
    """Return a configuration that nothing but this machine can reach."""
    return {
        "port": ports.http,
        "bind_addresses": [HOST],
        "rtc": {
            "tcp_port": 0,  # media over TCP would listen on every interface
            "port_range_start": ports.media_first,
            "port_range_end": ports.media_first + _MEDIA_PORTS - 1,
            "use_external_ip": False,
            "node_ip": HOST,
            "enable_loopback_candidate": True,
            "interfaces": {"includes": ["lo"]},
        },
        "room": {"departure_timeout": departure_timeout_s},
        "keys": {key: secret},
        "logging": {"level": "info"},
    }


async def _wait_until_ready(process: processes.LeashedProcess, url: str) -> bool:
    deadline = asyncio.get_running_loop().time() + _READY_S
    while process.exit_code is None and asyncio.get_running_loop().time() < deadline:
        if (await reach(url)).answers:
            return True
        await asyncio.sleep(0.1)
    return False


def _choose_ports(http: int | None) -> Ports:
    return Ports(http or free_port(), _free_media_ports())


def free_port() -> int:
    """Find a TCP port on loopback that nobody has at the moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _free_media_ports() -> int:
    """Find the first of a row of UDP ports below the range that the system gives to others."""
    for _ in range(50):
        first = random.randrange(20_000, 32_000 - _MEDIA_PORTS)
        if all(_is_free(port, socket.SOCK_DGRAM) for port in range(first, first + _MEDIA_PORTS)):
            return first
    raise LiveKitServerError(f"No {_MEDIA_PORTS} free UDP ports in a row between 20000 and 32000 for media")


def _is_free(port: int, kind: int = socket.SOCK_STREAM) -> bool:
    with socket.socket(type=kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
