"""From start to a stop that loses no call: signals, draining, and what is left when LiveKit is gone for good."""

import asyncio
import contextlib
import logging
import signal

from voicegate_agent.voice_server import VoiceServer

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)

_log = logging.getLogger(__name__)


async def serve(server: VoiceServer) -> None:
    """Run until a stop signal: then take no more calls, let those that run end, and close.

    A second signal closes at once. Raises what `VoiceServer.run` raises when it could not go on.
    """
    stop_requests = _stop_requests()
    try:
        await _serve_until(server, stop_requests)
    finally:
        _ignore_stop_signals()


async def _serve_until(server: VoiceServer, stop_requests: asyncio.Semaphore) -> None:
    running = asyncio.create_task(server.run(), name="agent server")
    first = asyncio.create_task(stop_requests.acquire(), name="stop signal")
    await asyncio.wait({running, first}, return_when=asyncio.FIRST_COMPLETED)
    if not running.done():
        await _stop(server, running, stop_requests)
    first.cancel()
    if running.done() and not running.cancelled() and (error := running.exception()) is not None:
        await server.aclose()
        raise error


async def _stop(server: VoiceServer, running: asyncio.Task[None], stop_requests: asyncio.Semaphore) -> None:
    if not server.running:
        running.cancel()
        await asyncio.wait({running})
        return
    _log.info("Stopping: no new calls; those that run may end. A second signal closes them.")
    draining = asyncio.create_task(server.drain(), name="drain")
    second = asyncio.create_task(stop_requests.acquire(), name="second stop signal")
    await asyncio.wait({draining, second}, return_when=asyncio.FIRST_COMPLETED)
    for task in (draining, second):
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, TimeoutError):
            await task
    if calls := len(server.active_jobs):
        _log.warning("Stopping cuts off %d calls that did not end in time.", calls)
    else:
        _log.info("Stopping: all calls have ended.")
    await server.aclose()
    await asyncio.wait({running})


def _stop_requests() -> asyncio.Semaphore:
    """Count stop signals: each lets one waiter through."""
    requests = asyncio.Semaphore(0)
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, requests.release)
    return requests


def _ignore_stop_signals() -> None:
    """Let a signal that comes while the process is ending change nothing, its exit code least of all."""
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_IGN)
