"""Driving load: server and agent as in every run, and Locust with its callers in place of a scenario."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from voicegate.criteria_choice import rules_of
from voicegate.drive.agent_run import RunContext, play_agent, unless_broken_off
from voicegate.drive.clips.library import load_library
from voicegate.drive.livekit_server.server import LiveKitServer
from voicegate.drive.recorded_run import PlayResult, Run, note_disks, record_run, server_of
from voicegate.load.early_stop import EarlyStop
from voicegate.load.event_socket import Arrivals, event_socket
from voicegate.load.load_progress import LoadProgress
from voicegate.load.locust_run import page_address, run_locust
from voicegate.load.messages import EVENTS_SOCKET
from voicegate.progress import Progress
from voicegate.record.events import ASKED, LOAD, Phase
from voicegate.settings import GateSettings

BEFORE, AFTER = "baseline", "after-all"
_REST_S = 5.0
_NOTE_S = 10.0
_LOOK_S = 1.0


async def drive_load(
    settings: GateSettings,
    out_dir: Path,
    progress: Progress,
    arguments: Sequence[str],
    early_stop: bool = True,
    asked: str = "",
) -> Path:
    """Let Locust call the agent, as its arguments say; return the path of the recording, in `out_dir`.

    `asked` is what of them makes this run another one than others. With `early_stop` the run ends when a criterion can no longer be met. Raises as `record_run` does.
    """
    load_library(settings.scenario.clips, progress)  # so that texts are spoken before anybody calls
    stop = EarlyStop(rules_of(settings)) if early_stop else None
    return await record_run(
        settings,
        {"scenario": LOAD} | ({ASKED: asked} if asked else {}),
        out_dir,
        progress,
        lambda run: _play(run, arguments, stop),
        listens=False,
    )


async def _play(run: Run, arguments: Sequence[str], stop: EarlyStop | None) -> PlayResult:
    """Rest, let Locust do its work, rest."""
    stopped: str | None = None

    async def load(server: LiveKitServer) -> None:
        nonlocal stopped
        await rest(run, BEFORE)
        page = page_address(arguments)
        run.progress(f"Locust waits at its page, {page}" if page else "Locust starts")
        stopped = await let_call(run, server, arguments, run.folder, "Locust", stop)
        await rest(run, AFTER)

    trouble = await play_with_agent(run, load)
    return PlayResult(trouble, listen=False, stopped=stopped)


async def play_with_agent(run: Run, play: Callable[[LiveKitServer], Coroutine[Any, Any, None]]) -> str | None:
    """Play on a server, with the agent on it; return what broke the playing off, None when nothing did."""
    async with server_of(run) as server:
        context = RunContext(server, run.recorder, run.folder, run.progress, run.weights_bytes)
        run.progress(f"{'Looking for' if run.settings.agent.attached else 'Starting'} the agent")
        trouble = await play_agent(context, run.settings, lambda: play(server), "agent.log")
        note_disks(run)
        return trouble


async def let_call(
    run: Run,
    server: LiveKitServer,
    arguments: Sequence[str],
    folder: Path,
    title: str,
    stop: EarlyStop | None = None,
) -> str | None:
    """Run Locust once, as its arguments say, its reports into `folder`; what its callers meet is recorded.

    Returns why it was stopped early, if it was. Raises LocustError, ClockError, and LostEventsError if not all of it was recorded.
    """
    so_far = LoadProgress()
    listeners = [so_far.take, *([] if stop is None else [stop.take])]
    run.recorder.listeners.extend(listeners)
    try:
        async with (
            event_socket(run.recorder.clock, run.recorder.emit) as arrivals,
            _noted(run.progress, so_far, title),
        ):
            address = {EVENTS_SOCKET: str(arrivals.path)}
            environment = dict(run.settings.environment) | server.environment() | address
            locust = run_locust(arguments, folder, environment)
            reason = await unless_broken_off(locust, _broken(stop, arrivals, run))
    finally:
        for listener in listeners:
            run.recorder.listeners.remove(listener)
    arrivals.check()
    return reason


async def _broken(stop: EarlyStop | None, arrivals: Arrivals, run: Run) -> str:
    """Wait until the run is worth nothing, or a limit is broken for certain, if anybody wants to know; say why it is stopped."""
    while True:
        reason = arrivals.misplaced
        if reason is None and stop is not None:
            reason = stop.broken(arrivals.plan, run.recorder.clock())
        if reason is not None:
            run.progress(f"Stopped early: {reason}")
            return f"stopped early: {reason}"
        await asyncio.sleep(_LOOK_S)


async def rest(run: Run, name: str) -> None:
    """Let nobody call for a while, in a phase of this name."""
    run.recorder.emit(Phase(run.recorder.clock(), name, "begin", 0))
    await asyncio.sleep(_REST_S)
    run.recorder.emit(Phase(run.recorder.clock(), name, "end", 0))


@asynccontextmanager
async def _noted(progress: Progress, so_far: LoadProgress, title: str) -> AsyncIterator[None]:
    """Tell how it goes, every now and then."""

    async def tell() -> None:
        while True:
            await asyncio.sleep(_NOTE_S)
            progress(f"{title}: {so_far}")

    telling = asyncio.create_task(tell(), name="progress of the load")
    try:
        yield
    finally:
        telling.cancel()
