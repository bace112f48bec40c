"""Simulating: every agent, its runs dealt out to processes, in an order that changes nothing."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from rich.console import Console

from voicegate.drive.leash import end_with_parent
from voicegate.exit_codes import ExitCode
from voicegate.progress import ProgressDisplay
from voicegate.simulate.agents import agents, chosen_agents, short_ids
from voicegate.simulate.rates import Counts, Rate, count, rates_of
from voicegate.simulate.table import headline, terminal_table

_AT_A_TIME = 50


def simulate(
    runs: int, only: Sequence[str], seed: int, processes: int, out: Console, progress_on: Console
) -> tuple[ExitCode, tuple[Rate, ...]]:
    """Simulate so many runs of each agent, for some criteria or all, and show the table; FAIL where a rate is not reached.

    Raises UsageError for a criterion that is not known.
    """
    with ProgressDisplay(progress_on) as progress:
        rates = tuple(_rates(runs, short_ids(only), seed, processes, progress))
    out.print(terminal_table(rates))
    out.print(headline(rates))
    reached = all(one.reached or one.agent.shown_only for one in rates)
    return ExitCode.PASS if reached else ExitCode.FAIL, rates


def _rates(
    runs: int, only: Sequence[str], seed: int, processes: int, progress: Callable[[str], None]
) -> Iterator[Rate]:
    places = [agents().index(agent) for agent in chosen_agents(only)]
    chunks = [(first, min(first + _AT_A_TIME, runs)) for first in range(0, runs, _AT_A_TIME)]
    with ProcessPoolExecutor(
        processes, get_context("spawn"), initializer=end_with_parent, initargs=(os.getpid(),)
    ) as pool:
        asked = {at: [pool.submit(count, at, only, *chunk, seed) for chunk in chunks] for at in places}
        for number, (at, counted) in enumerate(asked.items(), start=1):
            counts = sum((one.result() for one in counted), start=Counts())
            agent = agents()[at]
            progress(f"{number}/{len(places)} {agent.criterion or 'all'} {agent.kind}: {agent.what}")
            yield from rates_of(at, only, counts)
