"""One run: server, agent, callers and recorder together, from nothing to a finished recording."""

import asyncio
import platform
import secrets
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import platformdirs
import psutil

from verification.drive.agent_process import prepare, running_agent
from verification.drive.attached_agent import describe_attached
from verification.drive.caller import Line
from verification.drive.clip_supply import ClipSupply
from verification.drive.clips.library import load_library
from verification.drive.disk import make_folder
from verification.drive.errors import DriveError
from verification.drive.livekit_server.server import (
    LiveKitServer,
    find_program,
    livekit_server,
    program_version,
)
from verification.drive.recorder import Recorder
from verification.drive.scenario import SCENARIOS, Step, describe
from verification.drive.stage import Stage
from verification.record.events import End, Header, ProcessEvent, Turn
from verification.record.offline_latency import measured_offline
from verification.record.process_tree import ProcessTree
from verification.record.recognizer import RecognizerError, WhisperRecognizer, heard, turns_with_reply
from verification.record.recording import RecordingError, RecordingWriter, read_recording, start_clock
from verification.settings import GateSettings

RECORDING = "recording.jsonl"
_PACKAGES = (
    "livekit",
    "livekit-agents",
    "faster-whisper",
    "ctranslate2",
    "onnxruntime",
    "piper-tts",
    "numpy",
)

_REPLIES_PER_NOTE = 10

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Run:
    settings: GateSettings
    steps: tuple[Step, ...]
    clips: ClipSupply
    recorder: Recorder
    folder: Path
    progress: Progress


async def run_scenario(
    settings: GateSettings, out_dir: Path, progress: Progress, steps: tuple[Step, ...] | None = None
) -> Path:
    """Drive the scenario of `settings`, or these steps, and return the path of its recording, in `out_dir`.

    A scenario that broke off has an End that says why, and is returned too; whatever was started is stopped. Raises
    DriveError or RecordingError when calls could not begin or nothing can be recorded; cancelling it (Ctrl-C) ends
    the recording as interrupted.
    """
    make_folder(out_dir)
    clips = ClipSupply(load_library(settings.scenario.clips))
    header = await _prepare(settings, progress)
    with RecordingWriter(out_dir / RECORDING) as writer:
        recorder = Recorder(writer, start_clock(), settings.log)
        recorder.emit(header)
        run = _Run(
            settings, steps or SCENARIOS[settings.scenario.name].steps, clips, recorder, out_dir, progress
        )
        end = await _ended(run)
        try:
            if end.outcome == "complete":
                await _listen(run)
        finally:
            recorder.emit(end)
    recorder.check()
    return out_dir / RECORDING


async def _prepare(settings: GateSettings, progress: Progress) -> Header:
    """Do what takes long before the clock starts: have a server program, have the models."""
    server = settings.livekit.url
    if server is None:
        program = await find_program(_cache(), settings.environment, progress)
        server = await program_version(program)
    weights_bytes = await prepare(settings, progress)
    return Header(
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        profile=settings.agent.profile,
        isolation=settings.agent.isolation,
        agent_command=_agent_command(settings),
        weights_bytes=weights_bytes,
        environment=_environment() | {"livekit_server": server, "scenario": settings.scenario.name},
    )


def _agent_command(settings: GateSettings) -> tuple[str, ...]:
    if settings.agent.attached:
        return describe_attached(settings)
    return tuple(settings.agent.expand(word) for word in settings.agent.command)


async def _ended(run: _Run) -> End:
    """Drive the scenario and return how it ended; what keeps it from beginning is raised, once it is recorded."""
    try:
        trouble = await _drive(run)
    except asyncio.CancelledError:
        run.recorder.emit(End(run.recorder.clock(), "interrupted"))
        raise
    except (DriveError, RecordingError) as error:
        run.recorder.emit(End(run.recorder.clock(), "failed", str(error)))
        raise
    return End(run.recorder.clock(), "complete" if trouble is None else "failed", trouble)


async def _drive(run: _Run) -> str | None:
    """Play the steps on a server and an agent of our own; return what broke them off, None when nothing did."""
    clock, emit = run.recorder.clock, run.recorder.emit
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(
            livekit_server(
                run.settings.livekit,
                run.settings.environment,
                cache=_cache(),
                log=run.folder / "livekit-server.log",
                progress=run.progress,
                on_step=lambda step, pid, code: emit(
                    ProcessEvent(clock(), "livekit-server", step, pid, code)
                ),
            )
        )
        run.progress("Looking for the agent" if run.settings.agent.attached else "Starting the agent")
        agent = await stack.enter_async_context(
            running_agent(
                run.settings, server.environment(), log=run.folder / "agent.log", clock=clock, emit=emit
            )
        )
        run.progress(f"Scenario {run.settings.scenario.name}: {describe(run.steps)}")
        tree = ProcessTree(agent.holder_pid, agent.pid, run.settings.roles, clock)
        stage = Stage(_line(run, server), run.clips, run.recorder, run.progress)
        return await _unless_broken_off(
            stage.play(run.steps),
            agent.died(),
            _server_died(server),
            run.recorder.failed(),
            run.recorder.sample_memory(tree, run.settings.scenario.sample_interval_s),
        )


async def _unless_broken_off(
    scenario: Coroutine[Any, Any, None], *watchers: Coroutine[Any, Any, str | None]
) -> str | None:
    """Run the scenario until it ends or a watcher does, and return what that watcher says."""
    playing = asyncio.create_task(scenario, name="scenario")
    watching = [asyncio.create_task(watcher, name="watcher") for watcher in watchers]
    try:
        done, _ = await asyncio.wait((playing, *watching), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (playing, *watching):
            task.cancel()
        await asyncio.gather(playing, *watching, return_exceptions=True)
    if playing in done:
        playing.result()
        return None
    return next(task.result() for task in watching if task in done)


async def _server_died(server: LiveKitServer) -> str:
    if server.process is None:
        await asyncio.Event().wait()
        raise AssertionError("a server of somebody else is not watched")
    return f"The LiveKit server died with exit code {await server.process.wait()} during the scenario."


async def _listen(run: _Run) -> None:
    """Measure the latencies again, and write down what the replies say; without a recognizer they stay unheard."""
    for turn in await asyncio.to_thread(measured_offline, _turns(run), run.folder):
        run.recorder.emit(turn)
    if run.settings.recognizer is None:
        return
    try:
        recognizer = await asyncio.to_thread(WhisperRecognizer, run.settings.recognizer.model)
    except RecognizerError as error:
        run.progress(f"The replies are not listened to: {error}")
        return
    turns = turns_with_reply(_turns(run))
    for number, turn in enumerate(turns):
        if number % _REPLIES_PER_NOTE == 0:
            run.progress(f"Listening to the replies: {number} of {len(turns)}")
        run.recorder.emit(await asyncio.to_thread(heard, turn, run.folder, recognizer))


def _turns(run: _Run) -> tuple[Turn, ...]:
    return read_recording(run.folder / RECORDING).turns


def _line(run: _Run, server: LiveKitServer) -> Line:
    return Line(
        server=server,
        run=f"voicegate-{secrets.token_hex(3)}",
        agent_name=run.settings.agent.agent_name,
        expected_reply=run.settings.agent.expected_reply,
        join_timeout_s=run.settings.scenario.join_timeout_s,
        reply_timeout_s=run.settings.scenario.reply_timeout_s,
        clock=run.recorder.clock,
        emit=run.recorder.emit,
        folder=run.folder,
    )


def _environment() -> dict[str, Any]:
    versions = {}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpu_count": psutil.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "packages": versions,
    }


def _cache() -> Path:
    return platformdirs.user_cache_path("voicegate")
