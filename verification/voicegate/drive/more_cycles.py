"""Going on while nothing is decided: further connect/disconnect cycles after the planned ones, within bounds."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from voicegate.drive.scenario import Step, cycle
from voicegate.measure.phases import AFTER_CYCLE
from voicegate.record.recording import Clock

LONGEST_RUN_S = 600.0
"""A run is not made longer than this for the sake of one criterion."""

_CYCLE_S = 16.0  # 8.5 to 10 s of call and 3.5 to 7.5 s of rest, on 2 busy cores


def going_on(
    steps: Iterable[Step], planned: Sequence[Step], more: int, undecided: Callable[[], bool]
) -> Iterator[Step]:
    """Give the steps, which are as planned, and after the last cycle up to `more` others, one at a time, while `undecided`."""
    count = sum(step.phase.startswith(AFTER_CYCLE) for step in planned)
    for step in steps:
        yield step
        if more and step.phase == f"{AFTER_CYCLE}{count:02}":
            for number in range(count + 1, count + more + 1):
                if not undecided():
                    break
                yield from cycle(number)


def in_time(undecided: Callable[[], bool], clock: Clock, to_come_s: float) -> Callable[[], bool]:
    """Ask only as long as a cycle, and what is to come after all of them, fits into the longest run."""
    return lambda: clock() + _CYCLE_S + to_come_s <= LONGEST_RUN_S and undecided()
