"""Progress."""

import io

from rich.console import Console
from voicegate.progress import ProgressDisplay


def test_plain_lines_carry_the_time() -> None:
    """Where there is no terminal each step is a line with minutes and seconds since the start."""
    screen = io.StringIO()
    clock = iter([100.0, 100.0, 175.26])
    with ProgressDisplay(Console(file=screen, width=80), lambda: next(clock)) as progress:
        progress("Starting the agent")
        progress("[cycle-03] 1 call")
    assert screen.getvalue().splitlines() == ["  0:00.0  Starting the agent", "  1:15.3  [cycle-03] 1 call"]


def test_terminal_shows_the_current_step_and_cleans_up() -> None:
    """On a terminal the step stands in one line that is gone in the end."""
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=80)
    with ProgressDisplay(console) as progress:
        progress("Starting the agent")
    assert "Starting the agent" in screen.getvalue()
