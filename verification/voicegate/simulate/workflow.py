"""Simulating: every agent, its runs dealt out to processes, in an order that changes nothing."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context

from rich.console import Console

from voicegate.drive.leash import end_with_parent
from voicegate.exit_codes import ExitCode
from voicegate.progress import ProgressDisplay
from voicegate.simulate.agents import agents, chosen_agents, short_ids
from voicegate.simulate.rates import Counts, Rate, count, rates_of
from voicegate.simulate.table import headline, terminal_table

_AT_A_TIME = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """What to simulate: how many runs of each agent, for which criteria (all if empty), from which seed, in how many processes."""

    runs: int
    only: tuple[str, ...]
    seed: int
    processes: int


def simulate(asked: Asked, out: Console, progress_on: Console) -> tuple[ExitCode, tuple[Rate, ...]]:
    """Simulate and show the table; FAIL where a rate is not reached. Raises UsageError for a criterion that is not known."""
    with ProgressDisplay(progress_on) as progress:
        rates = tuple(_rates(asked, progress))
    out.print(terminal_table(rates))
    out.print(headline(rates))
    reached = all(one.reached or one.agent.shown_only for one in rates)
    return ExitCode.PASS if reached else ExitCode.FAIL, rates


def _rates(asked: Asked, progress: Callable[[str], None]) -> Iterator[Rate]:
    only = short_ids(asked.only)
    places = [agents().index(agent) for agent in chosen_agents(asked.only)]
    counts = {at: Counts() for at in places}
    left = {at: len(_chunks(asked.runs)) for at in places}
    with ProcessPoolExecutor(
        asked.processes, get_context("spawn"), initializer=end_with_parent, initargs=(os.getpid(),)
    ) as pool:
        futures: dict[Future[Counts], int] = {
            pool.submit(count, at, only, first, last, asked.seed): at
            for at in places
            for first, last in _chunks(asked.runs)
        }
        done = 0
        for future in as_completed(futures):
            at = futures[future]
            counts[at] += future.result()
            left[at] -= 1
            if left[at] == 0:
                done += 1
                agent = agents()[at]
                progress(f"{done}/{len(places)} {agent.criterion or 'all'} {agent.kind}: {agent.what}")
    for at in places:
        yield from rates_of(at, only, counts[at])


def _chunks(runs: int) -> Sequence[tuple[int, int]]:
    return [(first, min(first + _AT_A_TIME, runs)) for first in range(0, runs, _AT_A_TIME)]
