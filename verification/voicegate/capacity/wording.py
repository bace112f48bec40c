"""How results are written for people, the same on terminal, page and in Markdown."""

from voicegate.capacity.result import IsolationResult, LevelResult
from voicegate.record.processor_time import CALLERS, GATE

_WORTH_SHOWING = 0.005  # cores; less is written as 0.00
_ROLES = ("model-host", "job", "main", "other")


def in_order(result: IsolationResult) -> list[LevelResult]:
    """List the levels by their calls, not by when they were tried."""
    return sorted(result.levels, key=lambda level: level.calls)


def seconds(value_s: float | None) -> str:
    """Write a wait."""
    return "–" if value_s is None else f"{value_s:.2f} s"


def cores(value: float | None) -> str:
    """Write a number of cores."""
    return "–" if value is None else f"{value:.2f}"


def agent_cores(level: LevelResult) -> str:
    """Write what the agent used, and by which role."""
    if level.agent_total_cores is None:
        return "–"
    known = [role for role in _ROLES if role in level.agent_cores]
    roles = [*known, *sorted(set(level.agent_cores) - set(known))]
    shown = [
        f"{role} {level.agent_cores[role]:.2f}" for role in roles if level.agent_cores[role] >= _WORTH_SHOWING
    ]
    return ": ".join(filter(None, (f"{level.agent_total_cores:.2f}", ", ".join(shown))))


def callers_cores(level: LevelResult) -> str:
    """Write what callers and gate used."""
    others = level.other_cores
    return cores(others.get(CALLERS, 0.0) + others.get(GATE, 0.0)) if others else "–"


def why(level: LevelResult) -> str:
    """Say why a level did not hold, what the bottleneck was, and what is doubtful."""
    parts = [*level.reasons]
    if level.bottleneck is not None:
        parts.append(f"bottleneck: {level.bottleneck.text}")
    parts += [f"note: {note}" for note in level.notes]
    return "; ".join(parts)
