"""C8: the agent reports its memory every minute, in the right class, and the number is true."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from pydantic import Field

from voicegate.judge.criterion import (
    Caveat,
    Conclusion,
    Criterion,
    CriterionLimits,
    Need,
    NotMeasured,
    RulesFor,
)
from voicegate.judge.finding import Bound, Measurement, Side, counted
from voicegate.judge.log_texts import log_texts
from voicegate.log_contract import LogContract
from voicegate.measure.copies import all_come_twice, copies_or_two, counted_once
from voicegate.measure.memory_levels import METRIC, samples_between, sampling_advice, tree_pss
from voicegate.measure.phases import QUIET, last_t, missing_part, phase
from voicegate.quantity import format_bytes
from voicegate.record.events import Recording

MATCH_S = 2.0
"""How far from a report its sample may lie in time: a monitor measures before it writes, and we sample twice a second."""

_MATCHED = 20

Class = Literal["healthy", "warning", "high"]

NO_REPORTS = (
    "report the tree's memory in lines that fit [log] memory_healthy, memory_warning and memory_high, at a level that the agent's log shows "
    "(a line at DEBUG does not reach a log at INFO), or give these keys the agent's own words: `voicegate judge recording.jsonl --gate "
    "gate.toml` tries them on this run"
)
"""What to do where no line fits the patterns of memory reports: the monitor is silent, or they are wrong."""


class Limits(CriterionLimits):
    """How often the agent reports its memory, and how truly."""

    monitor_interval_s: float = Field(default=60.0, gt=0, description="time between two memory reports")
    monitor_tolerance_s: float = Field(
        default=5.0, ge=0, description="how much later than the interval a report may come"
    )
    monitor_lines: int = Field(
        default=3,
        ge=2,
        description="reports needed at least; a longer run needs one per interval and tolerance",
    )
    monitor_warning_bytes: int = Field(
        default=2_000_000_000, gt=0, description="from here on a report must be a warning"
    )
    monitor_high_bytes: int = Field(
        default=3_000_000_000, gt=0, description="above this a report must be of the class high"
    )
    monitor_error: float = Field(
        default=0.05,
        gt=0,
        description="how far a report may be from the gate's own sample, as a fraction of it",
    )


@dataclass(frozen=True, slots=True)
class Report:
    """One memory report of the agent; bytes, and the class its text claims."""

    t: float
    memory_bytes: float
    stated: Class


def measure(recording: Recording, rules: RulesFor[Limits]) -> Conclusion:
    """Check the reports' number, intervals, classes and values."""
    limits = rules.limits
    reports = memory_reports(recording, rules.log)
    begin_t, end_t = _watched(recording)
    _refuse_if_too_short(recording, reports, end_t - begin_t, limits)
    deviations, watched_s = _deviations(recording, reports), end_t - begin_t
    owed, lines = Bound(Side.AT_LEAST, _owed(watched_s, limits)), len(recording.log)
    return Conclusion(
        measurements=(
            Measurement("memory reports", len(reports), "count", "log lines", owed, lines, watched_s),
            *([_largest_deviation(reports, limits)] if len(reports) > 1 else []),
            *([_longest_silence(reports, begin_t, end_t, limits)] if reports else []),
            *([_wrong_classes(reports, limits)] if reports else []),
            *([_largest_error(deviations, limits)] if deviations else []),
        ),
        evidence=tuple(_describe(report, deviations) for report in reports),
        stability=f"{len(deviations)} of {len(reports)} reports have our own sample within {MATCH_S:g} s",
        caveats=_unmatched(recording, reports, deviations),
        met=f"{len(reports)} reports, {limits.monitor_interval_s:g} s apart, each in the right class and correct",
        advice="" if reports else NO_REPORTS,
    )


judge = Criterion(
    id="C8-monitor",
    title="the monitor reports on time, and correctly",
    question="Does the agent report its memory, on time and correctly?",
    passes="the agent reports its memory every 60 s, and the number is right",
    how=(
        "The log is read from the time when the agent is ready until the last phase ends. The time "
        "between two reports, before the first and after the last may not be longer than the interval "
        "plus its tolerance, so a monitor that dies fails. A longer run needs more reports. Each report "
        "must have the class that belongs to its number, and the number must agree with the gate's own "
        "samples around it."
    ),
    formula="error = |reported - nearest sample| / nearest sample",
    when_it_fails="report the PSS of the whole process tree, measured at that moment, from a thread or process that calls cannot block",
    limits=Limits,
    measure=measure,
    owes=(
        "memory reports",
        "largest deviation from",
        "longest time before the first report or after the last",
        "reports in the wrong class",
        "largest difference to our own sample",
    ),
    needs=(Need.MEMORY_REPORTS, Need.PROCESSES),
)


def memory_reports(recording: Recording, contract: LogContract) -> tuple[Report, ...]:
    """Find the memory reports of the log in time order, none where it does not report memory; raises NotMeasured when no line of it was recorded."""
    if not contract.reports_memory:
        return ()
    lines = log_texts(recording)
    texts: tuple[tuple[Class, str], ...] = (
        ("healthy", contract.memory_healthy),
        ("warning", contract.memory_warning),
        ("high", contract.memory_high),
    )
    patterns = [(stated, re.compile(text)) for stated, text in texts]
    lines = [line for line in lines if any(pattern.search(line.message) for _, pattern in patterns)]
    if all_come_twice(lines):
        raise copies_or_two("memory")
    return tuple(
        Report(line.t, float(match["megabytes"]) * contract.megabyte_bytes, stated)
        for line in counted_once(lines)
        for stated, pattern in patterns
        for match in pattern.finditer(line.message)
    )


def _watched(recording: Recording) -> tuple[float, float]:
    """Tell from when to when a working monitor is heard: the agent is ready, until the last phase ends."""
    own = [event for event in recording.processes if event.what == "agent"]
    begins = [event.t for step in ("ready", "started") for event in own if event.step == step]
    begin_t = begins[0] if begins else 0.0
    return begin_t, recording.phases[-1].t if recording.phases else last_t(recording)


def _owed(watched_s: float, limits: Limits) -> int:
    """Count the reports that the slowest monitor allowed has made by then; the first comes one interval after the start."""
    slowest_s = limits.monitor_interval_s + limits.monitor_tolerance_s
    return max(limits.monitor_lines, int(watched_s // slowest_s))


def _refuse_if_too_short(
    recording: Recording, reports: Sequence[Report], watched_s: float, limits: Limits
) -> None:
    """Too few reports are a failure only if the run was long enough for more."""
    if len(reports) >= limits.monitor_lines:
        return
    needed_s = limits.monitor_lines * (limits.monitor_interval_s + limits.monitor_tolerance_s)
    if watched_s >= needed_s:
        return
    quiet = phase(QUIET)
    if not quiet.is_in(recording):
        raise missing_part(recording, f"phase {QUIET} to await memory reports in", quiet.is_in)
    reason = f"{len(reports)} memory reports in {watched_s:.0f} s; {needed_s:.0f} s are needed to judge"
    raise NotMeasured(reason, "run the full scenario to its end")


def _largest_deviation(reports: Sequence[Report], limits: Limits) -> Measurement:
    """Find the interval that is furthest off."""
    usual_s = limits.monitor_interval_s
    off_s = [abs(later.t - earlier.t - usual_s) for earlier, later in pairwise(reports)]
    what = f"largest deviation from {usual_s:g} s between reports"
    bound = Bound(Side.AT_MOST, limits.monitor_tolerance_s)
    window_s = reports[-1].t - reports[0].t
    return Measurement(what, max(off_s), "s", "log line times", bound, len(off_s), window_s)


def _longest_silence(reports: Sequence[Report], begin_t: float, end_t: float, limits: Limits) -> Measurement:
    """Find the longer of the times before the first report and after the last: a monitor may start late, or die."""
    what = "longest time before the first report or after the last"
    silent_s = max(reports[0].t - begin_t, end_t - reports[-1].t)
    bound = Bound(Side.AT_MOST, limits.monitor_interval_s + limits.monitor_tolerance_s)
    return Measurement(what, silent_s, "s", "log line times", bound, len(reports), end_t - begin_t)


def _wrong_classes(reports: Sequence[Report], limits: Limits) -> Measurement:
    wrong = sum(report.stated != _class_of(report.memory_bytes, limits) for report in reports)
    return counted("reports in the wrong class", wrong, 0, "log lines", len(reports))


def _class_of(memory_bytes: float, limits: Limits) -> Class:
    if memory_bytes > limits.monitor_high_bytes:
        return "high"
    return "warning" if memory_bytes >= limits.monitor_warning_bytes else "healthy"


def _largest_error(deviations: dict[Report, float], limits: Limits) -> Measurement:
    what, bound = "largest difference to our own sample", Bound(Side.AT_MOST, limits.monitor_error)
    most, count = max(deviations.values()), len(deviations)
    return Measurement(what, most, "fraction", METRIC, bound, count, 2 * MATCH_S)


def _deviations(recording: Recording, reports: Sequence[Report]) -> dict[Report, float]:
    """Measure how far each report is from the range of our samples around it, as a fraction of the nearest one."""
    found: dict[Report, float] = {}
    for report in reports:
        near = samples_between(recording, report.t - MATCH_S, report.t + MATCH_S)
        if near:
            own = [tree_pss(sample) for sample in near]
            nearest = min(max(report.memory_bytes, min(own)), max(own))
            found[report] = abs(report.memory_bytes - nearest) / nearest
    return found


def _unmatched(
    recording: Recording, reports: Sequence[Report], deviations: dict[Report, float]
) -> tuple[Caveat, ...]:
    """Return a caveat on the truth of the reports when our own samples say nothing about more than one in twenty of those in the phases.

    Before the first phase and after the last one we need not have sampled yet, or any more.
    """
    phases = recording.phases
    owed = [one for one in reports if phases and phases[0].t <= one.t <= phases[-1].t] or reports
    alone = [report.t for report in owed if report not in deviations]
    if len(alone) <= len(owed) // _MATCHED:
        return ()
    reason = f"only {len(owed) - len(alone)} of {len(owed)} memory reports have a memory sample of ours beside them"
    return (Caveat(reason, sampling_advice(recording, alone[0] - MATCH_S, alone[-1] + MATCH_S)),)


def _describe(report: Report, deviations: dict[Report, float]) -> str:
    own = f", {deviations[report] * 100:.1f} % off our samples" if report in deviations else ""
    return f"{report.t:.1f} s: {format_bytes(report.memory_bytes)}, {report.stated}{own}"
