"""What a search for the capacity leaves in the history: one line for each kind of isolation."""

from collections.abc import Iterable

from voicegate.capacity.result import Capacity, IsolationResult
from voicegate.capacity.search import Search
from voicegate.history.entries import Entry, Figure, Setting, agent_named
from voicegate.record.events import Header

CAPACITY = "capacity"


def entry_of_search(capacity: Capacity, one: IsolationResult, header: Header, search: Search) -> Entry:
    """Take what the history keeps of one search; `header` is that of its recording."""
    cores = header.environment.get("cpu_count")
    return Entry(
        started_at=header.started_at,
        verdict=capacity.verdict,
        outcome="complete" if one.finished else "interrupted",
        setting=Setting(
            profile=header.profile,
            isolation=one.isolation,
            scenario=f"{CAPACITY} {_asked(search)}",
            cpu_count=cores if isinstance(cores, int) else None,
            ears="",
            agent=agent_named(header.agent_command),
        ),
        statuses={},
        figures=tuple(_figures(capacity, one)),
    )


def _asked(search: Search) -> str:
    """Say what makes it another search than others."""
    for_s = "" if search.level_time_s is None else f", {search.level_time_s:g} s each"
    return f"{search.most_calls} calls at most{for_s}"


def _figures(capacity: Capacity, one: IsolationResult) -> Iterable[Figure]:
    """List how many calls held, and how long callers waited in each level."""
    if one.capacity is not None:
        what = "calls that hold"
        yield Figure(
            criterion=CAPACITY, what=what, value=one.capacity, unit="count", side="≥", limit=capacity.at_least
        )
    if one.calls_per_agent_core is not None:
        what = "calls per agent core"
        yield Figure(criterion=CAPACITY, what=what, value=one.calls_per_agent_core, unit="count", side="≥")
    for level in one.in_order:
        if level.p95_s is not None and level.p95_s < float("inf"):
            what = f"wait with {level.calls} at once, p95"
            yield Figure(
                criterion=CAPACITY,
                what=what,
                value=level.p95_s,
                unit="s",
                side="≤",
                limit=capacity.limit_p95_s,
            )
