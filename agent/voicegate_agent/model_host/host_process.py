"""A model host's life as a process: built from its configuration, listening, stopped."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from voicegate_agent.host_settings import FitContext
from voicegate_agent.model_host.asr_engine import WhisperEngine
from voicegate_agent.model_host.config import HostConfig
from voicegate_agent.model_host.fitting import Fitting, chosen_fitting
from voicegate_agent.model_host.hardware import require_device
from voicegate_agent.model_host.kept_fitting import measured_fitting
from voicegate_agent.model_host.metrics import HostMetrics
from voicegate_agent.model_host.quarantine import Quarantine
from voicegate_agent.model_host.server import ModelHost, build_app, build_watched_app
from voicegate_agent.model_host.speech_streams import SpeechStreams
from voicegate_agent.model_host.transcription_queue import TranscriptionQueue
from voicegate_agent.model_host.tts_engine import PiperEngine
from voicegate_agent.models.files import ModelFiles
from voicegate_agent.models.packaged.records import ModelFilesError

logger = logging.getLogger("voicegate_agent.model_host")

PARENT_GONE_GRACE_S = 5.0
SHUTDOWN_TIMEOUT_S = 3.0


@dataclass(frozen=True, slots=True)
class Listening:
    """Where a host listens: on a Unix socket, else on a TCP port; `with_parent` ties its life to its parent's."""

    socket: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8080
    with_parent: bool = False


async def serve(config: HostConfig, listening: Listening) -> None:
    """Serve until SIGTERM or Ctrl-C, or when tied to a parent, until that closes our standard input.

    Raises ModelLoadError when the device of the settings is not there, or when the models are wanted at start and cannot
    be loaded; OSError when the address cannot be used.
    """
    require_device(config.settings)
    quarantine = Quarantine(listening.socket)
    host = _model_host(config, quarantine)
    if config.settings.load_at_start:
        await host.asr.get()
        await host.tts.get()
    runner, watched = _runner(build_app(host)), _runner(build_watched_app(host))
    await runner.setup()
    await watched.setup()
    try:
        await _listen(runner, listening)
        if config.settings.metrics_port:
            await web.TCPSite(watched, config.settings.metrics_host, config.settings.metrics_port).start()
        await _stop_requested(with_parent=listening.with_parent)
    finally:
        host.close()
        await watched.cleanup()
        await runner.cleanup()
        quarantine.forget()
        if listening.socket:
            _remove_socket(listening.socket, with_folder=listening.with_parent)


def _runner(app: web.Application) -> web.AppRunner:
    return web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=SHUTDOWN_TIMEOUT_S)


def _model_host(config: HostConfig, quarantine: Quarantine) -> ModelHost:
    metrics = HostMetrics()
    files, settings = config.files, config.settings

    def load_asr() -> TranscriptionQueue:
        fitting = chosen_fitting(settings.fit_context, fitting_of(files))
        if settings.fit_context is FitContext.AUTO and fitting is None:
            logger.info(
                "%s is given 30 s at a time; `voicegate-agent calibrate` measures whether less will do",
                files.asr_name,
            )
        engine = WhisperEngine.load(files.asr_dir, files.asr_name, settings, fitting)
        return TranscriptionQueue(
            engine,
            metrics,
            max_batch=settings.max_batch,
            fitting=fitting,
            quarantine=quarantine,
            waits_window_s=settings.recent_waits_s,
        )

    def load_tts() -> SpeechStreams:
        return SpeechStreams(PiperEngine.load(files.voice, settings.speaker))

    key = settings.model_host_api_key
    return ModelHost(
        load_asr,
        load_tts,
        metrics,
        settings.language,
        settings.speed,
        speaker=settings.speaker,
        api_key=key.get_secret_value() if key else None,
        longest_load_s=config.longest_load_s,
    )


def fitting_of(files: ModelFiles) -> Fitting | None:
    """Give how the model is fitted that was measured; a broken note of it is told, and counts as none."""
    try:
        return measured_fitting(files)
    except ModelFilesError as error:
        logger.warning("%s Until then the model is given 30 s at a time.", error)
        return None


async def _listen(runner: web.AppRunner, listening: Listening) -> None:
    site: web.BaseSite
    if listening.socket:
        listening.socket.unlink(missing_ok=True)
        site = web.UnixSite(runner, listening.socket)
    else:
        site = web.TCPSite(runner, listening.host, listening.port)
    await site.start()
    logger.debug("listening on %s", site.name)


async def _stop_requested(*, with_parent: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    if with_parent:
        _watch_parent(lambda: loop.call_soon_threadsafe(stop.set))
    else:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
    await stop.wait()


def _watch_parent(stop: Callable[[], object]) -> None:
    """Stop when standard input closes: the kernel closes it however the parent went.

    (PR_SET_PDEATHSIG would fire when the parent's *thread* that started this process ends.)
    """

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        stop()
        threading.Event().wait(PARENT_GONE_GRACE_S)
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def _remove_socket(path: Path, *, with_folder: bool) -> None:
    path.unlink(missing_ok=True)
    if with_folder:
        with contextlib.suppress(OSError):
            path.parent.rmdir()
