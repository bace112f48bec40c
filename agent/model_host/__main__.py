"""Run a model host: `python -m agent.model_host`, by itself on a port, or as an agent's child on a socket."""

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from agent.log_output import configure_logging
from agent.memory_release import release_on_signal
from agent.model_host.asr_engine import WhisperEngine
from agent.model_host.config import HostConfig, add_arguments
from agent.model_host.metrics import HostMetrics
from agent.model_host.protocol import ModelHostError
from agent.model_host.recognizer import Recognizer
from agent.model_host.server import ModelHost, build_app
from agent.model_host.speaker import Speaker
from agent.model_host.tts_engine import PiperEngine
from agent.models.disk_space import DiskSpaceError
from agent.models.files import ModelFilesError
from agent.models.profiles import resolve
from agent.settings import SettingsError, load_settings

PARENT_GONE_GRACE_S = 5.0
SHUTDOWN_TIMEOUT_S = 3.0


def main() -> int:
    """Serve until told to stop; returns 0, or 3 when the models or the address cannot be used."""
    arguments = _parse_arguments()
    try:
        config = _read_config(arguments)
        configure_logging(config.log_format)
        release_on_signal()
        asyncio.run(_serve(config, arguments))
    except (ModelHostError, ModelFilesError, DiskSpaceError, SettingsError, OSError) as error:
        print(f"model host: {error}", file=sys.stderr)
        return 3
    return 0


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m agent.model_host", description=__doc__)
    parser.add_argument("--socket", type=Path, metavar="PATH", help="listen on this Unix socket")
    parser.add_argument("--host", default="127.0.0.1", help="else listen on this address (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8080, help="and this TCP port (default 8080)")
    parser.add_argument(
        "--with-parent", action="store_true", help="stop when standard input closes, and not on Ctrl-C"
    )
    add_arguments(parser)
    return parser.parse_args()


def _read_config(arguments: argparse.Namespace) -> HostConfig:
    """Take everything from the command line, or without models there everything from the agent's settings."""
    if arguments.asr_model and arguments.voice:
        return HostConfig.from_namespace(arguments)
    settings = load_settings()
    files = resolve(settings, lambda progress: print(progress, file=sys.stderr))
    return HostConfig.from_settings(settings, files)


async def _serve(config: HostConfig, arguments: argparse.Namespace) -> None:
    host = _model_host(config)
    if config.load_at_start:
        await host.asr()
        await host.tts()
    runner = web.AppRunner(
        build_app(host), handler_cancellation=True, access_log=None, shutdown_timeout=SHUTDOWN_TIMEOUT_S
    )
    await runner.setup()
    try:
        await _listen(runner, arguments)
        await _stop_requested(with_parent=arguments.with_parent)
    finally:
        await runner.cleanup()
        if arguments.socket:
            _remove_socket(arguments.socket, with_folder=arguments.with_parent)


def _model_host(config: HostConfig) -> ModelHost:
    metrics = HostMetrics()

    def load_asr() -> Recognizer:
        engine = WhisperEngine.load(config.asr_dir, config.asr_name, config.cpu_threads)
        return Recognizer(engine, metrics, max_batch=config.max_batch, fit_context=config.fit_context)

    def load_tts() -> Speaker:
        return Speaker(PiperEngine.load(config.voice))

    return ModelHost(load_asr, load_tts, metrics, config.language)


async def _listen(runner: web.AppRunner, arguments: argparse.Namespace) -> None:
    site: web.BaseSite
    if arguments.socket:
        arguments.socket.unlink(missing_ok=True)
        site = web.UnixSite(runner, arguments.socket)
    else:
        site = web.TCPSite(runner, arguments.host, arguments.port)
    await site.start()
    logging.getLogger("agent.model_host").debug("listening on %s", site.name)


async def _stop_requested(*, with_parent: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    if with_parent:
        loop.add_signal_handler(signal.SIGINT, lambda: None)
        _watch_parent(lambda: loop.call_soon_threadsafe(stop.set))
    else:
        loop.add_signal_handler(signal.SIGINT, stop.set)
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


if __name__ == "__main__":
    sys.exit(main())
