"""Finding the capacity, step by step: search with each kind of isolation, judge what was recorded, report on all of it."""

import re
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from voicegate.capacity.history import entry_of_search
from voicegate.capacity.level import LEVEL, judged_levels
from voicegate.capacity.report import capacity_report
from voicegate.capacity.result import Capacity, IsolationResult, isolation_result, verdict_of
from voicegate.capacity.search import Search
from voicegate.exit_codes import ExitCode, MeasuringError, worst
from voicegate.judge.registry import Rules
from voicegate.measure.phases import spans
from voicegate.record.events import Recording
from voicegate.record.recording import RecordingError, read_header, read_recording
from voicegate.report.folder import RECORDING
from voicegate.reported_run import Drive, Gate, Interrupted, attempt, drive_into, publish, run_folder
from voicegate.settings import GateSettings, SettingsError

_PLAIN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked: which kinds of isolation, what may be tried, and how many calls must hold."""

    isolations: tuple[str, ...]
    search: Search
    at_least: int = 1


def isolations_of(settings: GateSettings, asked: str | None) -> tuple[str, ...]:
    """Choose the kinds of isolation to try: what was asked for; both, if the agent is told which; or the one it has.

    Raises SettingsError for one that cannot be the name of a folder within the report's.
    """
    agent = settings.agent
    told = any("{isolation}" in text for text in (*agent.command, *agent.env.values()))
    if asked is None and told and not agent.attached:
        return ("process", "thread")
    name = agent.isolation if asked is None else asked
    if not _PLAIN.fullmatch(name):
        raise SettingsError(
            f"isolation {name!r}: its part of the report is kept in a folder of this name, within the report's: expected "
            "letters, digits, '-', '_' and '.', not beginning with '.'. Give another --isolation or [agent] isolation."
        )
    return (name,)


def find_capacity(gate: Gate, settings: GateSettings, plan: Plan, drive: Drive) -> ExitCode:
    """Search with each kind of isolation in a folder of its own; report on them together.

    Ctrl-C ends the search that goes on and all that would follow; what was measured is reported. A first search that cannot
    begin raises its DriveError or RecordingError: the other would not begin either. Raises ReportError when the report cannot be written.
    """
    with run_folder(gate) as folder:
        gate.say(announced(plan))
        results: list[IsolationResult] = []
        started_at = gate.now().isoformat(timespec="seconds")
        for isolation in plan.isolations:
            one, own = folder / isolation, settings.changed(isolation=isolation)
            prefix = f"{isolation}: " if len(plan.isolations) > 1 else ""
            problem = attempt(partial(drive_into, one, replace(gate, prefix=prefix), own, drive))
            if problem is not None and not results and not (one / RECORDING).is_file():
                raise problem
            results.append(_result(one, isolation, problem, plan.search, gate.rules))
            if isinstance(problem, Interrupted):
                break
        capacity = _capacity(gate, settings, plan, started_at, tuple(results))
        gate.say("")
        code = publish(folder, gate, capacity_report(capacity))
        try:
            _remember(folder, gate, capacity, plan.search)
        except MeasuringError as error:
            gate.say(str(error), "red")
            return ExitCode.NOT_MEASURED if code is ExitCode.PASS else code
        return code


def _capacity(
    gate: Gate, settings: GateSettings, plan: Plan, started_at: str, results: tuple[IsolationResult, ...]
) -> Capacity:
    """Put the searches together; one that is missing makes an error of what has not failed."""
    missing = ["error"] if len(results) < len(plan.isolations) else []
    return Capacity(
        verdict=worst([verdict_of(results, plan.at_least), *missing]),
        profile=settings.agent.profile,
        started_at=started_at,
        at_least=plan.at_least,
        most_calls=plan.search.most_calls,
        limit_p50_s=gate.rules.limits.load_turn_p50_s,
        limit_p95_s=gate.rules.limits.load_turn_p95_s,
        results=results,
    )


def _remember(folder: Path, gate: Gate, capacity: Capacity, search: Search) -> None:
    """Append each search that was recorded to the history. Raises HistoryError or RecordingError."""
    for one in capacity.results:
        recording = folder / one.folder / RECORDING
        if gate.past is not None and recording.is_file():
            gate.past.append(entry_of_search(capacity, one, read_header(recording), search))


def announced(plan: Plan) -> str:
    """Say what will be done and about how long it takes."""
    least_s, most_s = (len(plan.isolations) * one for one in plan.search.duration_s())
    kinds = " and ".join(plan.isolations)
    return (
        f"Up to {plan.search.most_calls} calls at once, isolation {kinds}: {_minutes(least_s)} to {_minutes(most_s)} minutes,"
        " as it turns out. Ctrl-C keeps what was measured until then."
    )


def _minutes(length_s: float) -> str:
    return f"{max(1, round(length_s / 60))}"


def _result(
    folder: Path, isolation: str, problem: Exception | None, search: Search, rules: Rules
) -> IsolationResult:
    """Judge what was recorded, however far it came."""
    try:
        recording = read_recording(folder / RECORDING)
    except RecordingError as error:
        return isolation_result(isolation, folder.name, (), finished=False, problem=str(problem or error))
    levels = judged_levels(recording, rules)
    held = {level.calls: level.held for level in levels if level.held is not None}
    unjudged = [f"with {one.calls}: {one.reasons[0]}" for one in levels if one.held is None and one.reasons]
    why = _broken_off(recording) or (unjudged[0] if unjudged else None)
    if problem is not None:
        why = str(problem)
    finished = why is None and bool(levels) and search.following(held) is None
    return isolation_result(isolation, folder.name, levels, finished=finished, problem=why)


def _broken_off(recording: Recording) -> str | None:
    """Say what broke a search off that was recorded to its end, and with how many calls."""
    if recording.end is None or recording.end.outcome != "failed":
        return None
    within = [one for one in spans(recording) if one.name.startswith(LEVEL) and one.end_t is None]
    during = f"with {within[-1].concurrent_calls} calls: " if within else ""
    return f"{during}{recording.end.detail or 'the run failed'}"
