"""Building the LiveKit server once, into the user's cache, from the versions pinned in go.mod and go.sum."""

import asyncio
import fcntl
import platform
import re
import shutil
import tempfile
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

from voicegate.drive import processes
from voicegate.drive.livekit_server.errors import THREE_WAYS, LiveKitServerError
from voicegate.drive.livekit_server.go_toolchain import GO_MOD, GoToolchain, find_go
from voicegate.progress import Progress

PACKAGE = "github.com/livekit/livekit-server"
_PROGRESS_S = 5.0
_UNFINISHED = "building-"
_BUILD_TIMEOUT_S = 1800.0


def pinned_version() -> str:
    """Return the version of the server that go.mod pins, as "v1.2.3"."""
    found = re.search(rf"{re.escape(PACKAGE)} (v[\d.]+)", GO_MOD.read_text())
    assert found is not None, "go.mod pins the server"
    return found[1]


def cached_program(cache: Path) -> Path:
    """Return where the built server is kept: one file per version and machine architecture."""
    return cache / "livekit-server" / f"{pinned_version()}-{platform.machine()}" / "livekit-server"


async def built_server(cache: Path, environment: Mapping[str, str], progress: Progress) -> Path:
    """Return the cached server, building it first if it is not there. Raises LiveKitServerError."""
    program = cached_program(cache)
    if program.exists():
        return program
    go = await find_go(environment)
    try:
        program.parent.mkdir(parents=True, exist_ok=True)
        async with _only_builder(program.parent / "lock", progress):
            if not program.exists():
                _remove_unfinished(program.parent)
                await _build(program, go, environment, progress)
    except OSError as error:
        raise LiveKitServerError(f"{error.filename or program}: {error.strerror}\n{THREE_WAYS}") from error
    return program


def _remove_unfinished(folder: Path) -> None:
    """Remove what a build that was killed left."""
    for unfinished in folder.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(unfinished, ignore_errors=True)


@asynccontextmanager
async def _only_builder(
    lock: Path, progress: Progress, longest_s: float = _BUILD_TIMEOUT_S
) -> AsyncIterator[None]:
    """Hold a lock that the system gives back also when we are killed. Raises LiveKitServerError when it is never free."""
    with lock.open("wb") as file:
        began = told = time.monotonic()
        while not _locked(file):
            now = time.monotonic()
            if now - began > longest_s:
                raise LiveKitServerError(
                    f"Another run has been building the LiveKit server for {longest_s / 60:.0f} minutes. "
                    f"See whether it hangs: it holds {lock}\n{THREE_WAYS}"
                )
            if told == began or now - told >= _PROGRESS_S:
                progress(f"Another run is building the LiveKit server: waiting for it, {now - began:.0f} s")
                told = now
            await asyncio.sleep(0.5)
        yield


def _locked(file: BinaryIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def _build(program: Path, go: GoToolchain, environment: Mapping[str, str], progress: Progress) -> None:
    what = f"Building the LiveKit server {pinned_version()} with Go {go.version[0]}.{go.version[1]}"
    progress(f"{what}: takes some minutes, once")
    with tempfile.TemporaryDirectory(dir=program.parent, prefix=_UNFINISHED) as folder:
        output = Path(folder) / program.name
        process = await processes.start(
            [
                str(go.program),
                "build",
                "-v",
                "-trimpath",
                "-ldflags=-s -w",
                "-o",
                str(output),
                f"{PACKAGE}/cmd/server",
            ],
            cwd=GO_MOD.parent,
            env=dict(environment) | _PINNED,
            stdout=processes.PIPE,
            stderr=processes.STDOUT,
        )
        async with processes.running(process):
            lines: deque[str] = deque(maxlen=15)
            try:
                async with asyncio.timeout(_BUILD_TIMEOUT_S):
                    await _follow(
                        process, lines, lambda seconds: progress(f"{what}: {_done(lines, seconds)}")
                    )
                    exit_code = await process.wait()
            except TimeoutError:
                exit_code = None
        if exit_code != 0:
            ended = "took too long" if exit_code is None else f"failed with exit code {exit_code}"
            raise LiveKitServerError(f"{what} {ended}:\n" + "\n".join(lines) + f"\n{THREE_WAYS}")
        output.replace(program)


_PINNED = {
    "CGO_ENABLED": "0",  # no C compiler needed, and the same server with and without one
    "GOFLAGS": "-mod=readonly",  # go.sum decides what is built
    "GOTOOLCHAIN": "local",  # no other Go is fetched
    "GOWORK": "off",
}


async def _follow(
    process: processes.LeashedProcess, lines: deque[str], report: Callable[[float], None]
) -> None:
    """Keep the last lines of the output, and report every few seconds, also when there are none."""
    assert process.stdout is not None
    began = reported = time.monotonic()
    while True:
        try:
            line = await asyncio.wait_for(process.stdout.readline(), _PROGRESS_S)
            if not line:
                return
            lines.append(line.decode(errors="replace").rstrip())
        except TimeoutError:
            pass
        if time.monotonic() - reported >= _PROGRESS_S:
            reported = time.monotonic()
            report(reported - began)


def _done(lines: deque[str], seconds: float) -> str:
    if not lines:
        return f"{seconds:.0f} s"
    doing = lines[-1].removeprefix("go: ") if lines[-1].startswith("go: ") else f"compiling {lines[-1]}"
    return f"{seconds:.0f} s, {doing}"
