"""A model that many requests wait for: loaded once, in a thread of its own, so that nothing else waits for it.

A load cannot be stopped: one that takes longer than it ever should is told, and only another process can try again.
"""

import asyncio
import contextlib
import logging
import math
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

from voicegate_agent.model_host.protocol import LoadState, ModelHostError, ModelLoadError
from voicegate_agent.model_host.shared_instances import SharedInstance

logger = logging.getLogger("voicegate_agent.model_host")

RETRY_AFTER_S = 5.0
"""How long a failed load answers for all who ask; a file that is missing does not come back between two requests."""

THREAD_NAME = "loading"

Model = TypeVar("Model")
Result = TypeVar("Result")


class Loading(Generic[Model]):
    """Loads a model on first use; whoever asks meanwhile waits for the same load. For one event loop.

    `load` blocks; it gives the shared instance and whether it loaded it now. After `longest_s` it counts as stuck.
    """

    def __init__(
        self,
        load: Callable[[], tuple[SharedInstance[Model], bool]],
        *,
        longest_s: float = math.inf,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._load = load
        self._longest_s = longest_s
        self._began_s = 0.0
        self._clock = clock
        self._instance: SharedInstance[Model] | None = None
        self._task: asyncio.Task[tuple[SharedInstance[Model], bool]] | None = None
        self._failure: ModelHostError | None = None
        self._failed_s = 0.0

    @property
    def instance(self) -> SharedInstance[Model] | None:
        """The loaded model."""
        return self._instance

    @property
    def state(self) -> LoadState:
        """How far it is."""
        if self._instance is not None:
            return LoadState.LOADED
        if self._task is not None:
            return LoadState.LOADING if self._rest_s > 0 else LoadState.STUCK
        return LoadState.FAILED if self._failure else LoadState.NOT_LOADED

    async def get(self) -> tuple[SharedInstance[Model], bool]:
        """Give the model and whether this request had it loaded.

        Raises ModelLoadError; for `RETRY_AFTER_S` after a failure at once, later after another try, and when it is stuck.
        """
        if self._instance is not None:
            return self._instance, False
        first = self._task is None
        if self._task is None:
            self._refuse_if_just_failed()
            self._began_s = self._clock()
            self._task = asyncio.create_task(self._run())
            self._task.add_done_callback(self._note)
        try:
            async with asyncio.timeout(self._rest_s):
                instance, fresh = await asyncio.shield(self._task)
        except TimeoutError:
            message = f"the model has been loading for {self._longest_s:.0f} s, which is longer than it ever should: restart the host"
            raise ModelLoadError(message) from None
        return instance, fresh and first

    @property
    def _rest_s(self) -> float:
        return self._began_s + self._longest_s - self._clock()

    def _refuse_if_just_failed(self) -> None:
        rest_s = self._failed_s + RETRY_AFTER_S - self._clock()
        if self._failure is not None and rest_s > 0:
            raise ModelLoadError(str(self._failure), retry_after_s=rest_s)

    async def _run(self) -> tuple[SharedInstance[Model], bool]:
        try:
            return await _in_daemon_thread(self._load)
        except ModelHostError:
            raise
        except Exception as error:
            message = f"the model cannot be loaded: {type(error).__name__}: {error}"
            raise ModelLoadError(message) from error

    def _note(self, task: asyncio.Task[tuple[SharedInstance[Model], bool]]) -> None:
        """Keep what came of it, whether or not somebody still waits."""
        self._task = None
        if task.cancelled():
            return
        if isinstance(error := task.exception(), ModelHostError):
            self._failure, self._failed_s = error, self._clock()
            logger.error("%s", error, exc_info=error.__cause__ and error)
        else:
            self._instance = task.result()[0]


async def _in_daemon_thread(work: Callable[[], Result]) -> Result:
    """Run it in a thread that the process does not wait for at its end."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Result] = loop.create_future()

    def settle(set_it: Callable[[], None]) -> None:
        def set_once() -> None:
            if not done.done():
                set_it()

        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
            loop.call_soon_threadsafe(set_once)

    def run() -> None:
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - handed to who waits
            settle(partial(done.set_exception, error))
        else:
            settle(partial(done.set_result, result))

    threading.Thread(target=run, name=THREAD_NAME, daemon=True).start()
    return await done
