"""One recorded run: what is prepared, noted and closed around whatever is played."""

import asyncio
import logging
import platform
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

import platformdirs
import psutil

from voicegate.drive.agent_process import prepare
from voicegate.drive.attached_agent import agent_command
from voicegate.drive.client_log import client_log
from voicegate.drive.disk import make_folder, measure_disk
from voicegate.drive.errors import DriveError
from voicegate.drive.listening import make_listener
from voicegate.drive.livekit_server.program import program_version
from voicegate.drive.livekit_server.server import SERVER_LOG, LiveKitServer, find_program, livekit_server
from voicegate.drive.recorder import Recorder
from voicegate.progress import Progress
from voicegate.record.ears import ears_of
from voicegate.record.events import EARS, End, Header, PlannedPhase, ProcessEvent
from voicegate.record.packaged_ears import EarsError, have_ears
from voicegate.record.recording import RecordingError, RecordingWriter, read_recording, start_clock
from voicegate.record.source import scan_source
from voicegate.settings import GateSettings, SettingsError

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


_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Run:
    """What is the same for all that happens in a run."""

    settings: GateSettings
    recorder: Recorder
    weights_bytes: int | None
    folder: Path
    progress: Progress


@dataclass(frozen=True, slots=True)
class PlayResult:
    """What broke the playing off, None when nothing did, and whether the sound of its calls is to be listened to.

    `stopped` says why it was ended early although nothing was wrong with it.
    """

    trouble: str | None
    listen: bool
    stopped: str | None = None


Play = Callable[[Run], Awaitable[PlayResult]]


async def record_run(
    settings: GateSettings,
    notes: Mapping[str, Any],
    out_dir: Path,
    progress: Progress,
    play: Play,
    *,
    planned: tuple[PlannedPhase, ...] | None = None,
    listens: bool = True,
) -> Path:
    """Record what `play` does and return the path of the recording, in `out_dir`.

    `notes` are put down with what is known of the environment: the `scenario`, at least; and what is `planned`, if
    that is known. A run that `listens` needs the gate's ears.

    A run that broke off has an End that says why, and is returned too. Raises DriveError or RecordingError when calls
    could not begin or nothing can be recorded; cancelling it (Ctrl-C) ends the recording as interrupted.
    """
    make_folder(out_dir)
    header = await _prepare(settings, progress, listens=listens)
    with client_log(out_dir), RecordingWriter(out_dir / RECORDING, settings.secrets()) as writer:
        recorder = Recorder(writer, start_clock(), settings.log)
        run = Run(settings, recorder, header.weights_bytes, out_dir, progress)
        began = {"began_unix_s": round(time.time() - recorder.clock(), 3)}
        noted = header.environment | began | dict(notes)
        recorder.emit(replace(header, environment=noted, planned=planned))
        note_disks(run)
        for path in settings.source.files:
            recorder.emit(scan_source(path, settings.source.names, recorder.clock()))
        try:
            end, listen = await _ended(run, play)
            try:
                if listen:
                    await _listen(run)
            finally:
                note_disks(run)
                recorder.emit(end)
        finally:
            recorder.secrets.hide_in_files(out_dir, "livekit-*.log")
    recorder.check()
    return out_dir / RECORDING


def server_of(run: Run) -> AbstractAsyncContextManager[LiveKitServer]:
    """Have the LiveKit server of a run, recording its life."""
    clock, emit = run.recorder.clock, run.recorder.emit
    return livekit_server(
        run.settings.livekit,
        run.settings.environment,
        cache=_cache(),
        log=run.folder / SERVER_LOG,
        progress=run.progress,
        on_step=lambda step, pid, code: emit(ProcessEvent(clock(), "livekit-server", step, pid, code)),
    )


def note_disks(run: Run) -> None:
    """Record how much room there is where the run writes."""
    t = run.recorder.clock()
    run.recorder.emit(measure_disk("report", run.folder, t))
    run.recorder.emit(measure_disk("models", _cache(), t))


async def _prepare(settings: GateSettings, progress: Progress, *, listens: bool) -> Header:
    """Do what takes long before the clock starts: have a server program, have the gate's ears, have the models."""
    if listens and settings.ears is not None:
        try:
            await asyncio.to_thread(have_ears, settings.ears, progress)
        except EarsError as error:
            raise DriveError(str(error)) from error
    server = settings.livekit.url
    if server is None:
        program = await find_program(_cache(), settings.environment, progress)
        server = await program_version(program)
    weights_bytes = await prepare(settings, progress)
    ears = "none" if settings.ears is None or not listens else ears_of(settings.ears).name
    return Header(
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        profile=settings.agent.profile,
        isolation=settings.agent.isolation,
        agent_command=agent_command(settings),
        weights_bytes=weights_bytes,
        environment=_environment() | {"livekit_server": server, EARS: ears},
    )


async def _ended(run: Run, play: Play) -> tuple[End, bool]:
    """Play; return how it ended, and whether there is something to listen to.

    What keeps it from beginning is raised, once it is recorded. A fault of the gate itself ends the run as the run's
    own: what was recorded until then is judged, and nothing that needs a whole run passes.
    """
    try:
        played = await play(run)
    except asyncio.CancelledError:
        run.recorder.emit(End(run.recorder.clock(), "interrupted"))
        raise
    except (DriveError, RecordingError) as error:
        run.recorder.emit(End(run.recorder.clock(), "failed", str(error)))
        raise
    except SettingsError:
        raise
    except Exception as error:  # noqa: BLE001 - what was recorded until then is worth a report
        _log.exception("the gate itself broke during the run")
        return End(run.recorder.clock(), "failed", f"The gate itself broke: {error!r}"), False
    outcome: Literal["complete", "interrupted", "failed"] = (
        "complete" if played.stopped is None else "interrupted"
    )
    if played.trouble is not None:
        outcome = "failed"
    return End(run.recorder.clock(), outcome, played.trouble or played.stopped), played.listen


async def _listen(run: Run) -> None:
    """Write down what the replies of the main run say."""
    listener = await make_listener(run.settings, run.folder, run.recorder.emit, run.progress)
    recording = read_recording(run.folder / RECORDING)
    await listener.listen_to_all((*recording.turns, *recording.scripted), run.progress)
    await listener.listen_to_page(recording.page_calls, run.settings.limits)


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
