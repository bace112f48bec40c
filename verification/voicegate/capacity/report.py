"""What the report on a capacity shows: the answers, and every level that was tried."""

from voicegate.capacity.curves import cores_chart, waits_chart
from voicegate.capacity.result import Capacity, IsolationResult, LevelResult
from voicegate.measure.processor_usage import ELSEWHERE
from voicegate.quantity import format_quantity, if_known, written_time
from voicegate.record.processor_time import CALLERS, GATE, SERVER
from voicegate.report.contents import Cell, Column, On, Report, Table

_WORTH_SHOWING = 0.005  # cores; less is written as 0.00
_ROLES = ("model-host", "job", "main", "other")
_HELD: dict[bool | None, Cell] = {
    True: Cell("holds", "pass"),
    False: Cell("does not", "fail"),
    None: Cell("not judged", "error"),
}


def capacity_report(capacity: Capacity) -> Report:
    """Put together what is shown of a capacity."""
    return Report(
        document=capacity,
        file="capacity.json",
        outcome=capacity.verdict,
        headline="\n".join(result.headline() for result in capacity.results),
        about="How many calls can talk at once within the limits of a load run; at least"
        f" {capacity.at_least} asked for, at most {capacity.most_calls} tried. Started {written_time(capacity.started_at)}."
        f" Models: {capacity.profile}.",
        tables=tuple(
            Table(result.isolation, _levels(result), result.in_order, below=_why)
            for result in capacity.results
        ),
        drawn=lambda: {"charts": list(filter(None, (waits_chart(capacity), cores_chart(capacity))))},
        beside=tuple(f"{result.folder}/recording.jsonl" for result in capacity.results),
        footnote="Behind each number of calls is Locust's own page of it. Waits run from the end of the caller's speech to"
        " the first sound of the reply. One core is one processor, all of the time; the callers' are the gate's too."
        " A hollow dot did not hold.",
    )


def _levels(result: IsolationResult) -> tuple[Column[LevelResult], ...]:
    def calls(one: LevelResult) -> Cell:
        return Cell(f"{one.calls}", href=f"{result.folder}/level-{one.calls:02}/locust.html")

    return (
        Column("level", lambda one: _HELD[one.held], "outcome"),
        Column("calls", calls, "number"),
        Column("turns", lambda one: f"{one.turns}", "number"),
        Column("p50", lambda one: _seconds(one.p50_s), "number"),
        Column("p95", lambda one: _seconds(one.p95_s), "number"),
        Column("p99", lambda one: _seconds(one.p99_s), "number", On.PAGE),
        Column("failed", lambda one: f"{one.calls_failed} of {one.calls_made}", "number"),
        Column("join p95", lambda one: _seconds(one.join_p95_s), "number", On.PAGE),
        Column("agent", lambda one: _cores(one.agent_total_cores), "number", On.NARROW),
        Column("agent's cores", _agent_cores, on=On.ROOMY),
        Column("callers'", _callers_cores, "number"),
        Column("server's", lambda one: _cores(one.other_cores.get(SERVER)), "number", On.PAGE),
        Column("others'", lambda one: _cores(one.other_cores.get(ELSEWHERE)), "number", On.PAGE),
        Column("memory", lambda one: if_known(format_quantity, one.peak_bytes, "bytes"), "number", On.PAGE),
        Column("why", _why, on=On.WIDE | On.MARKDOWN),
    )


def _seconds(value_s: float | None) -> str:
    """Write a wait."""
    return "–" if value_s is None else f"{value_s:.2f} s"


def _cores(value: float | None) -> str:
    """Write a number of cores."""
    return "–" if value is None else f"{value:.2f}"


def _agent_cores(level: LevelResult) -> str:
    """Write what the agent used, and by which role."""
    if level.agent_total_cores is None:
        return "–"
    known = [role for role in _ROLES if role in level.agent_cores]
    roles = [*known, *sorted(set(level.agent_cores) - set(known))]
    shown = [
        f"{role} {level.agent_cores[role]:.2f}" for role in roles if level.agent_cores[role] >= _WORTH_SHOWING
    ]
    return ": ".join(filter(None, (f"{level.agent_total_cores:.2f}", ", ".join(shown))))


def _callers_cores(level: LevelResult) -> str:
    """Write what callers and gate used."""
    others = level.other_cores
    return _cores(others.get(CALLERS, 0.0) + others.get(GATE, 0.0)) if others else "–"


def _why(level: LevelResult) -> str:
    """Say why a level did not hold, what the bottleneck was, and what is doubtful."""
    parts = [*level.reasons]
    if level.bottleneck is not None:
        parts.append(f"bottleneck: {level.bottleneck.text}")
    parts += [f"note: {note}" for note in level.notes]
    return "; ".join(parts)
