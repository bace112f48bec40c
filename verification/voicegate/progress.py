"""What is going on, while it goes on: a spinner with a clock on a terminal, time-stamped lines elsewhere."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.console import Console

Progress = Callable[[str], None]
"""Hears of each step of something that takes its time."""


class ProgressDisplay:
    """A context manager; call it with each new step. `monotonic` is in seconds."""

    def __init__(self, console: "Console", monotonic: Callable[[], float] = time.monotonic) -> None:
        from rich import progress as live  # noqa: PLC0415 - callers' processes have no terminal

        self._console = console
        self._monotonic = monotonic
        self._began = monotonic()
        self._live = live.Progress(
            live.SpinnerColumn(),
            live.TimeElapsedColumn(),
            live.TextColumn("{task.description}", markup=False),
            console=console,
            transient=True,
        )
        self._task = self._live.add_task("Starting")

    def __call__(self, step: str) -> None:
        """Show the step that begins now."""
        if self._console.is_terminal:
            self._live.update(self._task, description=step)
            return
        line = stamped(self._monotonic() - self._began, step)
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._live.stop()


def stamped(elapsed_s: float, step: str) -> str:
    """Write a step with the minutes and seconds until it began."""
    return f"{int(elapsed_s // 60):3d}:{elapsed_s % 60:04.1f}  {step}"
