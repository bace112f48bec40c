"""The agent server: LiveKit's, with the model host beside it, calls counted and memory watched."""

import asyncio
import contextlib
import logging
import math
import os
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from livekit import api
from livekit.agents import NOT_GIVEN, AgentServer, JobExecutorType, NotGivenOr

from voicegate_agent.admission import Admission, LiveKitNotices
from voicegate_agent.call import client_of, prepare_process, run_call
from voicegate_agent.capacity import Capacity, chosen_capacity
from voicegate_agent.figures import FiguresSource, served_figures
from voicegate_agent.forkserver_exit_codes import read_exit_codes_once
from voicegate_agent.host_watch import HostWatch
from voicegate_agent.memory_monitor import MemoryLimits, MemoryMonitor
from voicegate_agent.memory_release import release_everywhere, release_memory
from voicegate_agent.memray_capture import Role, recorded
from voicegate_agent.model_host.config import HostConfig
from voicegate_agent.model_host.protocol import HostAddress, ModelHostError
from voicegate_agent.model_host.supervisor import ModelHostSupervisor
from voicegate_agent.models.packaged.records import ModelFilesError
from voicegate_agent.models.profiles import locate
from voicegate_agent.process_tree import tree_memory_bytes
from voicegate_agent.processors import usable_cores
from voicegate_agent.recordings import record_phrases_of_host, recordings_folder
from voicegate_agent.settings import AgentSettings, Isolation

_EXECUTORS = {Isolation.PROCESS: JobExecutorType.PROCESS, Isolation.THREAD: JobExecutorType.THREAD}
_PROCESS_START_TIMEOUT_S = 60.0

_log = logging.getLogger(__name__)


class VoiceServer(AgentServer):
    """Runs calls on shared models, under our own command line or LiveKit's.

    LiveKit is told no load limit: it would compare CPU load, or refuse all but the first few of a burst,
    because it counts each call being accepted as a share of the idle processes. `Admission` counts instead.
    """

    def __init__(self, settings: AgentSettings) -> None:
        """Take the settings; nothing is started before `run`."""
        # The models LiveKit would preload are 150 to 250 MB per process; the VAD still loads when a call needs it.
        os.environ.setdefault("LIVEKIT_AGENTS_PRELOAD_LOCAL_INFERENCE", "0")
        read_exit_codes_once()
        secret = settings.livekit_api_secret
        super().__init__(
            job_executor_type=_EXECUTORS[settings.isolation],
            load_threshold=math.inf,
            load_fnc=lambda: self._admission.load() if self._admission else 0.0,
            num_idle_processes=settings.idle_processes,
            initialize_process_timeout=_PROCESS_START_TIMEOUT_S,
            drain_timeout=settings.drain_timeout_s,
            setup_fnc=partial(prepare_process, settings),
            preload_modules=["voicegate_agent.call", "livekit.agents.llm.async_toolset"],
            ws_url=settings.livekit_url,
            api_key=settings.livekit_api_key,
            api_secret=secret.get_secret_value() if secret else None,
            max_retry=settings.livekit_retries,
            host=settings.http_host,
            port=settings.http_port,
            log_level="INFO",
        )
        self._settings = settings
        self._admission: Admission | None = None
        self._speech: HostWatch | ModelHostSupervisor = HostWatch()
        self._recordings = Path()
        self._running = False
        self._stopped = asyncio.Event()
        self.on("worker_started", self._note_running)

    @property
    def running(self) -> bool:
        """Whether calls may be running, so that stopping must drain."""
        return self._running

    async def run(self, *, devmode: bool = False, unregistered: bool = False) -> None:
        """Prepare the models, start the model host that calls share, then serve until closed.

        Raises ModelFilesError, ModelHostError, SettingsError when allocations cannot be recorded as wished, and
        RuntimeError when LiveKit stays out of reach.
        """
        try:
            async with contextlib.AsyncExitStack() as stack:
                stack.enter_context(recorded(self._settings, Role.MAIN))
                models = await stack.enter_async_context(self._models())
                livekit = await stack.enter_async_context(self._livekit_api())
                capacity = chosen_capacity(self._settings.capacity, usable_cores())
                _log.info("Takes %d calls at once: %s", capacity.calls, capacity.why)
                admission = Admission(
                    capacity.calls,
                    lambda: len(self.active_jobs),
                    LiveKitNotices(livekit),
                    has_speech=lambda: self._speech.ready,
                    turn_wait_s=lambda: self._speech.report.turn_wait_s,
                    refuse_after_wait_s=self._settings.refuse_after_wait_s,
                )
                self._admission = admission
                call = partial(run_call, self._settings, models, self._recordings)
                self.rtc_session(call, on_request=admission.answer)
                await stack.enter_async_context(_watched_memory(self._settings))
                await stack.enter_async_context(self._served_figures(models, admission, capacity))
                await super().run(devmode=devmode, unregistered=unregistered)
        finally:
            self._running = False
            self._stopped.set()

    async def drain(self, timeout: NotGivenOr[int | None] = NOT_GIVEN) -> None:  # noqa: ASYNC109 - LiveKit's
        """Wait for the calls that run; there are none before the server runs."""
        if self._running:
            await super().drain(timeout)

    async def aclose(self) -> None:
        """Close, and return when the model host has gone too."""
        if self._entrypoint_fnc is None:
            return  # the base class has not started, and could not be closed
        running = self._running
        await super().aclose()
        if running:
            await self._stopped.wait()

    def _note_running(self) -> None:
        self._running = True

    @asynccontextmanager
    async def _models(self) -> AsyncIterator[HostAddress | HostConfig]:
        """Have the shared model host, or say what each call's own is started with."""
        if self._settings.model_host is not None:
            address = HostAddress.parse(self._settings.model_host)
            self._recordings = recordings_folder(self._settings, str(address))
            self._speech = watch = HostWatch()
            async with (
                client_of(address, self._settings) as client,
                _running(watch.run(client)),
                _running(_record_phrases(self._settings, self._recordings, address)),
            ):
                yield address
            return
        await _prepare_models()
        files = locate(self._settings)
        self._recordings = recordings_folder(self._settings, files.voice)
        config = HostConfig.from_settings(self._settings, files)
        if not self._settings.share_models:
            yield config.unwatched()
            return
        async with ModelHostSupervisor(config) as supervisor:
            self._speech = supervisor
            yield supervisor.address

    def _served_figures(
        self, models: HostAddress | HostConfig, admission: Admission, capacity: Capacity
    ) -> contextlib.AbstractAsyncContextManager[None]:
        """Say on a port how much memory, how many calls and which models there are, if the settings want it."""
        if not self._settings.figures_port:
            return contextlib.nullcontext()
        source = FiguresSource(
            partial(tree_memory_bytes, os.getpid()),
            lambda: admission.calls,
            capacity,
            models if isinstance(models, HostAddress) else None,
            models_are_elsewhere=self._settings.model_host is not None,
            key=self._settings.model_host_api_key,
            refused=lambda: admission.refused,
        )
        return served_figures(source, self._settings.http_host, self._settings.figures_port)

    @asynccontextmanager
    async def _livekit_api(self) -> AsyncIterator[api.LiveKitAPI]:
        livekit = api.LiveKitAPI(self._ws_url, self._api_key, self._api_secret)
        try:
            yield livekit
        finally:
            await livekit.aclose()


@asynccontextmanager
async def _watched_memory(settings: AgentSettings) -> AsyncIterator[None]:
    pid = os.getpid()

    def release() -> None:
        release_everywhere(pid)
        release_memory()

    limits = MemoryLimits(settings.monitor_warn_bytes, settings.monitor_high_bytes)
    monitor = MemoryMonitor(partial(tree_memory_bytes, pid), release, limits, settings.monitor_interval_s)
    async with _running(monitor.run()):
        yield


@asynccontextmanager
async def _running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do some work beside a block, for as long as the block lasts."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _record_phrases(settings: AgentSettings, folder: Path, address: HostAddress) -> None:
    """Have somebody else's host speak what must be said when it is out of reach."""
    try:
        async with client_of(address, settings) as client:
            await record_phrases_of_host(settings, folder, client)
    except (ModelHostError, OSError) as error:
        _log.warning("The phrases for failures could not be recorded: %s", error)


async def _prepare_models() -> None:
    """Fetch, generate and check in a process of its own, so that this one stays as small as its calls need.

    Raises ModelFilesError; what is wrong was written to standard error.
    """
    command = (sys.executable, "-m", "voicegate_agent", "models", "--quiet")
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL)
    try:
        status = await process.wait()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if status != 0:
        raise ModelFilesError("The models cannot be used; see above.")
