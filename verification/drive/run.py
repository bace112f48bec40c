"""One run: server, agent, callers and recorder together, from nothing to a finished recording."""

import asyncio
import platform
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

import platformdirs
import psutil

from verification.drive.act import House, play_acts, play_agent
from verification.drive.agent_process import prepare
from verification.drive.attached_agent import agent_command
from verification.drive.caller import Line
from verification.drive.clip_supply import ClipSupply
from verification.drive.clips.library import load_library
from verification.drive.disk import make_folder, measure_disk
from verification.drive.errors import DriveError
from verification.drive.listening import make_listener
from verification.drive.livekit_server.server import (
    LiveKitServer,
    find_program,
    livekit_server,
    program_version,
)
from verification.drive.recorder import Recorder
from verification.drive.rooms import listing_rooms
from verification.drive.scenario import SCENARIOS, Scenario, Step, announced, describe
from verification.drive.soak import AudioShelf, soaking
from verification.drive.stage import Stage
from verification.record.events import End, Header, ProcessEvent
from verification.record.recording import RecordingError, RecordingWriter, read_recording, start_clock
from verification.record.source import scan_source
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

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Run:
    settings: GateSettings
    scenario: Scenario
    clips: ClipSupply
    recorder: Recorder
    weights_bytes: int | None
    folder: Path
    progress: Progress

    @property
    def name(self) -> str:
        """What the scenario is called."""
        return "soak" if self.scenario.soak else self.settings.scenario.name


@dataclass(frozen=True, slots=True)
class _Played:
    """Whether the run proper was played to its end, and what broke it, or an act, off."""

    proper: bool
    trouble: str | None


async def run_scenario(
    settings: GateSettings,
    out_dir: Path,
    progress: Progress,
    scenario: Scenario | None = None,
    notes: Mapping[str, str] | None = None,
) -> Path:
    """Drive the scenario of `settings`, or this one, and return the path of its recording, in `out_dir`.

    `notes` are put down with what is known of the environment.

    A scenario that broke off has an End that says why, and is returned too; whatever was started is stopped. Raises
    DriveError or RecordingError when calls could not begin or nothing can be recorded; cancelling it (Ctrl-C) ends
    the recording as interrupted.
    """
    make_folder(out_dir)
    clips = ClipSupply(load_library(settings.scenario.clips))
    header = await _prepare(settings, progress)
    with RecordingWriter(out_dir / RECORDING) as writer:
        recorder = Recorder(writer, start_clock(), settings.log)
        scenario = scenario or SCENARIOS[settings.scenario.name]
        run = _Run(settings, scenario, clips, recorder, header.weights_bytes, out_dir, progress)
        known = {"scenario": run.name, "began_unix_s": round(time.time() - recorder.clock(), 3)}
        recorder.emit(replace(header, environment=header.environment | known | dict(notes or {})))
        _note_disks(run)
        for path in settings.source.files:
            recorder.emit(scan_source(path, settings.source.names, recorder.clock()))
        end, proper = await _ended(run)
        try:
            if proper:
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
        agent_command=agent_command(settings),
        weights_bytes=weights_bytes,
        environment=_environment() | {"livekit_server": server},
    )


async def _ended(run: _Run) -> tuple[End, bool]:
    """Drive the scenario; return how it ended, and whether the run proper ran to its end.

    What keeps it from beginning is raised, once it is recorded.
    """
    try:
        played = await _drive(run)
    except asyncio.CancelledError:
        run.recorder.emit(End(run.recorder.clock(), "interrupted"))
        raise
    except (DriveError, RecordingError) as error:
        run.recorder.emit(End(run.recorder.clock(), "failed", str(error)))
        raise
    outcome: Literal["complete", "failed"] = "complete" if played.trouble is None else "failed"
    return End(run.recorder.clock(), outcome, played.trouble), played.proper


async def _drive(run: _Run) -> _Played:
    """Play the steps and the acts on one server, each with an agent of its own."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(_server(run))
        line = _line(run, server)
        rooms = await stack.enter_async_context(listing_rooms(server, line.run))
        steps: Iterator[Step] = announced(run.scenario.steps, run.progress)
        stage = Stage(line, run.clips, run.recorder, rooms)
        if run.scenario.soak is not None:
            listener = await make_listener(
                run.settings.recognizer, run.folder, run.recorder.emit, run.progress
            )
            shelf = AudioShelf(listener, run.scenario.soak.kept_calls)
            stage = Stage(replace(line, emit=shelf.emit), run.clips, run.recorder, rooms, shelf.tidy)
            steps = soaking(run.scenario, line.clock, lambda: shelf.failures, run.progress)
        house = House(server, stage, run.recorder, run.folder, run.progress, run.weights_bytes)
        doing = "Looking for" if run.settings.agent.attached else "Starting"
        run.progress(f"{doing} the agent for the scenario {run.name}: {describe(run.scenario.steps)}")
        trouble = await play_agent(house, run.settings, steps, "agent.log")
        _note_disks(run)
        if trouble is not None:
            return _Played(proper=False, trouble=trouble)
        return _Played(proper=True, trouble=await play_acts(house, run.settings, run.scenario.acts))


def _server(run: _Run) -> AbstractAsyncContextManager[LiveKitServer]:
    clock, emit = run.recorder.clock, run.recorder.emit
    return livekit_server(
        run.settings.livekit,
        run.settings.environment,
        cache=_cache(),
        log=run.folder / "livekit-server.log",
        progress=run.progress,
        on_step=lambda step, pid, code: emit(ProcessEvent(clock(), "livekit-server", step, pid, code)),
    )


async def _listen(run: _Run) -> None:
    """Measure the waits of the run proper again, and write down what its replies say."""
    listener = await make_listener(run.settings.recognizer, run.folder, run.recorder.emit, run.progress)
    await listener.listen_to_all(read_recording(run.folder / RECORDING).turns, run.progress)


def _note_disks(run: _Run) -> None:
    t = run.recorder.clock()
    run.recorder.emit(measure_disk("report", run.folder, t))
    run.recorder.emit(measure_disk("models", _cache(), t))


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
