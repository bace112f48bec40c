"""A model that many requests wait for: loaded once, in a thread of its own, so that nothing else waits for it."""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from typing import Generic, TypeVar

from voicegate_agent.model_host.protocol import ModelHostError, ModelLoadError
from voicegate_agent.model_host.shared_instances import SharedInstance

logger = logging.getLogger("voicegate_agent.model_host")

RETRY_AFTER_S = 5.0
"""How long a failed load answers for all who ask; a file that is missing does not come back between two requests."""

Model = TypeVar("Model")


class LoadState(StrEnum):
    """How far a model is."""

    NOT_LOADED = "not loaded"
    LOADING = "loading"
    LOADED = "loaded"
    FAILED = "failed"


class Loading(Generic[Model]):
    """Loads a model on first use; whoever asks meanwhile waits for the same load. For one event loop.

    `load` blocks; it gives the shared instance and whether it loaded it now.
    """

    def __init__(
        self,
        load: Callable[[], tuple[SharedInstance[Model], bool]],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._load = load
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
            return LoadState.LOADING
        return LoadState.FAILED if self._failure else LoadState.NOT_LOADED

    async def get(self) -> tuple[SharedInstance[Model], bool]:
        """Give the model and whether this request had it loaded.

        Raises ModelLoadError; for `RETRY_AFTER_S` after a failure at once, later after another try.
        """
        if self._instance is not None:
            return self._instance, False
        first = self._task is None
        if self._task is None:
            self._refuse_if_just_failed()
            self._task = asyncio.create_task(self._run())
            self._task.add_done_callback(self._note)
        instance, fresh = await asyncio.shield(self._task)
        return instance, fresh and first

    def _refuse_if_just_failed(self) -> None:
        rest_s = self._failed_s + RETRY_AFTER_S - self._clock()
        if self._failure is not None and rest_s > 0:
            raise ModelLoadError(str(self._failure), retry_after_s=rest_s)

    async def _run(self) -> tuple[SharedInstance[Model], bool]:
        thread = ThreadPoolExecutor(1, thread_name_prefix="loading")
        try:
            return await asyncio.get_running_loop().run_in_executor(thread, self._load)
        except ModelHostError:
            raise
        except Exception as error:
            message = f"the model cannot be loaded: {type(error).__name__}: {error}"
            raise ModelLoadError(message) from error
        finally:
            thread.shutdown(wait=False)

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
