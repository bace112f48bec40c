"""The rates as a table: on the terminal, and as Markdown for docs/error-rates.md."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from voicegate.judge.criterion import short_id
from voicegate.judge.registry import all_criteria
from voicegate.simulate.agents import LEFT_OUT, SCRIPTED
from voicegate.simulate.kinds import KINDS
from voicegate.simulate.memory_agents import FURTHER_CYCLES
from voicegate.simulate.rates import ALARM_RATE, CATCH_RATE, Rate

_HEAD = ("criterion", "agent", "what is wrong, or not", "PASS", "FAIL", "ERROR", "asked for")
_FURTHER = (
    f" C6's runs go on while it is undecided, one cycle at a time, up to {FURTHER_CYCLES}: what fits into ten minutes on two cores, with both"
    " variants."
)
_ORDER = {short_id(one.id): place for place, one in enumerate(all_criteria())}


def in_order(rates: Sequence[Rate]) -> list[Rate]:
    """Sort by criterion, in the order of the report, good agents first."""
    return sorted(rates, key=lambda one: (_ORDER[one.criterion], not one.agent.good))


def terminal_table(rates: Sequence[Rate]) -> Table:
    """Lay the rates out for a terminal; what was not reached stands out."""
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 1, 0, 0))
    for at, head in enumerate(_HEAD):
        table.add_column(head, justify="right" if at in (3, 4, 5) else "left", no_wrap=at != 2)
    for one in in_order(rates):
        style = "" if one.reached or one.agent.shown_only else "bold red"
        table.add_row(*(Text(cell, style=style) for cell in _cells(one)))
    return table


def headline(rates: Sequence[Rate]) -> str:
    """Say in a sentence whether every rate was reached."""
    asked = [one for one in rates if not one.agent.shown_only]
    missed = [one for one in asked if not one.reached]
    if not missed:
        return f"all {len(asked)} rates are reached"
    names = ", ".join(map(_missed, in_order(missed)))
    return f"{len(missed)} of {len(asked)} rates are not reached: {names}"


def _missed(rate: Rate) -> str:
    chance = "" if rate.surely_missed else f" (perhaps by chance: {rate.wrong} of {rate.runs} runs)"
    return f"{rate.criterion} {rate.agent.kind}{chance}"


def markdown(rates: Sequence[Rate], runs: int, seed: int) -> str:
    """Write the page: what was simulated, the table, and what was left out."""
    kinds = "\n".join(f"- *{kind}*: {where}." for kind, where in KINDS.items())
    rows = "\n".join(f"| {' | '.join(_cells(one))} |" for one in in_order(rates))
    left_out = "\n".join(
        f"- {id_}: {'; '.join(f'*{kinds}*: {reason}' for kinds, reason in reasons.items())}."
        for id_, reasons in LEFT_OUT.items()
        if _has(rates, id_)
    )
    return f"""# How often a criterion is wrong

`nox -s simulate` wrote this page: {runs:,} simulated runs of each agent, seed {seed}. A run is made up in the shape of the scenario `full` (of a load run for
L1 to L5), with noise as it was measured on real runs, and judged by the real criterion with the default limits. The numbers of the noise, and which recordings
they are from, stand in [noise.py](../verification/voicegate/simulate/noise.py). {", ".join(SCRIPTED)} look at each of a few steps of a scripted call, and estimate
nothing: they are not simulated.

A good agent may FAIL, or end as an ERROR, in {100 * ALARM_RATE:g} % of the runs. A broken one, at twice the limit, must FAIL in {100 * CATCH_RATE:g} %; an ERROR does not count as caught.
{headline(rates).capitalize()}.{_FURTHER if _has(rates, "C6") else ""}

Where a fault shows:

{kinds}

| {" | ".join(_HEAD)} |
|---|---|---|---:|---:|---:|---|
{rows}

Not simulated, because the criterion has no such fault:

{left_out}
"""


def _has(rates: Sequence[Rate], id_: str) -> bool:
    return any(one.criterion == id_ for one in rates)


def _cells(one: Rate) -> tuple[str, ...]:
    counts = (one.passed, one.failed, one.undecided)
    shares = (f"{100 * count / max(1, one.runs):.1f} %" for count in counts)
    return (one.criterion, one.agent.kind, one.agent.what, *shares, _asked(one))


def _asked(one: Rate) -> str:
    if one.agent.shown_only:
        return "shown only"
    asked = "PASS ≥ 99 %" if one.agent.good else "FAIL ≥ 95 %"
    return asked if one.reached else f"{asked}: MISSED"
