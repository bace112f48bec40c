"""Driving load: server and agent as in every run, and Locust with its callers in place of a scenario."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from voicegate.drive.act import House, play_agent
from voicegate.drive.livekit_server.server import LiveKitServer
from voicegate.drive.recorded_run import Played, Run, note_disks, record_run, server_of
from voicegate.load.event_socket import event_socket
from voicegate.load.locust_run import page_address, run_locust
from voicegate.load.messages import EVENTS_SOCKET
from voicegate.load.tally import Tally
from voicegate.record.events import LOAD, Phase
from voicegate.settings import GateSettings

BEFORE, AFTER = "baseline", "after-all"
_REST_S = 5.0
_NOTE_S = 10.0

Progress = Callable[[str], None]


async def drive_load(
    settings: GateSettings, out_dir: Path, progress: Progress, arguments: Sequence[str]
) -> Path:
    """Let Locust call the agent, as its arguments say; return the path of the recording, in `out_dir`.

    Raises as `record_run` does.
    """
    return await record_run(
        settings, {"scenario": LOAD}, out_dir, progress, lambda run: _play(run, arguments)
    )


async def _play(run: Run, arguments: Sequence[str]) -> Played:
    async with server_of(run) as server:
        house = House(server, run.recorder, run.folder, run.progress, run.weights_bytes)
        run.progress(f"{'Looking for' if run.settings.agent.attached else 'Starting'} the agent")
        trouble = await play_agent(house, run.settings, lambda: _load(run, server, arguments), "agent.log")
        note_disks(run)
        return Played(trouble, listen=False)


async def _load(run: Run, server: LiveKitServer, arguments: Sequence[str]) -> None:
    """Rest, let Locust do its work, rest."""
    await rest(run, BEFORE)
    page = page_address(arguments)
    run.progress(f"Locust waits at its page, {page}" if page else "Locust starts")
    await let_call(run, server, arguments, run.folder, "Locust")
    await rest(run, AFTER)


async def let_call(
    run: Run, server: LiveKitServer, arguments: Sequence[str], folder: Path, title: str
) -> None:
    """Run Locust once, as its arguments say, its reports into `folder`; what its callers meet is recorded.

    Raises LocustError, and LostEventsError if not all of it was.
    """
    tally = Tally(run.recorder.emit)
    async with (
        event_socket(run.recorder.clock, tally.emit) as arrivals,
        _noted(run.progress, tally, title),
    ):
        address = {EVENTS_SOCKET: str(arrivals.path)}
        environment = dict(run.settings.environment) | server.environment() | address
        await run_locust(arguments, folder, environment)
    arrivals.check()


async def rest(run: Run, name: str) -> None:
    """Let nobody call for a while, in a phase of this name."""
    run.recorder.emit(Phase(run.recorder.clock(), name, "begin", 0))
    await asyncio.sleep(_REST_S)
    run.recorder.emit(Phase(run.recorder.clock(), name, "end", 0))


@asynccontextmanager
async def _noted(progress: Progress, tally: Tally, title: str) -> AsyncIterator[None]:
    """Tell how it goes, every now and then."""

    async def tell() -> None:
        while True:
            await asyncio.sleep(_NOTE_S)
            progress(f"{title}: {tally}")

    telling = asyncio.create_task(tell(), name="progress of the load")
    try:
        yield
    finally:
        telling.cancel()
